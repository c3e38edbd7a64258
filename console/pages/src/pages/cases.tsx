// SPDX-License-Identifier: GPL-3.0-or-later
// Cases: the list, one conversation beside it, and what there is to know about it. Filters stand in the address; j, k, r, a, e and ? work.
import { useEffect, useState } from 'preact/hooks';
import { casesWanted } from '../address';
import { may, me } from '../api';
import { useData, useList } from '../data';
import { named, t } from '../i18n';
import { neighbour, useKeys } from '../keys';
import { later } from '../later';
import { Badge, Choice, Page, Show, ShowList, Text, When } from '../parts';
import { filter, go, hrefOf, route } from '../route';
import { CaseRow, Event } from '../shapes';
import { TopicChoice } from '../topic';
import { Bulk } from './bulk';
import { Handling } from './handling';
import { WriteDown } from './writedown';
import { Reply } from './reply';

const STATES = ['received', 'triaged', 'need_info', 'verifying', 'forwarded', 'awaiting', 'escalated', 'answered', 'notified', 'closed', 'reopened'];

const TYPING_MS = 400;

function Filters() {
	const q = route.value.query, [words, setWords] = useState(q.q || '');
	useEffect(() => { /* not at every letter: the gateway searches */
		const timer = setTimeout(() => { if (words !== (route.value.query.q || '')) filter({ q: words }); }, TYPING_MS);
		return () => clearTimeout(timer);
	}, [words]);
	const options: [string, string][] = [['', t('any')] as [string, string]].concat(STATES.map((s) => [s, named('casestate', s)] as [string, string]));
	return <div class={route.value.path[1] ? 'filters aside' : 'filters'} role="search" aria-label={t('filters')}>
		<Choice label={t('case.state')} name="state" value={q.state || ''} set={(state) => filter({ state })} options={options} />
		<TopicChoice label={t('topic')} name="topic" value={q.topic || ''} set={(topic) => filter({ topic })} none={t('any')} />
		<Text label={t('search')} name="q" type="search" value={words} set={setWords} />
		{(['assigned', 'raised'] as const).map((name) => <label class="tick"><input type="checkbox" checked={!!q[name]} onChange={(e) => filter({ [name]: e.currentTarget.checked ? (name === 'raised' ? 'true' : me.value!.user) : undefined })} /> {t(name === 'raised' ? 'case.raised' : 'case.assigned.me')}</label>)}
		<label class="tick"><input type="checkbox" checked={q.overdue === 'true'} onChange={(e) => filter({ overdue: e.currentTarget.checked ? 'true' : undefined })} /> {t('case.overdue')}</label>
	</div>;
}

const ExportCases = later('ExportCases');

/** Fetched when somebody wants it. */
function Export() {
	const [open, setOpen] = useState(false);
	return <details class="export" onToggle={(e) => setOpen(e.currentTarget.open)}><summary>{t('export')}</summary>{open && <ExportCases />}</details>;
}

const SOON_MS = 2 * 86400000;

/** How the case stands with its clocks: past a day, close to one, or neither. */
function Clock({ c }: { c: CaseRow }) {
	if (c.state === 'closed') return null;
	if (c.due_at && c.overdue && Date.parse(c.due_at) < Date.now()) return <span class="badge bad">{t('case.late')}</span>;
	if (c.overdue) return <span class="badge bad">{t('case.step.late')}</span>;
	const next = [c.due_at, c.step_due_at].filter(Boolean).map((at) => Date.parse(at!)).sort((x, y) => x - y)[0];
	return next && next - Date.now() < SOON_MS ? <span class="badge warn">{t('case.soon')}</span> : null;
}

function Row({ c, open, picked, pick }: { c: CaseRow; open: boolean; picked: boolean; pick?: () => void }) {
	return <li class={`${open ? 'here' : ''} ${pick ? 'pickable' : ''}`}>{pick && <input type="checkbox" aria-label={t('case.pick.one', { code: c.code })} checked={picked} onChange={pick} />}
		<a href={hrefOf(`cases/${c.id}`, route.value.query)} aria-current={open ? 'true' : undefined}>
			<span class="first"><b>{c.code}</b> <Badge kind="casestate" code={c.state} /><Clock c={c} />
				{c.urgency !== 'normal' && <Badge kind="urgency" code={c.urgency} />}{c.restricted && <span class="badge bad">{t('case.restricted')}</span>}{c.level === 'province' && <span class="badge warn">{t('level.province')}</span>}</span>
			<span class="line">{c.text}</span>
			<small>{c.topic ? named('topic', c.topic) : t('case.notopic')} · <When at={c.received_at} />{c.assigned && ` · ${c.assigned}`}</small>
		</a></li>;
}

function said(e: Event): 'villager' | 'staff' | 'system' {
	return e.who === 'person' ? 'villager' : e.who.indexOf('user:') === 0 && e.text ? 'staff' : 'system';
}

export function whoOf(who: string): string {
	return who === 'person' ? t('who.person') : who === 'system' || !who ? t('who.system') : who.replace(/^user:/, '').replace(/^uid:.*/, t('who.operator'));
}

/** Words of people as they are; codes of the gateway ("closed: duplicate") in words. */
function wordsOf(e: Event): string {
	const kind = ({ told: 'event', moved: 'casestate', closed: 'reason.close', verified: 'result' } as Record<string, string>)[e.what];
	return kind && e.text ? e.text.split('; ').map((part) => named(kind, part)).join('; ') : e.text || '';
}

function Conversation({ c }: { c: CaseRow }) {
	return <ol class="talk" aria-label={t('case.talk')}>{c.timeline.map((e) => <li class={said(e)}>
		<p class="meta"><b>{whoOf(e.who)}</b> · {named('event', e.what)} · <When at={e.at} /></p>{e.text && <p class="sms">{wordsOf(e)}</p>}</li>)}</ol>;
}

function Facts({ c }: { c: CaseRow }) {
	return <dl class="facts">
		<dt>{t('case.state')}</dt><dd><Badge kind="casestate" code={c.state} /></dd>
		<dt>{t('case.due')}</dt><dd><When at={c.due_at} /> <Clock c={c} /></dd>
		{c.step_due_at && <><dt>{t('case.step')}</dt><dd><When at={c.step_due_at} /></dd></>}
		<dt>{t('case.assigned')}</dt><dd>{c.assigned || '–'}</dd>
		<dt>{t('case.level')}</dt><dd>{named('level', c.level)}</dd>
		{c.referred && <><dt>{t('case.referred')}</dt><dd>{c.referred}</dd></>}
		{c.accused && <><dt>{t('case.accused')}</dt><dd>{c.accused}</dd></>}
		{c.merged_into && <><dt>{t('case.merged')}</dt><dd><a href={hrefOf(`cases/${c.merged_into}`)}>{c.merged_into}</a></dd></>}
		{(c.handed_over_at || c.portal_reference) && <><dt>{t('case.portal')}</dt><dd>{c.portal_reference} <When at={c.handed_over_at} /></dd></>}
		{c.promised_at && <><dt>{t('case.promised')}</dt><dd><When at={c.promised_at} /></dd></>}
		<dt>{t('topic')}</dt><dd>{c.topics.map((code) => named('topic', code)).join(', ') || '–'}</dd>
		<dt>{t('case.kind')}</dt><dd>{named('casekind', c.kind)}</dd>
		<dt>{t('case.urgency')}</dt><dd>{named('urgency', c.urgency)}</dd>
		<dt>{t('person')}</dt><dd>{c.person || '–'}</dd>
		<dt>{t('user.unit')}</dt><dd>{c.unit || '–'}</dd>
		<dt>{t('case.received')}</dt><dd><When at={c.received_at} /></dd>
	</dl>;
}

function One({ id, wanted, act }: { id: string; wanted: number; act: string }) {
	const one = useData<CaseRow>(`case/${encodeURIComponent(id)}`, {}, ['case']);
	const [bare, setBare] = useState<CaseRow>(); /* with its numbers, while it stays open */
	return <Show of={one}>{(c) => <div class="one">
		<section class="middle" aria-label={c.code}>
			<p class="back"><a href={hrefOf('cases', route.value.query)}>← {t('back')}</a></p>
			<h2>{c.code}</h2>
			<Conversation c={bare || c} />
			{may('case.reply') && (c.may || []).indexOf('reply') >= 0 && <Reply key={c.id} of={c} sent={one.reload} wanted={wanted} />}
		</section>
		<aside class="side" aria-label={t('case.about')}><h3>{t('case.about')}</h3><Facts c={c} /><Handling key={c.id} of={c} done={() => { setBare(undefined); one.reload(); }} wanted={act} shown={setBare} /></aside>
	</div>}</Show>;
}

function Help({ close }: { close: () => void }) {
	return <section class="card keys" aria-label={t('keys')}><h2>{t('keys')}</h2>
		<dl class="facts"><dt><kbd>j</kbd></dt><dd>{t('keys.next')}</dd><dt><kbd>k</kbd></dt><dd>{t('keys.before')}</dd><dt><kbd>r</kbd></dt><dd>{t('keys.reply')}</dd><dt><kbd>a</kbd></dt><dd>{t('keys.assign')}</dd><dt><kbd>e</kbd></dt><dd>{t('handle.close')}</dd><dt><kbd>?</kbd></dt><dd>{t('keys.help')}</dd></dl>
		<button type="button" onClick={close}>{t('close')}</button></section>;
}

export function Cases() {
	const { path, query } = route.value, id = path[1];
	const [help, setHelp] = useState(false), [wanted, setWanted] = useState(0), [act, setAct] = useState(''), [picked, setPicked] = useState<number[]>([]);
	const list = useList<CaseRow>('case', casesWanted(query), ['case']), items = list.items;
	const step = (by: 1 | -1) => {
		const next = neighbour(items, Number(id), by);
		if (next) go(`cases/${next.id}`, query);
	};
	const open = (name: string) => () => setAct(act === name ? '' : name);
	useEffect(() => { setWanted(0); setAct(''); }, [id]);
	useKeys({ j: () => step(1), k: () => step(-1), r: () => setWanted(wanted + 1), a: open('assign'), e: open('close'), '?': () => setHelp(!help), Escape: () => setHelp(false) });
	const toggle = (one: number) => setPicked(picked.indexOf(one) < 0 ? picked.concat(one) : picked.filter((p) => p !== one));
	const actions = <>{may('case.new') && <a class="button" href="#/cases/new">{t('case.new')}</a>}
		<button type="button" onClick={() => setHelp(!help)} aria-expanded={help}>{t('keys')}</button></>;
	if (id === 'new') return <WriteDown />;
	return <Page title={t('nav.cases')} actions={actions}>
		{help && <Help close={() => setHelp(false)} />}
		<Filters />
		{!id && may('case.export') && <Export />}
		{picked.length > 0 && <Bulk ids={picked} done={(left) => { setPicked(left); list.reload(); }} />}
		<div class={id ? 'split open' : 'split'}>
			<section class="list" aria-label={t('nav.cases')}><ShowList of={list} empty={t('case.none')}>{() =>
				items.length ? <ul class="rows">{items.map((c) => <Row key={c.id} c={c} open={String(c.id) === id} picked={picked.indexOf(c.id) >= 0} pick={may('case.bulk') ? () => toggle(c.id) : undefined} />)}</ul> : <p class="empty">{t('search.none')}</p>}</ShowList></section>
			{id ? <One key={id} id={id} wanted={wanted} act={act} /> : <p class="empty pick">{t('case.pick')}</p>}
		</div>
	</Page>;
}
