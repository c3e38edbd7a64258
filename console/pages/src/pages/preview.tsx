// SPDX-License-Identifier: GPL-3.0-or-later
// What exactly goes to whom: people, who is left out and why, texts as they arrive, cost, checks, and the mark of what an approval is for.
import { ComponentChildren } from 'preact';
import { count, vnd } from '../format';
import { named, t } from '../i18n';
import { Show, When } from '../parts';
import { Loaded } from '../data';
import { Preview } from '../shapes';
import { Dates } from './agenda';

const sum = (of: Record<string, number>) => Object.keys(of).reduce((n, k) => n + of[k], 0);

export function Reasons({ of, label, none }: { of: Record<string, number>; label: string; none: string }) {
	const reasons = Object.keys(of);
	if (!reasons.length) return <p>{none}</p>;
	return <table aria-label={label}><thead><tr><th scope="col">{t('campaign.reason')}</th><th scope="col">{t('campaign.persons')}</th></tr></thead>
		<tbody>{reasons.map((r) => <tr key={r}><td>{named('reason', r)}</td><td>{count(of[r])}</td></tr>)}</tbody></table>;
}

function Checks({ p }: { p: Preview }) {
	if (!p.lint.length) return <p>{t('campaign.lint.none')}</p>;
	return <ul class="lint">{p.lint.map((l) => <li key={l.rule}><span class={l.severity === 'stop' ? 'badge bad' : 'badge warn'}>{t(l.severity === 'stop' ? 'lint.stop' : 'lint.warn')}</span> {named('lint', l.rule) === l.rule ? l.text : named('lint', l.rule)}</li>)}</ul>;
}

function Previewed({ p }: { p: Preview }) {
	const waits = p.waits || {};
	return <>
		<dl class="figures">
			<div><dt>{t('campaign.total')}</dt><dd>{count(p.total)}</dd></div>
			<div><dt>{t('campaign.go')}</dt><dd>{count(p.total - sum(p.excluded))}</dd></div>
			<div><dt>{t('campaign.cost')}</dt><dd>{vnd(p.cost_vnd)}</dd></div>
			<div><dt>{t('campaign.cost.folded')}</dt><dd>{vnd(p.folded.cost_vnd)}</dd></div>
		</dl>
		<h3>{t('campaign.samples')}</h3><ul class="samples">{p.samples.map((s, i) => <li key={i} class="sms">{s}</li>)}</ul>
		<h3>{t('campaign.excluded')}</h3><Reasons of={p.excluded} label={t('campaign.excluded')} none={t('campaign.excluded.none')} />
		{sum(waits) > 0 && <><h3>{t('preview.waits')}</h3><Reasons of={waits} label={t('preview.waits')} none="" /></>}
		<h3>{t('campaign.segments')}</h3><p>{Object.keys(p.segments).map((n) => t('campaign.segments.of', { n, people: count(p.segments[n]) })).join(' · ') || '–'}</p>
		{p.dates && <><h3>{t('campaign.schedule.next')}</h3><Dates of={p.dates} /></>}
		{p.ends_at && <p>{t('preview.ends')} <When at={p.ends_at} /></p>}
		<h3>{t('campaign.lint')}</h3><Checks p={p} />
		<h3>{t('preview.digest')}</h3><p><code class="digest">{(p.digest.match(/.{1,8}/g) || []).join(' ')}</code><br /><small>{t('preview.digest.hint')}</small></p>
	</>;
}

/** children: what may be done with what is shown. */
export function PreviewCard({ of, children }: { of: Loaded<Preview>; children?: ComponentChildren }) {
	return <section class="card" aria-label={t('campaign.preview')}><h2>{t('campaign.preview')}</h2><Show of={of}>{(p) => <><Previewed p={p} />{children}</>}</Show></section>;
}
