// SPDX-License-Identifier: GPL-3.0-or-later
// What came of a campaign: whom it reached, who answered and how, by unit; bars with the table beside them.
import { Bars } from '../bars';
import { useData } from '../data';
import { count } from '../format';
import { named, t } from '../i18n';
import { Show, Table } from '../parts';

interface Reached { unit: string | null; reached: number; answered: number }
interface Shape { reached: number; answered: number; opt_outs: number; answered_percent: number; answers: { kind: string; people: number }[]; units: Reached[] }

const kindOf = (kind: string) => (kind ? named('kind', kind) : t('results.kind.none'));

function Answers({ of }: { of: Shape['answers'] }) {
	return <><h3>{t('results.answers')}</h3><Bars label={t('results.answers')} bars={of.map((a) => ({ label: kindOf(a.kind), value: a.people }))} />
		<Table label={t('results.answers')} rows={of} keyOf={(a) => a.kind} heads={[t('inbox.kind'), t('campaign.persons')]} cells={(a) => [kindOf(a.kind), count(a.people)]} /></>;
}

function Units({ of }: { of: Reached[] }) {
	const name = (u: Reached) => u.unit || t('results.unit.none');
	return <><h3>{t('results.units')}</h3><Bars label={t('results.units')} bars={of.map((u) => ({ label: name(u), value: u.reached }))} />
		<Table label={t('results.units')} rows={of} keyOf={(u) => u.unit || ''} heads={[t('user.unit'), t('results.reached'), t('results.answered')]}
			cells={(u) => [name(u), count(u.reached), count(u.answered)]} /></>;
}

export function Results({ id }: { id: number }) {
	const results = useData<Shape>(`campaign/${id}/results`, {}, ['campaign', 'message', 'inbox']);
	return <section class="card"><h2>{t('results')}</h2><Show of={results}>{(r) => <>
		<dl class="figures">
			<div><dt>{t('results.reached')}</dt><dd>{count(r.reached)}</dd></div><div><dt>{t('results.answered')}</dt><dd>{count(r.answered)}</dd></div>
			<div><dt>{t('results.percent')}</dt><dd>{r.answered_percent} %</dd></div><div><dt>{t('campaign.opt_outs')}</dt><dd>{count(r.opt_outs)}</dd></div></dl>
		{r.answers.length > 0 && <Answers of={r.answers} />}{r.units.length > 0 && <Units of={r.units} />}</>}</Show></section>;
}
