// SPDX-License-Identifier: GPL-3.0-or-later
// People and their lists; what somebody agreed to, and stopping messages to them.
import { useState } from 'preact/hooks';
import { may, post } from '../api';
import { useAction, useData, useList } from '../data';
import { count } from '../format';
import { named, t } from '../i18n';
import { Choice, Field, Notice, Page, Show, ShowList, Sure, Table, Text, Trouble, When } from '../parts';
import { filter, hrefOf, route } from '../route';
import { Contact, Group } from '../shapes';

function scopeOf(scope: string): string {
	return scope.indexOf('topic:') === 0 ? t('scope.topic', { topic: named('topic', scope.slice(6)) }) : named('scope', scope);
}

interface ConsentShape { person: string; basis: string | string[]; scopes: { scope: string; state: string; at: string; channel: string | null; text: string | null }[] }

function Consent({ number, done }: { number: string; done: () => void }) {
	const consent = useData<ConsentShape>(`consent/${encodeURIComponent(number)}/show`, {}, ['consent', 'contact']), act = useAction();
	const [proof, setProof] = useState(''), [said, setSaid] = useState<string>();
	const change = (verb: string) => act.run(async () => {
		await post(`consent/${encodeURIComponent(number)}/${verb}`, { scope: 'campaign', proof });
		setSaid(t('consent.changed'));
		consent.reload();
		done();
	});
	return <section class="card"><h2>{t('consent')}</h2>
		<Show of={consent} empty={(c) => !c.scopes.length && t('consent.none')}>{(c) => <Table label={t('consent')} rows={c.scopes} keyOf={(s) => s.scope + s.at}
			heads={[t('consent.scope'), t('case.state'), t('consent.at'), t('consent.proof')]} cells={(s) => [scopeOf(s.scope), named('consentstate', s.state), <When at={s.at} />, s.text || '–']} />}</Show>
		<Text label={t('consent.proof')} name="proof" value={proof} set={setProof} hint={t('consent.proof.hint')} problem={act.problem} />
		<div class="actions">
			{may('consent.opt-out') && <Sure label={t('consent.out')} question={t('consent.out.sure')} act={() => change('opt-out')} busy={act.busy} danger />}
			{may('consent.opt-in') && <Sure label={t('consent.in')} question={t('consent.in.sure')} act={() => change('opt-in')} busy={act.busy} />}</div>
		{act.problem && act.problem.field !== 'proof' && <Trouble problem={act.problem} />}<Notice text={said} />
	</section>;
}

/** The number of one person, for a reason that is written down. */
function Reveal({ id }: { id: number }) {
	const [reason, setReason] = useState(''), [number, setNumber] = useState<string>(), act = useAction();
	const show = (e: Event) => {
		e.preventDefault();
		act.run(async () => setNumber((await post<Contact>(`contact/${id}/reveal`, { reason })).number || '–'));
	};
	if (number) return <p role="status">{t('people.number')}: {number}</p>;
	return <details><summary>{t('people.reveal')}</summary><form onSubmit={show}>
		<Text label={t('people.reveal.why')} name="reason" value={reason} set={setReason} hint={t('people.reveal.hint')} problem={act.problem} required />
		{act.problem && act.problem.field !== 'reason' && <Trouble problem={act.problem} />}
		<button type="submit" disabled={act.busy}>{t('people.reveal')}</button></form></details>;
}

function Forget({ id }: { id: number }) {
	const [reason, setReason] = useState(''), [said, setSaid] = useState<string>(), act = useAction();
	if (said) return <Notice text={said} />;
	return <details><summary>{t('people.forget')}</summary>
		<Text label={t('people.forget.why')} name="reason" value={reason} set={setReason} problem={act.problem} required />
		{act.problem && act.problem.field !== 'reason' && <Trouble problem={act.problem} />}
		<Sure label={t('people.forget')} question={t('people.forget.sure')} busy={act.busy} danger
			act={() => act.run(async () => { await post(`contact/${id}/forget`, { reason }); setSaid(t('people.forgotten')); })} /></details>;
}

function One({ id }: { id: string }) {
	const one = useData<Contact>(`contact/${encodeURIComponent(id)}`, {}, ['contact', 'consent']);
	return <><p><a href={hrefOf('people', route.value.query)}>← {t('nav.people')}</a></p><Show of={one}>{(c) => <>
		<section class="card"><h2>{c.name}</h2><dl class="facts">
			<dt>{t('person')}</dt><dd>{c.person}</dd>{c.number && <><dt>{t('people.number')}</dt><dd>{c.number}</dd></>}
			<dt>{t('user.unit')}</dt><dd>{c.unit || '–'}</dd><dt>{t('people.hamlet')}</dt><dd>{c.hamlet || '–'}</dd><dt>{t('people.groups')}</dt><dd>{c.groups.join(', ') || '–'}</dd>
			<dt>{t('people.basis')}</dt><dd>{c.basis}</dd><dt>{t('people.optedout')}</dt><dd>{c.opted_out.map(scopeOf).join(', ') || t('people.receives')}</dd></dl>
			{!c.number && may('contact.reveal') && <Reveal id={c.id} />}
			{may('contact.forget') && <Forget id={c.id} />}</section>
		{c.number && may('consent.show') && <Consent number={c.number} done={one.reload} />}</>}</Show></>;
}

function NewGroup({ done }: { done: () => void }) {
	const [name, setName] = useState(''), act = useAction();
	return <form class="inline" onSubmit={(e) => { e.preventDefault(); act.run(async () => { await post('group', { name }); setName(''); done(); }); }}>
		<Text label={t('people.newgroup')} name="name" value={name} set={setName} problem={act.problem} required /><button type="submit" disabled={act.busy}>{t('add')}</button></form>;
}

function Lists({ group }: { group: string }) {
	const groups = useList<Group>('group', { limit: 200 }, ['group', 'contact']);
	return <section class="card"><h2>{t('people.lists')}</h2>
		<ShowList of={groups} empty={t('people.lists.none')}>{(items) => <><Choice label={t('people.group')} name="group" value={group} set={(g) => filter({ group: g })}
			options={[['', t('people.all')] as [string, string]].concat(items.map((g) => [g.name, `${g.name} (${count(g.members)})`] as [string, string]))} /></>}</ShowList>
		{may('group.add') && <NewGroup done={groups.reload} />}</section>;
}

function FindNumber({ set, value }: { value: string; set: (n: string) => void }) {
	const [typed, setTyped] = useState(value);
	return <form class="inline" role="search" onSubmit={(e) => { e.preventDefault(); set(typed.trim()); }}>
		<Field label={t('people.find')} name="number">{(p) => <input {...p} type="tel" value={typed} onInput={(e) => setTyped(e.currentTarget.value)} />}</Field><button type="submit">{t('search')}</button></form>;
}

/** A number that is looked for stays out of the address. */
export function People() {
	const { path, query } = route.value, [number, setNumber] = useState('');
	const list = useList<Contact>(path[1] ? null : 'contact', { group: query.group, number }, ['contact', 'consent']);
	return <Page title={t('nav.people')} actions={may('contact.import') && <a class="button main" href="#/people/import">{t('import')}</a>}>
		{path[1] ? <One key={path[1]} id={path[1]} /> : <>
			<Lists group={query.group || ''} />
			{may('consent.show') && <FindNumber value={number} set={setNumber} />}
			<ShowList of={list} empty={t('people.none')}>{(items) => <Table label={t('nav.people')} rows={items} keyOf={(c) => c.id}
				heads={[t('people.name'), t('person'), t('people.hamlet'), t('people.groups'), t('people.optedout')]}
				cells={(c) => [<a href={hrefOf(`people/${c.id}`, query)}>{c.name || c.person}</a>, c.person, c.hamlet || c.unit || '–', c.groups.join(', '), c.opted_out.map(scopeOf).join(', ') || '–']} />}</ShowList></>}
	</Page>;
}
