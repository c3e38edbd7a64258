// SPDX-License-Identifier: GPL-3.0-or-later
// The cases that the filters name, as a file for other offices: no names, no numbers, nothing restricted; the gateway leaves those out.
import { useState } from 'preact/hooks';
import { get, Page } from '../api';
import { useAction } from '../data';
import { count, day } from '../format';
import { named, t } from '../i18n';
import { Notice, Trouble } from '../parts';
import { route } from '../route';
import { saveFile } from '../save';
import { csvOf, xlsxOf } from '../spreadsheet';
import { Key } from '../words/vi';

interface Row { code: string; topic: string | null; kind: string; urgency: string; unit: string | null; state: string; level: string; received_at: string; due_at: string | null; overdue: boolean; text: string; answer: string }

const PAGE = 200, ROWS_MAX = 20000;
const COLUMNS: [Key, (r: Row) => string][] = [
	['export.code', (r) => r.code], ['topic', (r) => named('topic', r.topic)], ['case.kind', (r) => named('casekind', r.kind)], ['case.urgency', (r) => named('urgency', r.urgency)],
	['user.unit', (r) => r.unit || ''], ['case.state', (r) => named('casestate', r.state)], ['case.level', (r) => named('level', r.level)], ['case.received', (r) => day(r.received_at)],
	['case.due', (r) => day(r.due_at)], ['export.overdue', (r) => (r.overdue ? t('yes') : t('no'))], ['export.text', (r) => r.text], ['export.answer', (r) => r.answer],
];

async function rowsOf(): Promise<string[][]> {
	const { state, topic, overdue, raised, assigned, q } = route.value.query, rows = [COLUMNS.map(([head]) => t(head))];
	for (let after: number | null = 0; after !== null && rows.length <= ROWS_MAX;) {
		const page: Page<Row> = await get('case/export', { state, topic, overdue, raised, assigned, search: q, limit: PAGE, after: after || undefined });
		page.items.forEach((r) => rows.push(COLUMNS.map(([, of]) => of(r))));
		after = page.next;
	}
	return rows;
}

export function ExportCases() {
	const act = useAction(), [said, setSaid] = useState<string>();
	const save = (format: string) => act.run(async () => {
		setSaid(undefined);
		const rows = await rowsOf();
		saveFile(`cases.${format}`, format === 'csv' ? csvOf(rows) : xlsxOf(t('nav.cases'), rows));
		setSaid(t('export.saved', { n: count(rows.length - 1) }));
	});
	return <section class="card"><p>{t('export.what')}</p>
		<div class="actions">{['xlsx', 'csv'].map((f) => <button type="button" key={f} disabled={act.busy} onClick={() => save(f)}>{t('report.save', { format: f.toUpperCase() })}</button>)}</div>
		<Trouble problem={act.problem} /><Notice text={said} /></section>;
}
