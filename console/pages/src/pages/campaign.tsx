// SPDX-License-Identifier: GPL-3.0-or-later
// One campaign: what exactly goes to whom, its approval, its course and what came of it.
import { useState } from 'preact/hooks';
import { finish, may, me, post } from '../api';
import { useAction, useData } from '../data';
import { count, vnd } from '../format';
import { named, t } from '../i18n';
import { Badge, Notice, Page, Show, Sure, Table, Text, Trouble, When } from '../parts';
import { hrefOf, route } from '../route';
import { Campaign, Preview } from '../shapes';
import { Progress } from './progress';

function Excluded({ of }: { of: Record<string, number> }) {
	const reasons = Object.keys(of);
	if (!reasons.length) return <p>{t('campaign.excluded.none')}</p>;
	return <table aria-label={t('campaign.excluded')}><thead><tr><th scope="col">{t('campaign.reason')}</th><th scope="col">{t('campaign.persons')}</th></tr></thead>
		<tbody>{reasons.map((r) => <tr><td>{named('reason', r)}</td><td>{count(of[r])}</td></tr>)}</tbody></table>;
}

function Previewed({ p }: { p: Preview }) {
	const excluded = Object.keys(p.excluded).reduce((n, k) => n + p.excluded[k], 0);
	return <section class="card" aria-label={t('campaign.preview')}>
		<h2>{t('campaign.preview')}</h2>
		<dl class="figures">
			<div><dt>{t('campaign.total')}</dt><dd>{count(p.total)}</dd></div>
			<div><dt>{t('campaign.go')}</dt><dd>{count(p.total - excluded)}</dd></div>
			<div><dt>{t('campaign.cost')}</dt><dd>{vnd(p.cost_vnd)}</dd></div>
			<div><dt>{t('campaign.cost.folded')}</dt><dd>{vnd(p.folded.cost_vnd)}</dd></div>
		</dl>
		<h3>{t('campaign.excluded')}</h3><Excluded of={p.excluded} />
		<h3>{t('campaign.segments')}</h3><p>{Object.keys(p.segments).map((n) => t('campaign.segments.of', { n, people: count(p.segments[n]) })).join(' · ') || '–'}</p>
		<h3>{t('campaign.samples')}</h3><ul class="samples">{p.samples.map((s) => <li class="sms">{s}</li>)}</ul>
		<h3>{t('campaign.lint')}</h3>
		{p.lint.length ? <ul class="lint">{p.lint.map((l) => <li><span class={l.severity === 'stop' ? 'badge bad' : 'badge warn'}>{t(l.severity === 'stop' ? 'lint.stop' : 'lint.warn')}</span> {named('lint', l.rule) === l.rule ? l.text : named('lint', l.rule)}</li>)}</ul> : <p>{t('campaign.lint.none')}</p>}
	</section>;
}

function Return({ done, id }: { id: number; done: () => void }) {
	const [why, setWhy] = useState(''), act = useAction();
	return <details><summary>{t('campaign.return')}</summary><form onSubmit={(e) => { e.preventDefault(); act.run(async () => { await post(`campaign/${id}/return`, { why }); done(); }); }}>
		<Text label={t('campaign.why')} name="why" value={why} set={setWhy} rows={2} problem={act.problem} required />
		{act.problem && act.problem.field !== 'why' && <Trouble problem={act.problem} />}
		<button type="submit" disabled={act.busy}>{t('campaign.return')}</button></form></details>;
}

/** Which verb the campaign's state lets through; whether this person may, the gateway decides. */
const STEPS: Record<string, string[]> = {
	submit: ['draft', 'returned'], approve: ['draft', 'returned', 'submitted'], start: ['approved', 'scheduled'], pause: ['running', 'scheduled'], resume: ['paused'],
	cancel: ['draft', 'submitted', 'returned', 'approved', 'scheduled', 'running', 'paused'],
};

function Start({ c, run, busy }: { c: Campaign; run: (args: { confirm?: number }) => void; busy: boolean }) {
	const [typed, setTyped] = useState('');
	return <form class="inline" onSubmit={(e) => { e.preventDefault(); run({ confirm: typed ? Number(typed) : undefined }); }}>
		<Text label={t('campaign.confirm', { n: count(c.total) })} name="confirm" value={typed} set={(v) => setTyped(v.replace(/\D/g, ''))} />
		<button type="submit" class="main" disabled={busy}>{t('campaign.start')}</button></form>;
}

function Steps({ c, reload }: { c: Campaign; reload: () => void }) {
	const act = useAction(), [said, setSaid] = useState<string>();
	const open = (verb: string) => may(`campaign.${verb}`) && STEPS[verb].indexOf(c.state) >= 0;
	const run = (verb: string, args = {}) => act.run(async () => {
		setSaid(undefined);
		await post(`campaign/${c.id}/${verb}`, args);
		setSaid(t('campaign.did', { what: named('step', verb) }));
		reload();
	});
	const button = (verb: string, question: string, danger?: boolean) => open(verb) &&
		<Sure label={named('step', verb)} question={question} act={() => run(verb)} busy={act.busy} danger={danger} />;
	const byAuthor = c.author === `user:${me.value!.user}`;
	return <section class="steps" aria-label={t('campaign.steps')}>
		{open('submit') && <button type="button" class="main" disabled={act.busy} onClick={() => run('submit')}>{named('step', 'submit')}</button>}
		{open('approve') && (c.state === 'submitted' || byAuthor) && <Sure label={named('step', 'approve')} question={t('campaign.sure.approve', { n: count(c.total) })} act={() => run('approve')} busy={act.busy} />}
		{may('campaign.return') && c.state === 'submitted' && <Return id={c.id} done={reload} />}
		{open('start') && <Start c={c} run={(args) => run('start', args)} busy={act.busy} />}
		{button('pause', t('campaign.sure.pause'))}{button('resume', t('campaign.sure.resume'))}{button('cancel', t('campaign.sure.cancel'), true)}
		<Trouble problem={act.problem} /><Notice text={said} />
	</section>;
}

function TestSend({ id }: { id: number }) {
	const [to, setTo] = useState(''), [said, setSaid] = useState<string>(), act = useAction();
	const submit = (e: Event) => {
		e.preventDefault();
		act.run(async () => {
			await post(`campaign/${id}/test-send`, { to });
			setSaid(t('campaign.test.sent'));
		});
	};
	return <details class="card"><summary>{t('campaign.test')}</summary><form onSubmit={submit}>
		<Text label={t('campaign.test.to')} name="to" type="tel" value={to} set={setTo} hint={t('campaign.test.hint')} problem={act.problem} required />
		{act.problem && act.problem.field !== 'to' && <Trouble problem={act.problem} />}
		<button type="submit" disabled={act.busy}>{t('campaign.test.go')}</button><Notice text={said} /></form></details>;
}

interface ResultsShape { reached: number; answered: number; opt_outs: number; answered_percent: number; units: { unit: string | null; reached: number; answered: number }[] }

function Results({ id }: { id: number }) {
	const results = useData<ResultsShape>(`campaign/${id}/results`, {}, ['campaign', 'message', 'inbox']);
	return <section class="card"><h2>{t('results')}</h2><Show of={results}>{(r) => <>
		<dl class="figures">
			<div><dt>{t('results.reached')}</dt><dd>{count(r.reached)}</dd></div><div><dt>{t('results.answered')}</dt><dd>{count(r.answered)}</dd></div>
			<div><dt>{t('results.percent')}</dt><dd>{r.answered_percent} %</dd></div></dl>
		{r.units.length > 0 && <Table label={t('results.units')} rows={r.units} keyOf={(u) => u.unit || ''} heads={[t('user.unit'), t('results.reached'), t('results.answered')]}
			cells={(u) => [u.unit || t('results.unit.none'), count(u.reached), count(u.answered)]} />}</>}</Show></section>;
}

function Facts({ c }: { c: Campaign }) {
	return <dl class="facts">
		<dt>{t('case.state')}</dt><dd><Badge kind="campaign" code={c.state} /></dd>
		<dt>{t('campaign.class')}</dt><dd>{named('class', c.class)}</dd><dt>{t('topic')}</dt><dd>{c.topic ? named('topic', c.topic) : '–'}</dd>
		<dt>{t('campaign.audience')}</dt><dd>{c.audience}</dd><dt>{t('campaign.start_at')}</dt><dd><When at={c.start_at} /></dd>
		<dt>{t('campaign.author')}</dt><dd>{c.author.replace('user:', '')}</dd>
		{c.approved_by && <><dt>{t('campaign.approved_by')}</dt><dd>{c.approved_by.replace('user:', '')}</dd></>}
		{c.returned_why && <><dt>{t('campaign.returned_why')}</dt><dd>{c.returned_why}</dd></>}
	</dl>;
}

function Body({ c, reload }: { c: Campaign; reload: () => void }) {
	const [p, setP] = useState<Preview>(), look = useAction();
	const preview = () => look.run(async () => { setP(await finish<Preview>(await post<Preview | { job: number }>(`campaign/${c.id}/preview`))); });
	return <>
		<Steps c={c} reload={reload} />
		<div class="board two"><section class="card"><h2>{t('campaign.text')}</h2><p class="sms">{c.text}</p><Facts c={c} />
			{may('campaign.new') && <p><a href={hrefOf('campaigns/new', { from: String(c.id) })}>{t('campaign.copy')}</a></p>}</section>
			<Progress c={c} /></div>
		{may('campaign.preview') && !p && <p><button type="button" disabled={look.busy} onClick={preview}>{look.busy ? t('working') : t('campaign.look')}</button></p>}
		<Trouble problem={look.problem} />
		{p && <Previewed p={p} />}
		{may('campaign.test-send') && c.state !== 'cancelled' && <TestSend id={c.id} />}
		{may('campaign.results') && c.started_at && <Results id={c.id} />}
	</>;
}

export function CampaignOne() {
	const one = useData<Campaign>(`campaign/${encodeURIComponent(route.value.path[1])}`, {}, ['campaign', 'flow', 'message']);
	return <Page title={one.data ? one.data.name : t('nav.campaigns')}>
		<p><a href="#/campaigns">← {t('nav.campaigns')}</a></p>
		<Show of={one}>{(c) => <Body c={c} reload={one.reload} />}</Show>
	</Page>;
}
