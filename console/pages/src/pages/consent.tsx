// SPDX-License-Identifier: GPL-3.0-or-later
// What one person agreed to or refused: what holds now, all that was said with its proof, and writing down what the person says today.
import { useState } from 'preact/hooks';
import { may, post } from '../api';
import { useAction, useData } from '../data';
import { named, t } from '../i18n';
import { Badge, Choice, Notice, Show, Sure, Table, Text, Trouble, When } from '../parts';
import { TopicChoice } from '../topic';

export function scopeOf(scope: string): string {
	return scope.indexOf('topic:') === 0 ? t('scope.topic', { topic: named('topic', scope.slice(6)) }) : named('scope', scope);
}

export interface Line { id: number; person: string; scope: string; state: string; at: string; channel: string | null; text: string | null; actor: string | null }
interface Record { person: string; basis: string | null; scopes: Line[]; history: Line[] }

export function Lines({ label, lines, who }: { label: string; lines: Line[]; who?: boolean }) {
	return <Table label={label} rows={lines} keyOf={(l) => l.id || l.scope}
		heads={[t('consent.at'), ...(who ? [t('person')] : []), t('consent.scope'), t('case.state'), t('consent.by'), t('consent.proof')]}
		cells={(l) => [<When at={l.at} />, ...(who ? [l.person] : []), scopeOf(l.scope), <Badge kind="consentstate" code={l.state} />,
			l.channel || (l.actor || '').replace(/^user:/, '') || t('consent.self'), l.text || '–']} />;
}

/** What a person says today, with how, where and when as its proof. */
function Say({ number, done }: { number: string; done: () => void }) {
	const [kind, setKind] = useState('campaign'), [topic, setTopic] = useState(''), [proof, setProof] = useState(''), [said, setSaid] = useState<string>(), act = useAction();
	const change = (verb: string) => act.run(async () => {
		setSaid(undefined);
		await post(`consent/${encodeURIComponent(number)}/${verb}`, { scope: kind === 'topic' ? `topic:${topic.trim().toUpperCase()}` : kind, proof });
		setSaid(t('consent.changed'));
		setProof('');
		done();
	});
	const p = act.problem;
	return <div><h3>{t('consent.say')}</h3>
		<div class="pair"><Choice label={t('consent.scope')} name="scope" value={kind} set={setKind} problem={p} options={['campaign', 'all', 'topic'].map((k) => [k, t(`consent.scope.${k}` as 'consent.scope.topic')])} />
			{kind === 'topic' && <TopicChoice label={t('topic')} name="topic" value={topic} set={setTopic} problem={p} />}</div>
		<Text label={t('consent.proof')} name="proof" value={proof} set={setProof} hint={t('consent.proof.hint')} problem={p} rows={2} />
		<div class="actions">
			{may('consent.opt-out') && <Sure label={t('consent.out')} question={t('consent.out.sure')} act={() => change('opt-out')} busy={act.busy} danger />}
			{may('consent.opt-in') && <Sure label={t('consent.in')} question={t('consent.in.sure')} act={() => change('opt-in')} busy={act.busy} />}</div>
		{p && ['proof', 'scope'].indexOf(p.field) < 0 && <Trouble problem={p} />}<Notice text={said} /></div>;
}

export function Consent({ number, done }: { number: string; done: () => void }) {
	const record = useData<Record>(`consent/${encodeURIComponent(number)}/show`, {}, ['consent', 'contact']);
	return <section class="card"><h2>{t('consent')}</h2>
		<Show of={record} empty={(c) => !c.history.length && t('consent.none')}>{(c) => <>
			<h3>{t('consent.now')}</h3><p>{c.scopes.map((s) => <span key={s.scope}>{scopeOf(s.scope)} <Badge kind="consentstate" code={s.state} /> </span>)}</p>
			<h3>{t('consent.history')}</h3><Lines label={t('consent.history')} lines={c.history} /></>}</Show>
		{(may('consent.opt-out') || may('consent.opt-in')) && <Say number={number} done={() => { record.reload(); done(); }} />}
	</section>;
}
