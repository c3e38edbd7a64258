// SPDX-License-Identifier: GPL-3.0-or-later
// What waits for me: each card is there for those who can do something about it.
import { ComponentChildren } from 'preact';
import { cardWanted } from '../address';
import { may, me } from '../api';
import { List, useData, useList } from '../data';
import { count } from '../format';
import { named, t } from '../i18n';
import { Key } from '../words/vi';
import { Badge, Page, Show, ShowList, When } from '../parts';
import { hrefOf } from '../route';
import { Campaign, CaseRow, Channel } from '../shapes';

interface Status { running: boolean; messages: Record<string, number>; inbox_waiting: number; cases_open: number; channels: { name: string; driver: string; state: string }[]; warnings: string[]; disk_free_mib: number }

function Card<T>({ title, all, list, empty, row }: { title: Key; all: string; list: List<T>; empty: Key; row: (item: T) => ComponentChildren }) {
	return <section class="card">
		<h2>{t(title)}{list.items.length > 0 && <span class="number">{list.items.length}{list.more ? '+' : ''}</span>}</h2>
		<ShowList of={{ ...list, more: undefined }} empty={t(empty)}>{(items) => <ul class="rows">{items.slice(0, 5).map((i) => <li>{row(i)}</li>)}</ul>}</ShowList>
		<p><a href={all}>{t('today.all')}<span class="away"> {t(title)}</span></a></p>
	</section>;
}

function caseRow(c: CaseRow) {
	return <a href={hrefOf(`cases/${c.id}`)}><b>{c.code}</b> <Badge kind="urgency" code={c.urgency === 'normal' ? null : c.urgency} /> <span class="line">{c.text}</span>
		<small>{t('case.due')} <When at={c.due_at} /></small></a>;
}

function Cases({ title, empty, args }: { title: Key; empty: Key; args: Record<string, string> }) {
	const list = useList<CaseRow>('case', cardWanted(args), ['case']);
	return <Card title={title} all={hrefOf('cases', args)} list={list} empty={empty} row={caseRow} />;
}

function Waiting() {
	const list = useList<Campaign>('campaign', { state: 'submitted' }, ['campaign', 'flow']);
	return <Card title="today.approve" all={hrefOf('campaigns', { state: 'submitted' })} list={list} empty="today.approve.none"
		row={(c) => <a href={hrefOf(`campaigns/${c.id}`)}><b>{c.name}</b> <small>{t('campaign.people', { n: count(c.total) })} · {c.author}</small></a>} />;
}

function Running() {
	const list = useList<Campaign>('campaign', { state: 'running' }, ['campaign', 'flow', 'message']);
	return <Card title="today.running" all={hrefOf('campaigns')} list={list} empty="today.running.none"
		row={(c) => <a href={hrefOf(`campaigns/${c.id}`)}><b>{c.name}</b> <small>{count(c.planned)}/{count(c.total)}</small></a>} />;
}

function Channels() {
	const list = useList<Channel>('channel', {}, ['channel']);
	const bad = list.items.filter((c) => c.state !== 'up' && c.state !== 'busy');
	return <section class="card">
		<h2>{t('today.channels')}{bad.length > 0 && <span class="number">{bad.length}</span>}</h2>
		<Show of={list} empty={() => !bad.length && t('today.channels.fine')}>{() => <ul class="rows">{bad.map((c) =>
			<li><a href="#/channels"><b>{c.name}</b> <Badge kind="channel" code={c.state} /> <span class="line">{c.last_error}</span></a></li>)}</ul>}</Show>
	</section>;
}

function Gateway() {
	const status = useData<Status>('status', {}, ['']);
	return <section class="card wide">
		<h2>{t('today.gateway')}</h2>
		<Show of={status}>{(s) => <>
			<dl class="figures">
				<div><dt>{t('today.cases_open')}</dt><dd>{count(s.cases_open)}</dd></div>
				<div><dt>{t('today.inbox_waiting')}</dt><dd>{count(s.inbox_waiting)}</dd></div>
				{(['queued', 'sending', 'unclear', 'delivered', 'failed'] as const).map((k) => <div><dt>{named('message', k)}</dt><dd>{count(s.messages[k])}</dd></div>)}
			</dl>
			{!s.running && <p class="wrong">{t('today.stopped')}</p>}
			{s.warnings.length > 0 && <details><summary>{t('today.warnings', { n: s.warnings.length })}</summary><ul lang="en">{s.warnings.map((w) => <li>{w}</li>)}</ul></details>}
		</>}</Show>
	</section>;
}

interface Due { from: string; to: string; late_from: string; state: string }

/** Nothing is shown while nothing is due. */
function DueReport() {
	const list = useList<Due>('report/due', {}, ['job']), date = (d: string) => d.split('-').reverse().join('/');
	if (!list.items.length) return null;
	return <section class="card"><h2>{t('today.due')}<span class="number">{list.items.length}</span></h2><ul class="rows">{list.items.map((d) =>
		<li><a href="#/reports" class={d.state === 'late' ? 'wrong' : undefined}>{t(d.state === 'late' ? 'today.due.late' : 'today.due.due', { from: date(d.from), to: date(d.to), late: date(d.late_from) })}</a></li>)}</ul></section>;
}

export function Today() {
	return <Page title={t('nav.today')}>
		<div class="board">
			{may('report.due') && <DueReport />}
			{may('campaign.return') && <Waiting />}
			{may('case.list') && <Cases title="today.overdue" empty="today.overdue.none" args={{ overdue: 'true' }} />}
			{may('case.assign') && me.value && <Cases title="today.mine" empty="today.mine.none" args={{ assigned: me.value.user }} />}
			{may('case.assign') && <Cases title="today.raised" empty="today.raised.none" args={{ raised: 'true' }} />}
			{may('case.list') && <Cases title="today.new" empty="today.new.none" args={{ state: 'received' }} />}
			{may('campaign.pause') && <Running />}
			{may('channel.list') && <Channels />}
			<Gateway />
		</div>
	</Page>;
}
