// SPDX-License-Identifier: GPL-3.0-or-later
// How far a campaign is: a bar with the table beside it, when it will be over, and what failed in words with what to do.
import { may } from '../api';
import { useData } from '../data';
import { count } from '../format';
import { named, t } from '../i18n';
import { Show, When } from '../parts';
import { Campaign } from '../shapes';

const ORDER = ['delivered', 'sent', 'sending', 'queued', 'retry', 'held', 'unclear', 'failed', 'expired', 'suppressed', 'cancelled'];

function Bar({ counts, total }: { counts: Record<string, number>; total: number }) {
	let x = 0;
	return <svg class="bar" viewBox="0 0 1000 24" preserveAspectRatio="none" role="img" aria-label={t('progress.bar')}>
		<rect width="1000" height="24" class="bar-rest" />
		{ORDER.map((k) => {
			const width = total ? (1000 * (counts[k] || 0)) / total : 0, at = x;
			x += width;
			return width > 0 && <rect x={at} width={width} height="24" class={`bar-${k}`} />;
		})}</svg>;
}

/** What a failure means and what to do about it; codes such as "cms:38" are told by their kind. */
function adviceOn(reason: string): string {
	const words = named('failure', reason), kind = reason.split(':')[0];
	if (words !== reason) return words;
	const family = named('failure', kind);
	return (family === kind ? t('failure.other') : family).replace('{code}', reason);
}

function Failures({ id, of }: { id: number; of: number }) {
	const list = useData<{ items: { reason: string | null }[] }>(of && may('message.list') ? 'message' : null, { campaign: id, state: 'failed', limit: 200 }, ['message']);
	if (!of) return null;
	return <><h3>{t('progress.failures')}</h3><Show of={list}>{(page) => {
		const by: Record<string, number> = {};
		page.items.forEach((m) => { by[m.reason || 'unknown'] = (by[m.reason || 'unknown'] || 0) + 1; });
		return <ul>{Object.keys(by).map((r) => <li>{count(by[r])} × {adviceOn(r)}</li>)}</ul>;
	}}</Show></>;
}

export function Progress({ c }: { c: Campaign }) {
	const sum = ORDER.reduce((n, k) => n + (c.counts[k] || 0), 0);
	if (!sum && !c.started_at) return null;
	return <section class="card" aria-label={t('progress')}>
		<h2>{t('progress')}</h2>
		<Bar counts={c.counts} total={c.total || sum} />
		<p aria-live="polite">{t('progress.planned', { n: count(c.planned), all: count(c.total) })}{c.eta_at && c.state === 'running' && <> · {t('progress.eta')} <When at={c.eta_at} /></>}</p>
		<table aria-label={t('progress')}><thead><tr><th scope="col">{t('case.state')}</th><th scope="col">{t('campaign.messages')}</th></tr></thead>
			<tbody>{ORDER.filter((k) => c.counts[k]).map((k) => <tr><td><i class={`dot bar-${k}`} /> {named('message', k)}</td><td>{count(c.counts[k])}</td></tr>)}</tbody></table>
		<dl class="figures"><div><dt>{t('campaign.replies')}</dt><dd>{count(c.replies)}</dd></div><div><dt>{t('campaign.opt_outs')}</dt><dd>{count(c.opt_outs)}</dd></div></dl>
		<Failures id={c.id} of={c.counts.failed || 0} />
	</section>;
}
