// SPDX-License-Identifier: GPL-3.0-or-later
// People and their lists; one person with what is kept of them.
import { useState } from 'preact/hooks';
import { may, post } from '../api';
import { useAction, useData, useList } from '../data';
import { count } from '../format';
import { t } from '../i18n';
import { Choice, Field, Notice, Page, Show, ShowList, Sure, Table, Text, Trouble } from '../parts';
import { filter, hrefOf, route } from '../route';
import { Contact, Group } from '../shapes';
import { Consent, scopeOf } from './consent';

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
		<section class="card"><h2>{c.name || c.person}</h2><dl class="facts">
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
	return <Page title={t('nav.people')} actions={<>
		{may('consent.list') && <a class="button" href="#/people/record">{t('record')}</a>}{may('contact.import') && <a class="button main" href="#/people/import">{t('import')}</a>}</>}>
		{path[1] ? <One key={path[1]} id={path[1]} /> : <>
			<Lists group={query.group || ''} />
			{may('consent.show') && <FindNumber value={number} set={setNumber} />}
			<ShowList of={list} empty={t('people.none')}>{(items) => <Table label={t('nav.people')} rows={items} keyOf={(c) => c.id}
				heads={[t('people.name'), t('person'), t('people.hamlet'), t('people.groups'), t('people.optedout')]}
				cells={(c) => [<a href={hrefOf(`people/${c.id}`, query)}>{c.name || c.person}</a>, c.person, c.hamlet || c.unit || '–', c.groups.join(', '), c.opted_out.map(scopeOf).join(', ') || '–']} />}</ShowList></>}
	</Page>;
}
