// SPDX-License-Identifier: GPL-3.0-or-later
// Machines that are told what happens: which fail, what waits for them, what was given up.
import { may, post } from '../api';
import { useAction, useList } from '../data';
import { count } from '../format';
import { t } from '../i18n';
import { Badge, ShowList, Sure, Trouble, When } from '../parts';

interface Webhook { name: string; url: string; told: number; told_at: string | null; state: string; waiting: number; oldest_at: string | null; given_up: number; failing_since: string | null; last_error: string | null }

function One({ w, reload }: { w: Webhook; reload: () => void }) {
	const act = useAction();
	const change = (verb: string) => act.run(async () => {
		await post(`webhook/${encodeURIComponent(w.name)}/${verb}`);
		reload();
	});
	return <li class="card"><h3>{w.name} <Badge kind="webhookstate" code={w.state} /></h3>
		<dl class="facts">
			<dt>{t('webhook.url')}</dt><dd>{w.url}</dd>
			<dt>{t('webhook.told')}</dt><dd>{count(w.told)}{w.told_at && <> · <When at={w.told_at} /></>}</dd>
			<dt>{t('webhook.waiting')}</dt><dd>{count(w.waiting)}</dd>
			{w.oldest_at && <><dt>{t('webhook.oldest')}</dt><dd><When at={w.oldest_at} /></dd></>}
			<dt>{t('webhook.given_up')}</dt><dd>{count(w.given_up)}</dd>
			{w.failing_since && <><dt>{t('webhook.failing')}</dt><dd><When at={w.failing_since} /></dd></>}
			{w.failing_since && w.last_error && <><dt>{t('webhook.error')}</dt><dd lang="en">{w.last_error}</dd></>}
		</dl>
		<div class="actions">
			{may('webhook.test') && <button type="button" disabled={act.busy} onClick={() => change('test')}>{t('webhook.test')}</button>}
			{w.given_up > 0 && may('webhook.retry') && <button type="button" class="main" disabled={act.busy} onClick={() => change('retry')}>{t('webhook.retry')}</button>}
			{w.given_up > 0 && may('webhook.discard') && <Sure label={t('webhook.discard')} question={t('webhook.discard.sure')} act={() => change('discard')} busy={act.busy} danger />}</div>
		<Trouble problem={act.problem} /></li>;
}

export function Webhooks() {
	const list = useList<Webhook>('webhook', {}, ['webhook', 'message']);
	return <section><h2>{t('webhook')}</h2><p>{t('webhook.how')}</p><ShowList of={list} empty={t('webhook.none')}>{(items) => <ul class="board two">{items.map((w) => <One key={w.name} w={w} reload={list.reload} />)}</ul>}</ShowList></section>;
}
