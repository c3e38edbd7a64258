// SPDX-License-Identifier: GPL-3.0-or-later
// Households that signed up for a programme: the list by hamlet, one of them with what happened, what is decided, and the lists that go
// out of the house.
import { useState } from 'preact/hooks';
import { get, may, Page as Rows, post } from '../api';
import { useAction, useData, useList } from '../data';
import { count, day } from '../format';
import { named, t } from '../i18n';
import { Badge, Choice, Notice, Page, Show, ShowList, Sure, Table, Text, Trouble, When } from '../parts';
import { filter, hrefOf, route } from '../route';
import { saveFile } from '../save';
import { Event } from '../shapes';
import { csvOf, xlsxOf } from '../spreadsheet';

interface Signup { id: number; code: string; programme: string; state: string; head: string; hamlet: string; unit: string | null; person: string | null; phone: boolean; received_at: string; visit_due_at: string | null; overdue: boolean; visited_at: string | null; decided_at: string | null; result: string | null; reason: string | null; wants_person: string | null; timeline?: Event[] }

const STATES = ['received', 'confirmed', 'visited', 'eligible', 'not_eligible', 'notified', 'closed', 'withdrawn'];
const NOUNS = ['signup', 'message', 'inbox'], ALL = 200, ROWS_MAX = 20000;

/* ---- lists that leave the house ---- */

type Column = [string, (s: Signup) => string];
const resultOf = (s: Signup) => named('signupstate', s.result);
const forPosting = (): Column[] => [[t('signup.head'), (s) => s.head], [t('signup.hamlet'), (s) => s.hamlet], [t('signup.result'), resultOf]];
const forVisits = (): Column[] => [[t('signup.code'), (s) => s.code], ...forPosting().slice(0, 2), [t('signup.unit'), (s) => s.unit || ''], [t('signup.programme'), (s) => s.programme],
	[t('signup.state'), (s) => named('signupstate', s.state)], [t('signup.received'), (s) => day(s.received_at)], [t('signup.due'), (s) => day(s.visit_due_at)], [t('signup.result'), resultOf], [t('signup.reason'), (s) => s.reason || '']];

async function rowsOf(columns: Column[], posted: boolean): Promise<string[][]> {
	const { state, unit, overdue, asks } = route.value.query, rows = [columns.map(([head]) => head)];
	for (let after: number | null = 0; after !== null && rows.length <= ROWS_MAX;) {
		const page: Rows<Signup> = await get('signup/export', { state, unit, overdue, 'wants-person': asks, public: posted || undefined, limit: ALL, after: after || undefined });
		page.items.forEach((s) => rows.push(columns.map(([, of]) => of(s))));
		after = page.next;
	}
	return rows;
}

function Export() {
	const act = useAction(), [said, setSaid] = useState<string>();
	const save = (posted: boolean, format: string) => act.run(async () => {
		setSaid(undefined);
		const rows = await rowsOf(posted ? forPosting() : forVisits(), posted);
		saveFile(`${posted ? 'niem-yet' : 'dang-ky'}.${format}`, format === 'csv' ? csvOf(rows) : xlsxOf(t('nav.signups'), rows));
		setSaid(t('export.saved', { n: count(rows.length - 1) }));
	});
	return <details class="card"><summary>{t('signup.export')}</summary>
		{[false, true].map((posted) => <><p>{posted ? t('signup.export.public') : t('signup.export.staff')}</p><div class="actions">{['xlsx', 'csv'].map((f) =>
			<button type="button" key={f} disabled={act.busy} onClick={() => save(posted, f)}>{t('report.save', { format: f.toUpperCase() })}</button>)}</div></>)}
		<Trouble problem={act.problem} /><Notice text={said} /></details>;
}

/* ---- one ---- */

/** A form that is one act on this household. */
function Act({ of, verb, label, fields, args, done, ask }: { of: Signup; verb: string; label: string; fields: (p: ReturnType<typeof useAction>['problem']) => preact.ComponentChildren; args: object; done: () => void; ask?: string }) {
	const act = useAction(), known = Object.keys(args), go = () => act.run(async () => {
		await post(`signup/${of.id}/${verb}`, { ...args });
		done();
	});
	return <details class={`act-${verb}`}><summary>{label}</summary><form onSubmit={(e) => { e.preventDefault(); if (!ask) go(); }}>{fields(act.problem)}
		{act.problem && known.indexOf(act.problem.field) < 0 && <Trouble problem={act.problem} />}
		{ask ? <Sure label={label} question={ask} act={go} busy={act.busy} /> : <button type="submit" class="main" disabled={act.busy}>{act.busy ? t('working') : label}</button>}</form></details>;
}

function Acts({ of, done }: { of: Signup; done: () => void }) {
	const [note, setNote] = useState(''), [result, setResult] = useState('eligible'), [reason, setReason] = useState(''), [head, setHead] = useState(of.head), [hamlet, setHamlet] = useState(of.hamlet);
	const over = of.state === 'closed' || of.state === 'withdrawn', open = ['received', 'confirmed', 'visited'].indexOf(of.state) >= 0;
	const noted = (p: Parameters<typeof Text>[0]['problem']) => <Text label={t('signup.note')} name="note" value={note} set={setNote} rows={2} problem={p} />;
	return <>
		{open && of.state !== 'visited' && <Act of={of} verb="visit" label={t('signup.visit')} args={{ note }} done={done} fields={noted} />}
		{of.state !== 'withdrawn' && <Act of={of} verb="decide" label={t('signup.decide')} ask={t('signup.decide.sure')} args={{ result, reason }} done={done} fields={(p) => <>
			<Choice label={t('signup.result')} name="result" value={result} set={setResult} options={['eligible', 'not_eligible'].map((r) => [r, named('signupstate', r)] as [string, string])} problem={p} />
			<Text label={t('signup.reason')} name="reason" value={reason} set={setReason} rows={2} hint={t('signup.reason.hint')} problem={p} /></>} />}
		{open && <Act of={of} verb="set" label={t('signup.set')} args={{ head, hamlet }} done={done} fields={(p) => <>
			<Text label={t('signup.head')} name="head" value={head} set={setHead} problem={p} /><Text label={t('signup.hamlet')} name="hamlet" value={hamlet} set={setHamlet} problem={p} /></>} />}
		{open && <Act of={of} verb="withdraw" label={t('signup.withdraw')} args={{ reason }} done={done} fields={(p) => <Text label={t('signup.reason')} name="reason" value={reason} set={setReason} problem={p} required />} />}
		{!over && <Act of={of} verb="close" label={t('signup.close')} args={{ note }} done={done} fields={noted} />}</>;
}

function One({ id }: { id: string }) {
	const one = useData<Signup>(`signup/${encodeURIComponent(id)}`, {}, NOUNS);
	return <><p><a href={hrefOf('signups', route.value.query)}>← {t('nav.signups')}</a></p><Show of={one}>{(s) => <div class="board"><section class="card"><h2>{s.head || '–'} · {s.hamlet || '–'} <Badge kind="signupstate" code={s.state} /></h2>
		<dl class="facts"><dt>{t('signup.code')}</dt><dd>{s.code}</dd><dt>{t('signup.programme')}</dt><dd>{s.programme}</dd><dt>{t('signup.unit')}</dt><dd>{s.unit || '–'}</dd>
			<dt>{t('signup.person')}</dt><dd>{s.person || t('signup.nophone')}</dd><dt>{t('signup.received')}</dt><dd><When at={s.received_at} /></dd>
			<dt>{t('signup.due')}</dt><dd><When at={s.visit_due_at} /> {s.overdue && <span class="badge bad">{t('signup.overdue')}</span>}</dd>
			{s.result && <><dt>{t('signup.result')}</dt><dd>{resultOf(s)}{s.reason && `: ${s.reason}`}</dd></>}
			{s.wants_person && <><dt>{t('signup.wants')}</dt><dd lang="en">{s.wants_person}</dd></>}</dl>
		{may('signup.decide') && <Acts key={s.state} of={s} done={one.reload} />}</section>
		<section class="card"><h2>{t('signup.timeline')}</h2><ol class="rows">{(s.timeline || []).map((e) => <li><b>{named('signupevent', e.what)}</b> <small><When at={e.at} /> · {e.who.replace(/^user:/, '')}</small>{e.text && <p class="sms">{e.text}</p>}</li>)}</ol></section></div>}</Show></>;
}

/* ---- all ---- */

const EMPTY = { programme: 'nha-tam', head: '', hamlet: '', unit: '', number: '', note: '' };

function Add({ done }: { done: () => void }) {
	const [d, setD] = useState(EMPTY), act = useAction(), [said, setSaid] = useState<string>(), p = act.problem, set = (part: Partial<typeof EMPTY>) => setD({ ...d, ...part });
	const submit = (e: Event_) => {
		e.preventDefault();
		act.run(async () => {
			const made = await post<Signup>('signup', d);
			setSaid(t('signup.added', { code: made.code }));
			setD({ ...EMPTY, programme: d.programme });
			done();
		});
	};
	return <details class="card"><summary>{t('signup.new')}</summary><form class="composer" onSubmit={submit}>
		<div class="pair"><Text label={t('signup.head')} name="head" value={d.head} set={(head) => set({ head })} problem={p} required /><Text label={t('signup.hamlet')} name="hamlet" value={d.hamlet} set={(hamlet) => set({ hamlet })} problem={p} required /></div>
		<div class="pair"><Text label={t('signup.programme')} name="programme" value={d.programme} set={(programme) => set({ programme })} hint={t('signup.programme.hint')} problem={p} required /><Text label={t('signup.unit')} name="unit" value={d.unit} set={(unit) => set({ unit })} problem={p} /></div>
		<Text label={t('signup.number')} name="number" type="tel" value={d.number} set={(number) => set({ number })} hint={t('signup.number.hint')} problem={p} />
		<Text label={t('signup.note')} name="note" value={d.note} set={(note) => set({ note })} problem={p} />
		{p && Object.keys(EMPTY).indexOf(p.field) < 0 && <Trouble problem={p} />}
		<button type="submit" class="main" disabled={act.busy}>{act.busy ? t('working') : t('signup.add')}</button><Notice text={said} /></form></details>;
}

type Event_ = globalThis.Event;
const byHamlet = (a: Signup, b: Signup) => (a.hamlet || '').localeCompare(b.hamlet || '', 'vi') || (a.head || '').localeCompare(b.head || '', 'vi');

function All() {
	const { query } = route.value, list = useList<Signup>('signup', { limit: ALL, state: query.state, unit: query.unit, overdue: query.overdue, 'wants-person': query.asks }, NOUNS);
	const tick = (name: string, label: string) => <label class="tick"><input type="checkbox" checked={query[name] === 'true'} onChange={(e) => filter({ [name]: e.currentTarget.checked ? 'true' : undefined })} /> {label}</label>;
	return <>{may('signup.new') && <Add done={list.reload} />}
		<div class="filters" role="search" aria-label={t('filters')}><Choice label={t('signup.state')} name="state" value={query.state || ''} set={(state) => filter({ state })} options={[['', t('any')] as [string, string]].concat(STATES.map((s) => [s, named('signupstate', s)] as [string, string]))} />
			<Text label={t('signup.unit')} name="unit" value={query.unit || ''} set={(unit) => filter({ unit })} />{tick('overdue', t('signup.overdue'))}{tick('asks', t('signup.wants'))}</div>
		<ShowList of={list} empty={t('signup.none')}>{(items) => <Table label={t('nav.signups')} rows={items.slice().sort(byHamlet)} keyOf={(s) => s.id} heads={[t('signup.hamlet'), t('signup.head'), t('signup.state'), t('signup.due'), t('signup.code')]}
			cells={(s) => [s.hamlet || '–', <a href={hrefOf(`signups/${s.id}`, query)}>{s.head || '–'}</a>, <><Badge kind="signupstate" code={s.state} />{s.wants_person && <span class="badge warn">{t('signup.wants')}</span>}</>,
				<>{day(s.visit_due_at)} {s.overdue && <span class="badge bad">{t('signup.overdue')}</span>}</>, s.code]} />}</ShowList>
		{may('signup.export') && <Export />}</>;
}

export function Signups() {
	const id = route.value.path[1];
	return <Page title={t('nav.signups')}>{id ? <One key={id} id={id} /> : <All />}</Page>;
}
