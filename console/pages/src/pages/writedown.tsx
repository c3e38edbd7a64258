// SPDX-License-Identifier: GPL-3.0-or-later
// What somebody says at the desk who sends no message: written down for them.
import { post } from '../api';
import { useAction } from '../data';
import { useDraft } from '../draft';
import { t } from '../i18n';
import { Page, Text, Trouble } from '../parts';
import { go } from '../route';
import { CaseRow } from '../shapes';
import { TopicChoice } from '../topic';

export function WriteDown() {
	const [d, set, clear] = useDraft('case.new', { text: '', who: '', number: '', topic: '', unit: '', urgent: false });
	const act = useAction(), p = act.problem;
	const submit = (e: Event) => {
		e.preventDefault();
		act.run(async () => {
			const made = await post<CaseRow>('case', { ...d });
			clear();
			go(`cases/${made.id}`);
		});
	};
	return <Page title={t('case.new')}>
		<p class="sub">{t('case.new.hint')}</p>
		<form class="composer" onSubmit={submit}>
			<Text label={t('case.new.text')} name="text" value={d.text} set={(text) => set({ text })} rows={4} problem={p} required />
			<Text label={t('case.new.who')} name="who" value={d.who} set={(who) => set({ who })} problem={p} />
			<Text label={t('case.new.number')} name="number" type="tel" value={d.number} set={(number) => set({ number })} problem={p} />
			<TopicChoice label={t('topic')} name="topic" value={d.topic} set={(topic) => set({ topic })} problem={p} />
			<Text label={t('field.unit')} name="unit" value={d.unit} set={(unit) => set({ unit })} problem={p} />
			<label class="tick"><input type="checkbox" checked={d.urgent} onChange={(e) => set({ urgent: e.currentTarget.checked })} /> {t('case.new.urgent')}</label>
			{p && ['text', 'who', 'number', 'topic', 'unit'].indexOf(p.field) < 0 && <Trouble problem={p} />}
			<button type="submit" class="main" disabled={act.busy}>{t('case.new')}</button>
		</form>
	</Page>;
}
