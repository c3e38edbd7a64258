// SPDX-License-Identifier: GPL-3.0-or-later
// Reports: a kind, a unit, a period; the figures to look at and to print, and the same as a file. Whole tables come from the gateway.
import { useState } from 'preact/hooks';
import { may, me } from '../api';
import { Bars } from '../bars';
import { useAction } from '../data';
import { count, day, moment } from '../format';
import { lang, named, t } from '../i18n';
import { Choice, Notice, Page, Text, Trouble } from '../parts';
import { Handover } from './handover';
import { Indicators } from './indicators';
import { Cell, Column, readReport, Report, saveReport, Sheet } from '../report';

const KINDS = ['monthly', 'annual', 'session', 'honesty'];
const FORMATS = ['xlsx', 'csv', 'html'];

function number(value: number): string {
	const whole = Math.trunc(value), rest = Math.round(Math.abs(value - whole) * 10);
	return rest ? `${count(whole)}${lang === 'en' ? '.' : ','}${rest}` : count(whole);
}

function shown(cell: Cell, column: Column): string {
	if (cell === null) return '';
	if (typeof cell === 'number') return number(cell);
	return column.type === 'date' ? day(`${cell}T00:00`) || cell : column.type === 'moment' ? moment(cell) || cell : cell;
}

const right = (c: Column) => (c.type === 'int' || c.type === 'number' || c.type === 'percent' || c.type === 'real' ? 'n' : undefined);

/** Words of this language where there are some, else the report's own. */
function heading(kind: string, code: string, own: string): string {
	const words = named(kind, code);
	return words === code ? own : words;
}

function SheetTable({ sheet }: { sheet: Sheet }) {
	const title = heading('report.sheet', sheet.id, sheet.title);
	return <section><h3>{title}</h3>
		{sheet.rows.length ? <div class="wide" tabIndex={0} role="region" aria-label={title}><table class="sheet" data-sheet={sheet.id}>
			<thead><tr>{sheet.columns.map((c) => <th scope="col" class={right(c)} key={c.key}>{heading('report.column', c.key, c.title)}</th>)}</tr></thead>
			<tbody>{sheet.rows.map((row, i) => <tr key={i}>{sheet.columns.map((c, k) => <td class={right(c)} key={c.key}>{shown(row[k], c)}</td>)}</tr>)}</tbody>
			{sheet.total && <tfoot><tr>{sheet.columns.map((c, k) => <td class={right(c)} key={c.key}>{k === 0 ? t('report.sum') : shown(sheet.total![k], c)}</td>)}</tr></tfoot>}
		</table></div> : <p>{t('report.nothing')}</p>}
		{sheet.notes.map((n) => <p class="hint" lang="vi" key={n}>{n}</p>)}
	</section>;
}

/** What people spoke of most, from the table of topics. */
function Topics({ sheets }: { sheets: Sheet[] }) {
	const sheet = sheets.filter((s) => s.id === 'T1')[0];
	if (!sheet || !sheet.rows.length) return null;
	const bars = sheet.rows.map((row) => ({ label: String(row[1]), value: Number(row[2]) || 0 })).sort((a, b) => b.value - a.value).slice(0, 12);
	return <Bars bars={bars} label={t('report.chart')} />;
}

function Figures({ report }: { report: Report }) {
	const b = report.balance, sheets = report.sections.reduce<Sheet[]>((all, s) => all.concat(s.sheets), []);
	const facts: [string, number][] = [[t('report.opening'), b.opening], [t('report.new'), b.new], [t('report.closed'), b.closed], [t('report.carried'), b.carried_over]];
	return <article class="report"><h2>{heading('report.kind', report.kind, report.title)}</h2>
		<p>{report.unit_name}: {day(`${report.from}T00:00`)} – {day(`${report.to}T00:00`)}</p>
		<dl class="figures">{facts.map(([words, n]) => <div key={words}><dt>{words}</dt><dd>{count(n)}</dd></div>)}</dl>
		<Topics sheets={sheets} />
		{sheets.map((s) => <SheetTable sheet={s} key={s.id} />)}
	</article>;
}

export function Reports() {
	const [kind, setKind] = useState('monthly'), [unit, setUnit] = useState(me.value ? me.value.unit : ''), [from, setFrom] = useState(''), [to, setTo] = useState('');
	const [report, setReport] = useState<Report>(), [said, setSaid] = useState<string>();
	const act = useAction(), args = { unit, from, to };
	const show = () => act.run(async () => { setSaid(undefined); setReport(await readReport(kind, args)); });
	const save = (format: string) => act.run(async () => { setSaid(undefined); await saveReport(kind, args, format); setSaid(t('report.saved')); });
	return <Page title={t('nav.reports')} actions={report && <button type="button" onClick={() => print()}>{t('report.print')}</button>}>
		<form class="filters card" onSubmit={(e) => { e.preventDefault(); show(); }}>
			<Choice label={t('report.what')} name="kind" value={kind} set={setKind} options={KINDS.map((k) => [k, named('report.kind', k)])} />
			<Text label={t('report.unit')} name="unit" value={unit} set={setUnit} problem={act.problem} hint={t('report.unit.hint')} />
			<Text label={t('report.from')} name="from" type="date" value={from} set={setFrom} problem={act.problem} hint={t('report.period.hint')} />
			<Text label={t('report.to')} name="to" type="date" value={to} set={setTo} problem={act.problem} />
			<div class="actions"><button type="submit" class="main" disabled={act.busy}>{act.busy ? t('working') : t('report.show')}</button>
				{FORMATS.map((f) => <button type="button" key={f} disabled={act.busy} onClick={() => save(f)}>{t('report.save', { format: f.toUpperCase() })}</button>)}</div>
		</form>
		<Trouble problem={act.problem} /><Notice text={said} />
		{report && <Figures report={report} />}
		{may('indicator.list') && <Indicators unit={unit} />}{may('case.handover') && <Handover />}
	</Page>;
}
