// SPDX-License-Identifier: GPL-3.0-or-later
// The same for many cases: given to somebody, moved, or sorted. Never answered: people read their own answer.
import { useState } from 'preact/hooks';
import { post } from '../api';
import { useAction } from '../data';
import { named, t } from '../i18n';
import { Choice, Notice, Trouble } from '../parts';
import { TopicChoice, WorkerChoice } from '../topic';

const STATES = ['triaged', 'verifying', 'awaiting', 'escalated', 'reopened'];
interface Outcome { done: string[]; refused: { id: string; rule: string; text: string }[] }

export function Bulk({ ids, done }: { ids: number[]; done: (left: number[]) => void }) {
	const [what, setWhat] = useState('assign'), [to, setTo] = useState(''), [out, setOut] = useState<Outcome>();
	const act = useAction();
	const submit = (e: Event) => {
		e.preventDefault();
		act.run(async () => {
			const outcome = await post<Outcome>('case/bulk', { ids: ids.join(), do: what, to: to || (what === 'move' ? STATES[0] : '') });
			setOut(outcome);
			done(outcome.refused.map((r) => Number(r.id)).filter((id) => id > 0));
		});
	};
	return <section class="card bulk" aria-label={t('bulk.do')}>
		<h2>{t('bulk', { n: ids.length })}</h2>
		<form class="inline" onSubmit={submit}>
			<Choice label={t('bulk.do')} name="do" value={what} set={(v) => { setWhat(v); setTo(''); }} options={['assign', 'move', 'topic'].map((v) => [v, named('bulk', v)])} />
			{what === 'move' ? <Choice label={t('bulk.to')} name="to" value={to || STATES[0]} set={setTo} options={STATES.map((s) => [s, named('casestate', s)])} problem={act.problem} />
				: what === 'topic' ? <TopicChoice label={t('bulk.to')} name="to" value={to} set={setTo} problem={act.problem} />
					: <WorkerChoice of={ids[0]} label={t('bulk.to')} name="to" value={to} set={setTo} problem={act.problem} />}
			<button type="submit" class="main" disabled={act.busy}>{t('bulk.go')}</button>
			<button type="button" onClick={() => done([])}>{t('bulk.none')}</button>
		</form>
		{act.problem && act.problem.field !== 'to' && <Trouble problem={act.problem} />}
		<Notice text={out && t('bulk.done', { n: out.done.length, m: out.refused.length })} />
		{out && out.refused.length > 0 && <ul>{out.refused.map((r) => <li>{r.id}: {named('rule', r.rule)}</li>)}</ul>}
	</section>;
}
