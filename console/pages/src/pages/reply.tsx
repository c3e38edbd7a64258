// SPDX-License-Identifier: GPL-3.0-or-later
// The answer to one case, by SMS: with what it will cost beside it, kept until it is sent.
import { useEffect, useRef, useState } from 'preact/hooks';
import { may, me, newKey, post, Problem } from '../api';
import { useAction, useData } from '../data';
import { useDraft } from '../draft';
import { named, t } from '../i18n';
import { Meter } from '../meter';
import { Choice, Text, Trouble } from '../parts';
import { CaseRow } from '../shapes';

const LOCK_AGAIN_MS = 240000;
interface Template { name: string; title: string; text: string }

/** While somebody writes the case is theirs; who else opens it sees whose. */
function useLock(of: CaseRow): { other: string | undefined; problem: Problem | undefined; take: (over: boolean) => void } {
	const act = useAction(), [held, setHeld] = useState(0);
	const mine = me.value ? `user:${me.value.user}` : '';
	const take = (over: boolean) => {
		if (!may('case.lock') || (held && Date.now() - held < LOCK_AGAIN_MS)) return;
		act.run(async () => {
			await post(`case/${of.id}/lock`, { 'take-over': over });
			setHeld(Date.now());
		});
	};
	return { other: of.lock && of.lock.holder !== mine ? of.lock.holder.replace(/^user:/, '') : undefined, problem: act.problem, take };
}

function Templates({ of, use }: { of: CaseRow; use: (text: string) => void }) {
	const list = useData<{ items: Template[] }>(may('case.templates') ? 'case/templates' : null, { topic: of.topic, state: of.state }, []);
	const items = list.data ? list.data.items : [];
	if (!items.length) return null;
	return <Choice label={t('reply.template')} name="template" value="" set={(name) => { const one = items.filter((i) => i.name === name)[0]; if (one) use(one.text); }}
		options={[['', t('reply.template.none')] as [string, string]].concat(items.map((i) => [i.name, `${of.topic ? `${named('topic', of.topic)}: ` : ''}${i.title}`] as [string, string]))} />;
}

export function Reply({ of, sent, wanted }: { of: CaseRow; sent: () => void; wanted: number }) {
	const [draft, set, clear] = useDraft(`reply:${of.id}`, { text: '', agree: true, promise: '', key: '' });
	const send = useAction(), lock = useLock(of), form = useRef<HTMLFormElement>(null);
	useEffect(() => {
		const box = wanted && form.current && form.current.querySelector('textarea');
		if (box) box.focus();
	}, [wanted]);
	const submit = (e: Event) => {
		e.preventDefault();
		const key = draft.key || newKey();
		set({ key }); /* kept with the draft: after a lost line or a new login the same answer is not sent twice */
		send.run(async () => {
			try {
				await post(`case/${of.id}/reply`, { text: draft.text, agree: draft.agree, promise: draft.promise }, key);
			} catch (problem) {
				if ((problem as { status?: number }).status! >= 400 && (problem as { status?: number }).status! < 500) set({ key: '' });
				throw problem;
			}
			clear();
			sent();
		});
	};
	return <form class="reply" ref={form} onSubmit={submit} onInput={() => lock.take(false)}>
		{lock.other && <p class="notice holder">{t('case.lock.other', { name: lock.other })} <button type="button" onClick={() => lock.take(true)}>{t('case.lock.take')}</button></p>}
		<Trouble problem={lock.problem} />
		<Templates of={of} use={(text) => { set({ text, key: '' }); lock.take(false); }} />
		<Text label={t('reply.text')} name="text" value={draft.text} set={(text) => set({ text, key: '' })} rows={4} problem={send.problem} required />
		<Meter text={draft.text} cls="service" use={(text) => set({ text, key: '' })} />
		<Text label={t('reply.promise')} name="promise" type="date" value={draft.promise} set={(promise) => set({ promise, key: '' })} problem={send.problem} />
		<label class="tick"><input type="checkbox" checked={draft.agree} onChange={(e) => set({ agree: e.currentTarget.checked, key: '' })} /> {t('reply.agree')}</label>
		{send.problem && send.problem.field !== 'text' && send.problem.field !== 'promise' && <Trouble problem={send.problem} />}
		<button type="submit" class="main" disabled={send.busy || !draft.text.trim()}>{send.busy ? t('working') : t('reply.send')}</button>
	</form>;
}
