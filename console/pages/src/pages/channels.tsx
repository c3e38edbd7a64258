// SPDX-License-Identifier: GPL-3.0-or-later
// Modems and interfaces: how they are, what they sent today, stopping and going on.
import { may, post } from '../api';
import { useAction, useList } from '../data';
import { count, vnd } from '../format';
import { named, t } from '../i18n';
import { Badge, Page, ShowList, Sure, Trouble } from '../parts';
import { Channel } from '../shapes';

function One({ c, reload }: { c: Channel; reload: () => void }) {
	const act = useAction();
	const change = (verb: string) => act.run(async () => {
		await post(`channel/${encodeURIComponent(c.name)}/${verb}`);
		reload();
	});
	const stopped = c.state === 'paused' || c.state === 'suspended';
	return <li class="card"><h2>{c.name} <Badge kind="channel" code={c.state} /></h2>
		<dl class="facts">
			<dt>{t('channel.driver')}</dt><dd>{named('driver', c.driver)}</dd>
			<dt>{t('channel.sent_today')}</dt><dd>{count(c.sent_today)}</dd><dt>{t('channel.unclear')}</dt><dd>{count(c.unclear)}</dd>
			{c.signal_percent !== null && <><dt>{t('channel.signal')}</dt><dd><meter min={0} max={100} value={c.signal_percent} aria-label={t('channel.signal')} /> {c.signal_percent} %</dd></>}
			{c.network && <><dt>{t('channel.network')}</dt><dd>{c.network}</dd></>}
			{c.balance_vnd !== null && <><dt>{t('channel.balance')}</dt><dd>{vnd(c.balance_vnd)}</dd></>}
			{c.last_error && <><dt>{t('channel.error')}</dt><dd lang="en">{c.last_error}</dd></>}
		</dl>
		<div class="actions">
			{!stopped && may('channel.pause') && <Sure label={t('channel.pause')} question={t('channel.pause.sure')} act={() => change('pause')} busy={act.busy} danger />}
			{stopped && may('channel.resume') && <button type="button" class="main" disabled={act.busy} onClick={() => change('resume')}>{t('channel.resume')}</button>}</div>
		<Trouble problem={act.problem} /></li>;
}

export function Channels() {
	const list = useList<Channel>('channel', {}, ['channel', 'message']);
	return <Page title={t('nav.channels')}><ShowList of={list} empty={t('channel.none')}>{(items) => <ul class="board two">{items.map((c) => <One key={c.name} c={c} reload={list.reload} />)}</ul>}</ShowList></Page>;
}
