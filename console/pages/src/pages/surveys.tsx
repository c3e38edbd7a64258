// SPDX-License-Identifier: GPL-3.0-or-later
// Surveys: what was asked, how many answered, what they said; few people are hidden by the gateway.
import { Bars } from '../bars';
import { useData, useList } from '../data';
import { count } from '../format';
import { t } from '../i18n';
import { Page, Show, ShowList, Table, When } from '../parts';
import { hrefOf, route } from '../route';

interface Survey { id: number; campaign: number; campaign_name: string; title: string; anonymous: boolean; created_at: string; reached: number }
interface Option { value: string; label: string; count: number | null }
interface Question { step: string; text: string; kind: string; n: number | null; rate: number | null; options: Option[]; hidden: boolean }
interface Results extends Survey { voters: number | null; questions: Question[] }

const few = (n: number | null) => (n === null ? t('survey.few') : count(n));

function Answers({ q }: { q: Question }) {
	return <section class="card"><h2>{q.text}</h2>
		<p>{t('survey.n', { n: few(q.n), rate: q.rate === null ? '–' : String(q.rate) })}</p>
		<Bars bars={q.options.map((o) => ({ label: o.label, value: o.count || 0 }))} label={q.text} />
		{q.options.length > 0 && <Table label={q.text} heads={[t('survey.answer'), t('survey.people')]} rows={q.options} keyOf={(o) => o.value}
			cells={(o) => [`${o.value} · ${o.label}`, few(o.count)]} />}
		{q.hidden && <p class="hint">{t('survey.hidden')}</p>}
	</section>;
}

function One({ campaign }: { campaign: string }) {
	const results = useData<Results>(`survey/${campaign}/results`, {}, ['campaign']);
	return <Page title={results.data ? results.data.title : t('nav.surveys')} actions={<a href={hrefOf('surveys')}>{t('back')}</a>}>
		<Show of={results}>{(s) => <>
			<p>{s.campaign_name} · {t('survey.reached', { n: count(s.reached) })} · {s.anonymous ? t('survey.anonymous') : t('survey.named')}</p>
			{s.questions.map((q) => <Answers q={q} key={q.step} />)}
			<p class="hint">{t('survey.note')}</p></>}</Show>
	</Page>;
}

export function Surveys() {
	const [, campaign] = route.value.path;
	const list = useList<Survey>(campaign ? null : 'survey', {}, ['campaign']);
	if (campaign) return <One campaign={campaign} />;
	return <Page title={t('nav.surveys')}><ShowList of={list} empty={t('survey.none')}>{(items) => <Table label={t('nav.surveys')} rows={items} keyOf={(s) => s.id}
		heads={[t('nav.surveys'), t('nav.campaigns'), t('survey.reached.head'), t('survey.made')]}
		cells={(s) => [<a href={hrefOf(`surveys/${s.campaign}`)}>{s.title}</a>, s.campaign_name, count(s.reached), <When at={s.created_at} />]} />}</ShowList></Page>;
}
