// SPDX-License-Identifier: GPL-3.0-or-later
// What can be done with a case beside answering it: each form is there when the gateway has its verb and the role may use it.
import { useState } from 'preact/hooks';
import { may, post } from '../api';
import { useAction } from '../data';
import { useDraft } from '../draft';
import { named, t } from '../i18n';
import { Choice, Notice, Text, Trouble } from '../parts';
import { CaseRow } from '../shapes';

const REASONS = ['answered', 'duplicate', 'no_content', 'wrong_number', 'not_ours', 'withdrawn', 'unreachable'];

interface Draft { to: string; document: string; due: string; reason: string; note: string }
const EMPTY: Draft = { to: '', document: '', due: '', reason: 'answered', note: '' };

function Form({ of, verb, done }: { of: CaseRow; verb: 'forward' | 'close' | 'note'; done: (said: string) => void }) {
	const [d, set, clear] = useDraft(`${verb}:${of.id}`, EMPTY), act = useAction();
	const args = { forward: { to: d.to, document: d.document, due: d.due, note: d.note }, close: { reason: d.reason, note: d.note }, note: { text: d.note } }[verb];
	const submit = (e: Event) => {
		e.preventDefault();
		act.run(async () => {
			await post(`case/${of.id}/${verb}`, args);
			clear();
			done(t(`handle.${verb}.done` as 'handle.close.done'));
		});
	};
	return <form onSubmit={submit}>
		{verb === 'forward' && <>
			<Text label={t('handle.to')} name="to" value={d.to} set={(to) => set({ to })} problem={act.problem} required />
			<Text label={t('handle.document')} name="document" value={d.document} set={(document) => set({ document })} problem={act.problem} />
			<Text label={t('handle.due')} name="due" type="date" value={d.due} set={(due) => set({ due })} problem={act.problem} /></>}
		{verb === 'close' && <Choice label={t('handle.reason')} name="reason" value={d.reason} set={(reason) => set({ reason })} problem={act.problem} options={REASONS.map((r) => [r, named('reason.close', r)])} />}
		<Text label={t('handle.note')} name={verb === 'note' ? 'text' : 'note'} value={d.note} set={(note) => set({ note })} rows={2} problem={act.problem} required={verb === 'note'} />
		{act.problem && !act.problem.field && <Trouble problem={act.problem} />}
		<button type="submit" class="main" disabled={act.busy}>{t(`handle.${verb}` as 'handle.close')}</button>
	</form>;
}

export function Handling({ of, done, closing }: { of: CaseRow; done: () => void; closing: boolean }) {
	const [said, setSaid] = useState<string>();
	const verbs = (['forward', 'close', 'note'] as const).filter((v) => may(`case.${v}`) && (of.state !== 'closed' || v === 'note'));
	if (!verbs.length) return null;
	return <div class="handling"><Notice text={said} />{verbs.map((v) => <details key={v} open={v === 'close' && closing}><summary>{t(`handle.${v}` as 'handle.close')}</summary>
		<Form of={of} verb={v} done={(text) => { setSaid(text); done(); }} /></details>)}</div>;
}
