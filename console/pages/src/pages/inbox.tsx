// SPDX-License-Identifier: GPL-3.0-or-later
// Every message that came, what it was understood as and why; one click says what it really was.
import { inboxWanted } from '../address';
import { useState } from 'preact/hooks';
import { may, post } from '../api';
import { useAction, useData, useList } from '../data';
import { fold } from '../format';
import { named, t } from '../i18n';
import { neighbour, useKeys } from '../keys';
import { Badge, Choice, Notice, Page, Show, ShowList, Text, Trouble, When } from '../parts';
import { filter, go, hrefOf, route } from '../route';
import { Inbound } from '../shapes';
import { TopicChoice } from '../topic';

const KINDS = ['optout', 'optin', 'feedback', 'case_info', 'urgent', 'ack', 'help', 'keyword', 'wrong_number', 'privacy_request', 'abuse', 'unknown'];
const QUICK = ['feedback', 'urgent', 'optout', 'ack', 'unknown'];

function Correct({ of, done }: { of: Inbound; done: () => void }) {
	const [kind, setKind] = useState(of.kind || 'unknown'), [topic, setTopic] = useState(of.topic || ''), [note, setNote] = useState('');
	const [said, setSaid] = useState<string>();
	const act = useAction();
	const refile = (as: string, withTopic?: string) => act.run(async () => {
		await post(`inbox/${of.id}/refile`, { kind: as, topic: withTopic, note });
		setSaid(t('inbox.corrected', { kind: named('kind', as) }));
		done();
	});
	return <form onSubmit={(e) => { e.preventDefault(); refile(kind, topic); }}>
		<h3>{t('inbox.wrong')}</h3>
		<div class="quick">{QUICK.filter((k) => k !== of.kind).map((k) => <button type="button" disabled={act.busy} onClick={() => refile(k, k === 'feedback' ? topic : undefined)}>{named('kind', k)}</button>)}</div>
		<details><summary>{t('inbox.other')}</summary>
			<Choice label={t('inbox.kind')} name="kind" value={kind} set={setKind} options={KINDS.map((k) => [k, named('kind', k)])} problem={act.problem} />
			<TopicChoice label={t('topic')} name="topic" value={topic} set={setTopic} problem={act.problem} />
			<Text label={t('handle.note')} name="note" value={note} set={setNote} problem={act.problem} />
			<button type="submit" class="main" disabled={act.busy}>{t('inbox.correct')}</button></details>
		<Trouble problem={act.problem} /><Notice text={said} />
	</form>;
}

function One({ id }: { id: string }) {
	const one = useData<Inbound>(`inbox/${encodeURIComponent(id)}`, {}, ['inbox']);
	return <Show of={one}>{(m) => <div class="one">
		<section class="middle" aria-label={t('inbox.message')}>
			<p class="back"><a href={hrefOf('inbox', route.value.query)}>← {t('back')}</a></p>
			<h2>{m.from_person || t('inbox.machine')}</h2>
			<ol class="talk"><li class="villager"><p class="meta"><When at={m.received_at} /> · {m.channel}</p><p class="sms">{m.text}</p></li></ol>
			<h3>{t('inbox.understood')}</h3>
			<dl class="facts">
				<dt>{t('inbox.kind')}</dt><dd><Badge kind="kind" code={m.kind} /></dd>
				<dt>{t('topic')}</dt><dd>{m.topic ? named('topic', m.topic) : '–'}</dd>
				<dt>{t('inbox.why')}</dt><dd>{m.why ? <span lang="en">{m.why}</span> : '–'}</dd>
				<dt>{t('inbox.by')}</dt><dd>{m.handled_by ? named('handler', m.handled_by) : t('inbox.waits')}</dd>
				<dt>{t('inbox.result')}</dt><dd>{m.result ? <span lang="en">{m.result}</span> : '–'}</dd>
			</dl>
			{m.case !== null && may('case.show') && <p><a href={hrefOf(`cases/${m.case}`)}>{t('inbox.case')}</a></p>}
		</section>
		{may('inbox.refile') && m.handled_by && <aside class="side" aria-label={t('inbox.wrong')}><Correct key={`${m.id} ${m.kind} ${m.topic}`} of={m} done={one.reload} /></aside>}
	</div>}</Show>;
}

export function Inbox() {
	const { path, query } = route.value, id = path[1];
	const list = useList<Inbound>('inbox', inboxWanted(query), ['inbox']);
	const words = fold(query.q || '');
	const items = words ? list.items.filter((m) => fold(m.text).indexOf(words) >= 0) : list.items;
	const step = (by: 1 | -1) => {
		const next = neighbour(items, Number(id), by);
		if (next) go(`inbox/${next.id}`, query);
	};
	useKeys({ j: () => step(1), k: () => step(-1) });
	return <Page title={t('nav.inbox')}>
		<div class={route.value.path[1] ? 'filters aside' : 'filters'} role="search" aria-label={t('filters')}>
			<Choice label={t('inbox.kind')} name="kind" value={query.kind || ''} set={(kind) => filter({ kind })} options={[['', t('any')] as [string, string]].concat(KINDS.map((k) => [k, named('kind', k)] as [string, string]))} />
			<Text label={t('search')} name="q" type="search" value={query.q || ''} set={(q) => filter({ q })} />
		</div>
		<div class={id ? 'split open' : 'split'}>
			<section class="list" aria-label={t('nav.inbox')}><ShowList of={list} empty={t('inbox.none')}>{() => items.length ? <ul class="rows">{items.map((m) =>
				<li key={m.id} class={String(m.id) === id ? 'here' : ''}><a href={hrefOf(`inbox/${m.id}`, query)} aria-current={String(m.id) === id ? 'true' : undefined}>
					<span class="first"><Badge kind="kind" code={m.kind} /> {m.topic && <span class="badge">{named('topic', m.topic)}</span>}{m.restricted && <span class="badge bad">{t('case.restricted')}</span>}</span>
					<span class="line">{m.text}</span><small>{m.from_person || t('inbox.machine')} · <When at={m.received_at} /></small></a></li>)}</ul>
				: <p class="empty">{t('search.none')}</p>}</ShowList></section>
			{id ? <One key={id} id={id} /> : <p class="empty pick">{t('inbox.pick')}</p>}
		</div>
	</Page>;
}
