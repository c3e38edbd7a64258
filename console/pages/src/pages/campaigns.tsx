// SPDX-License-Identifier: GPL-3.0-or-later
// All campaigns, newest first.
import { may } from '../api';
import { useList } from '../data';
import { audience, count } from '../format';
import { named, t } from '../i18n';
import { Badge, Choice, Page, ShowList, Table, When } from '../parts';
import { filter, hrefOf, route } from '../route';
import { Campaign } from '../shapes';

export const STATES = ['draft', 'submitted', 'returned', 'approved', 'scheduled', 'running', 'paused', 'done', 'cancelled'];

export function Campaigns() {
	const state = route.value.query.state || '';
	const list = useList<Campaign>('campaign', { state }, ['campaign', 'flow', 'message']);
	return <Page title={t('nav.campaigns')} actions={<>
		{may('fact.list') && <a class="button" href="#/campaigns/facts">{t('facts')}</a>}{may('campaign.new') && <a class="button main" href="#/campaigns/new">{t('campaign.new')}</a>}</>}>
		<div class="filters" role="search" aria-label={t('filters')}><Choice label={t('case.state')} name="state" value={state} set={(v) => filter({ state: v })}
			options={[['', t('any')] as [string, string]].concat(STATES.map((s) => [s, named('campaign', s)] as [string, string]))} /></div>
		<ShowList of={list} empty={t('campaign.none')}>{(items) => <Table label={t('nav.campaigns')} rows={items} keyOf={(c) => c.id}
			heads={[t('campaign.name'), t('case.state'), t('campaign.audience'), t('campaign.planned'), t('campaign.replies'), t('campaign.created')]}
			cells={(c) => [<a href={hrefOf(`campaigns/${c.id}`)}>{c.name}</a>, <Badge kind="campaign" code={c.state} />, audience(c.audience), `${count(c.planned)}/${count(c.total)}`, count(c.replies), <When at={c.created_at} />]} />}</ShowList>
	</Page>;
}
