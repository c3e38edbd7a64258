// SPDX-License-Identifier: GPL-3.0-or-later
// What can be done with a case beside answering it. The gateway says what its state permits ("may", "moves"); a form is shown for that
// and nothing else. Each form is a row of the table below.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Args, may, post } from '../api';
import { useAction } from '../data';
import { useDraft } from '../draft';
import { named, t } from '../i18n';
import { Choice, Notice, Text, Trouble } from '../parts';
import { CaseRow } from '../shapes';
import { TopicChoice, WorkerChoice } from '../topic';
import { Key } from '../words/vi';

const REASONS = ['answered', 'duplicate', 'no_content', 'wrong_number', 'not_ours', 'withdrawn', 'unreachable'];

interface Field { name: string; label: Key; type?: 'long' | 'date' | 'topic' | 'worker'; must?: boolean; kind?: string; of?: (c: CaseRow) => string[] }
const NOTE: Field = { name: 'note', label: 'handle.note', type: 'long' }, WHY: Field = { name: 'reason', label: 'field.why', must: true };
const reasonsOf = (c: CaseRow) => REASONS.filter((r) => r !== 'answered' || c.state === 'answered' || c.state === 'notified');

const FORMS: Record<string, Field[]> = {
	assign: [{ name: 'to', label: 'field.user', type: 'worker' }],
	move: [{ name: 'to', label: 'field.state', kind: 'casestate', of: (c) => (c.moves || []).filter((s) => s !== 'closed') }, NOTE],
	ask: [{ name: 'text', label: 'field.question', type: 'long', must: true }],
	verify: [{ name: 'by', label: 'field.by' }, { name: 'result', label: 'field.result', kind: 'result', of: (c) => (c.state === 'verifying' ? ['', 'confirmed', 'partly', 'not_confirmed'] : ['']) }, NOTE],
	forward: [{ name: 'to', label: 'handle.to', must: true }, { name: 'document', label: 'handle.document' }, { name: 'due', label: 'handle.due', type: 'date' }, NOTE],
	extend: [{ name: 'due', label: 'handle.due', type: 'date', must: true }, WHY],
	refer: [{ name: 'unit', label: 'field.unit', must: true }, WHY],
	accept: [],
	return: [WHY],
	topic: [{ name: 'to', label: 'field.topic', type: 'topic' }, NOTE],
	critique: [{ name: 'draft', label: 'field.draft' }],
	merge: [{ name: 'into', label: 'field.into', must: true }, NOTE],
	restrict: [{ name: 'accused', label: 'field.accused' }, WHY],
	close: [{ name: 'reason', label: 'handle.reason', kind: 'reason.close', of: reasonsOf }, NOTE],
	reveal: [WHY],
	note: [{ name: 'text', label: 'handle.note', type: 'long', must: true }],
};
/** The acts that have a form, as they stand beside a case. */
export const ACTS = Object.keys(FORMS);

function Input({ of, field, value, set, problem }: { of: CaseRow; field: Field; value: string; set: (v: string) => void; problem: ReturnType<typeof useAction>['problem'] }) {
	if (field.type === 'topic') return <TopicChoice label={t(field.label)} name={field.name} value={value} set={set} problem={problem} />;
	if (field.type === 'worker') return <WorkerChoice of={of.id} label={t(field.label)} name={field.name} value={value} set={set} problem={problem} />;
	if (!field.of) return <Text label={t(field.label)} name={field.name} value={value} set={set} problem={problem} required={field.must} type={field.type === 'date' ? 'date' : undefined} rows={field.type === 'long' ? 2 : undefined} />;
	return <Choice label={t(field.label)} name={field.name} value={value} set={set} problem={problem} options={field.of(of).map((v) => [v, v ? named(field.kind!, v) : '–'])} />;
}

function Form({ of, verb, done }: { of: CaseRow; verb: string; done: (said: string, answer: CaseRow) => void }) {
	const fields = FORMS[verb], [d, set, clear] = useDraft<Record<string, string>>(`${verb}:${of.id}`, {}), act = useAction();
	const valueOf = (f: Field) => d[f.name] || (f.of ? f.of(of)[0] || '' : '');
	const submit = (e: Event) => {
		e.preventDefault();
		const args: Args = {};
		fields.forEach((f) => { args[f.name] = valueOf(f); });
		act.run(async () => {
			const answer = await post<CaseRow>(`case/${of.id}/${verb}`, args);
			clear();
			done(t(`handle.${verb}.done` as Key), answer);
		});
	};
	return <form onSubmit={submit}>
		{fields.map((f) => <Input key={f.name} of={of} field={f} value={valueOf(f)} set={(v) => set({ [f.name]: v })} problem={act.problem} />)}
		{act.problem && !fields.some((f) => f.name === act.problem!.field) && <Trouble problem={act.problem} />}
		<button type="submit" class="main" disabled={act.busy}>{t(`handle.${verb}` as Key)}</button>
	</form>;
}

/** wanted: the act whose form a key opened; shown: what a reveal gave. */
export function Handling({ of, done, wanted, shown }: { of: CaseRow; done: () => void; wanted: string; shown: (c: CaseRow) => void }) {
	const [said, setSaid] = useState<string>(), all = useRef<HTMLDivElement>(null);
	useEffect(() => { /* whoever asked for a form by a key goes on in it */
		const first = wanted && all.current && all.current.querySelector<HTMLElement>(`.act-${wanted} form select, .act-${wanted} form input, .act-${wanted} form textarea`);
		if (first) first.focus();
	}, [wanted]);
	const acts = ACTS.filter((a) => may(`case.${a}`) && (of.may || []).indexOf(a) >= 0);
	if (!acts.length) return null;
	const after = (act: string) => (text: string, answer: CaseRow) => {
		setSaid(text);
		if (act === 'reveal') shown(answer);
		else done();
	};
	return <div class="handling" ref={all}><Notice text={said} />{acts.map((a) => <details key={a} class={`act-${a}`} open={a === wanted}><summary>{t(`handle.${a}` as Key)}</summary>
		<Form of={of} verb={a} done={after(a)} /></details>)}</div>;
}
