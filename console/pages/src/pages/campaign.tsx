// SPDX-License-Identifier: GPL-3.0-or-later
// One campaign: what exactly goes to whom, its approval, its course and what came of it.
import { useEffect, useState } from 'preact/hooks';
import { finish, may, me, post } from '../api';
import { Loaded, useAction, useData } from '../data';
import { audience, count } from '../format';
import { named, t } from '../i18n';
import { Badge, Notice, Page, Show, Sure, Text, Trouble } from '../parts';
import { hrefOf, route } from '../route';
import { Campaign, Preview } from '../shapes';
import { Agenda } from './agenda';
import { PreviewCard } from './preview';
import { Progress } from './progress';
import { Results } from './results';

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

/** seen: the preview that stands on the page; nothing else is approved. */
function Steps({ c, reload, seen }: { c: Campaign; reload: () => void; seen: Preview | undefined }) {
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
	const approves = open('approve') && (c.state === 'submitted' || c.author === `user:${me.value!.user}`);
	return <section class="steps" aria-label={t('campaign.steps')}>
		{open('submit') && <button type="button" class="main" disabled={act.busy} onClick={() => run('submit')}>{named('step', 'submit')}</button>}
		{approves && <Sure label={named('step', 'approve')} question={t('campaign.sure.approve', { n: count(seen ? seen.total : c.total) })} act={() => run('approve', { digest: seen && seen.digest })} busy={act.busy || !seen} />}
		{approves && !seen && <small>{t('preview.first')}</small>}
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

function Facts({ c }: { c: Campaign }) {
	return <dl class="facts">
		<dt>{t('case.state')}</dt><dd><Badge kind="campaign" code={c.state} /></dd>
		<dt>{t('campaign.class')}</dt><dd>{named('class', c.class)}</dd><dt>{t('topic')}</dt><dd>{c.topic ? named('topic', c.topic) : '–'}</dd>
		{c.reason && <><dt>{t('campaign.emergency')}</dt><dd>{c.reason}</dd></>}
		<dt>{t('campaign.audience')}</dt><dd>{audience(c.audience)}</dd>
		<dt>{t('campaign.author')}</dt><dd>{c.author.replace('user:', '')}</dd>
		{c.approved_by && <><dt>{t('campaign.approved_by')}</dt><dd>{c.approved_by.replace('user:', '')}</dd></>}
		{c.returned_why && <><dt>{t('campaign.returned_why')}</dt><dd>{c.returned_why}</dd></>}
	</dl>;
}

/** Counted anew at each look: what it shows is what an approval is for. */
function usePreview(c: Campaign): { of: Loaded<Preview> | undefined; look: () => void } {
	const act = useAction(), [p, setP] = useState<Preview>(), [asked, setAsked] = useState(false);
	const look = () => {
		setAsked(true);
		act.run(async () => { setP(await finish<Preview>(await post<Preview | { job: number }>(`campaign/${c.id}/preview`))); });
	};
	return { of: asked ? { data: p, problem: act.problem, loading: act.busy, reload: look } : undefined, look };
}

function Body({ c, reload }: { c: Campaign; reload: () => void }) {
	const preview = usePreview(c), waits = c.state === 'submitted' && may('campaign.preview') && may('campaign.approve');
	useEffect(() => { if (waits) preview.look(); }, [waits]);
	return <>
		<Steps c={c} reload={reload} seen={preview.of && preview.of.data} />
		<div class="board two"><section class="card"><h2>{t('campaign.text')}</h2><p class="sms">{c.text}</p><Facts c={c} /><h2>{t('campaign.schedule')}</h2><Agenda c={c} />
			<div class="actions">{may('campaign.set') && (c.state === 'draft' || c.state === 'returned') && <a class="button" href={hrefOf(`campaigns/${c.id}/edit`)}>{t('campaign.edit')}</a>}
				{may('campaign.new') && <a href={hrefOf('campaigns/new', { from: String(c.id) })}>{t('campaign.copy')}</a>}</div></section>
			<Progress c={c} /></div>
		{preview.of && <PreviewCard of={preview.of} />}
		{may('campaign.preview') && <p><button type="button" disabled={preview.of && preview.of.loading} onClick={preview.look}>{preview.of && preview.of.loading ? t('working') : t(preview.of ? 'preview.again' : 'campaign.look')}</button></p>}
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
