// SPDX-License-Identifier: GPL-3.0-or-later
// Programme figures of the annual report that is made next, beside last year's and their targets.
import { useState } from 'preact/hooks';
import { Args, may, post } from '../api';
import { useAction, useList } from '../data';
import { lang, t } from '../i18n';
import { Choice, Notice, ShowList, Sure, Table, Text, Trouble } from '../parts';

interface Indicator { code: string; title: string; measure: string; by: number; direction: string; last: number | null; value: number | null; target: number; source: string }

const shown = (n: number | null) => (n === null ? '–' : lang === 'en' ? String(n) : String(n).replace('.', ','));
const titleOf = (i: Indicator) => `${i.title} (${i.measure})`;
const cells = (i: Indicator) => [titleOf(i), shown(i.last), shown(i.value), `${i.direction === 'at_least' ? '≥' : '≤'} ${shown(i.target)} (${i.by})`, i.source];

function Write({ items, unit, done }: { items: Indicator[]; unit: string; done: () => void }) {
	const [code, setCode] = useState(items[0].code), [value, setValue] = useState(''), [source, setSource] = useState(''), [said, setSaid] = useState<string>(), act = useAction(), p = act.problem;
	const send = (args: Args) => act.run(async () => {
		setSaid(undefined);
		await post(`indicator/${code}/set`, { unit, ...args });
		setValue('');
		setSaid(t('indicators.saved'));
		done();
	});
	return <form class="composer" onSubmit={(e) => { e.preventDefault(); send({ value, source }); }}>
		<Choice label={t('indicators.pick')} name="code" value={code} set={setCode} options={items.map((i) => [i.code, titleOf(i)])} problem={p} />
		<div class="pair"><Text label={t('indicators.value')} name="value" value={value} set={setValue} problem={p} required /><Text label={t('facts.source')} name="source" value={source} set={setSource} problem={p} /></div>
		<Trouble problem={p && p.field !== 'value' ? p : undefined} /><Notice text={said} />
		<div class="actions"><button type="submit" class="main" disabled={act.busy}>{t('account.save')}</button>
			<Sure label={t('indicators.drop')} question={`${t('indicators.drop')}?`} busy={act.busy} act={() => send({ drop: true })} /></div>
	</form>;
}

function Figures({ unit }: { unit: string }) {
	const list = useList<Indicator>('indicator', { unit }, []);
	return <ShowList of={list} empty={t('report.nothing')}>{(items) => <>
		{may('indicator.set') && <Write items={items} unit={unit} done={list.reload} />}
		<Table label={t('indicators')} rows={items} keyOf={(i) => i.code} heads={[t('indicators.pick'), t('indicators.last'), t('indicators.value'), t('indicators.goal'), t('facts.source')]} cells={cells} /></>}</ShowList>;
}

/** Asked for when it is opened. */
export function Indicators({ unit }: { unit: string }) {
	const [open, setOpen] = useState(false);
	return <details class="card indicators" onToggle={(e) => setOpen(e.currentTarget.open)}><summary>{t('indicators')}</summary>{open && <Figures unit={unit} />}</details>;
}
