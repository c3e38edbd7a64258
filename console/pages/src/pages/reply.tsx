// SPDX-License-Identifier: GPL-3.0-or-later
// The answer to one case, by SMS: with what it will cost beside it, kept until it is sent.
import { useEffect, useRef } from 'preact/hooks';
import { newKey, post } from '../api';
import { useAction } from '../data';
import { useDraft } from '../draft';
import { t } from '../i18n';
import { Meter } from '../meter';
import { Text, Trouble } from '../parts';
import { CaseRow } from '../shapes';

export function Reply({ of, sent, wanted }: { of: CaseRow; sent: () => void; wanted: number }) {
	const [draft, set, clear] = useDraft(`reply:${of.id}`, { text: '', agree: true, key: '' });
	const send = useAction(), form = useRef<HTMLFormElement>(null);
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
				await post(`case/${of.id}/reply`, { text: draft.text, agree: draft.agree }, key);
			} catch (problem) {
				if ((problem as { status?: number }).status! >= 400 && (problem as { status?: number }).status! < 500) set({ key: '' });
				throw problem;
			}
			clear();
			sent();
		});
	};
	return <form class="reply" ref={form} onSubmit={submit}>
		<Text label={t('reply.text')} name="text" value={draft.text} set={(text) => set({ text, key: '' })} rows={4} problem={send.problem} required />
		<Meter text={draft.text} cls="service" use={(text) => set({ text, key: '' })} />
		<label class="tick"><input type="checkbox" checked={draft.agree} onChange={(e) => set({ agree: e.currentTarget.checked, key: '' })} /> {t('reply.agree')}</label>
		{send.problem && send.problem.field !== 'text' && <Trouble problem={send.problem} />}
		<button type="submit" class="main" disabled={send.busy || !draft.text.trim()}>{send.busy ? t('working') : t('reply.send')}</button>
	</form>;
}
