// SPDX-License-Identifier: GPL-3.0-or-later
// A file of cases for the Front's national site, and their references read back out of it. A workbook is made plain here: the gateway reads
// CSV and JSON.
import { useState } from 'preact/hooks';
import { me, may, post } from '../api';
import { useAction } from '../data';
import { count } from '../format';
import { t } from '../i18n';
import { Choice, Field, Notice, Text, Trouble } from '../parts';
import { saveHandover } from '../report';
import { csvOf } from '../spreadsheet';
import { TopicChoice } from '../topic';
import { sheetRows } from '../workbook';

const FORMATS = ['json', 'xlsx'], ROWS_MAX = 2000, EMPTY = { unit: '', from: '', to: '', topic: '', again: '' };

function Make() {
	const [d, set] = useState({ ...EMPTY, unit: me.value ? me.value.unit : '' }), [said, setSaid] = useState<string>(), act = useAction(), p = act.problem;
	const change = (part: Partial<typeof EMPTY>) => set({ ...d, ...part });
	const make = (format: string) => act.run(async () => {
		setSaid(undefined);
		const told = await saveHandover({ ...d, again: d.again === 'yes' }, format);
		setSaid(t('handover.made', { n: count(told.cases) + (told.more ? '+' : ''), again: count(told.again) }));
	});
	return <form class="filters" onSubmit={(e) => { e.preventDefault(); make('json'); }}>
		<Text label={t('report.unit')} name="unit" value={d.unit} set={(unit) => change({ unit })} problem={p} hint={t('report.unit.hint')} />
		<Text label={t('report.from')} name="from" type="date" value={d.from} set={(from) => change({ from })} problem={p} hint={t('handover.period.hint')} />
		<Text label={t('report.to')} name="to" type="date" value={d.to} set={(to) => change({ to })} problem={p} />
		<TopicChoice label={t('topic')} name="topic" value={d.topic} set={(topic) => change({ topic })} problem={p} none={t('any')} />
		<Choice label={t('handover.again')} name="again" value={d.again} set={(again) => change({ again })} options={[['', t('handover.again.no')], ['yes', t('handover.again.yes')]]} />
		<div class="actions">{FORMATS.map((f) => <button type={f === 'json' ? 'submit' : 'button'} key={f} disabled={act.busy} onClick={f === 'json' ? undefined : () => make(f)}>{t('handover.make', { format: f.toUpperCase() })}</button>)}</div>
		<Trouble problem={p} /><Notice text={said} />
	</form>;
}

const bytesOf = (file: File) => new Promise<ArrayBuffer>((done, fail) => {
	const reader = new FileReader();
	reader.onload = () => done(reader.result as ArrayBuffer);
	reader.onerror = fail;
	reader.readAsArrayBuffer(file);
});

/** What the gateway reads: the sheet of cases, which is the second, as CSV. */
async function plainOf(file: File): Promise<string> {
	if (!/\.xlsx$/i.test(file.name)) return new Response(file).text();
	const rows = sheetRows(await bytesOf(file), ROWS_MAX, 2), width = rows.length ? rows[0].length : 0;
	return new Response(csvOf(rows.map((row) => Array.from({ length: width }, (_, i) => row[i] || '')))).text();
}

function Back() {
	const [file, setFile] = useState<File>(), [said, setSaid] = useState<string>(), act = useAction();
	const read = (e: Event) => {
		e.preventDefault();
		act.run(async () => {
			setSaid(undefined);
			const told = await post<{ rows: number; updated: number }>('case/references', { file: await plainOf(file!) });
			setSaid(t('handover.said', { n: count(told.rows), updated: count(told.updated) }));
		});
	};
	return <form onSubmit={read}><Field label={t('handover.back')} name="file" problem={act.problem}>{(props) =>
			<input {...props} type="file" accept=".xlsx,.csv,.txt,.json" required onChange={(e) => setFile(e.currentTarget.files ? e.currentTarget.files[0] : undefined)} />}</Field>
		{act.problem && act.problem.field !== 'file' && <Trouble problem={act.problem} />}
		<button type="submit" disabled={act.busy || !file}>{t('import.go')}</button><Notice text={said} />
	</form>;
}

export function Handover() {
	return <details class="card handover"><summary>{t('handover')}</summary><p>{t('handover.what')}</p><Make />{may('case.references') && <Back />}</details>;
}
