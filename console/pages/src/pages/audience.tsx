// SPDX-License-Identifier: GPL-3.0-or-later
// Whom a campaign is for: rows of conditions that write the rule, or the rule by hand; how many it means while it is being written.
import { useEffect, useState } from 'preact/hooks';
import { finish, may, post, Problem } from '../api';
import { useList } from '../data';
import { count } from '../format';
import { named, t } from '../i18n';
import { Choice, Table, Text, Trouble } from '../parts';
import { hrefOf } from '../route';
import { Campaign, Group } from '../shapes';
import { Key } from '../words/vi';
import { Reasons } from './preview';

export interface Row { join: string; not: boolean; kind: string; name: string; sign: string; value: string }
export const ROW: Row = { join: 'and', not: false, kind: 'group', name: '', sign: '=', value: '' };

const KINDS = ['group', 'unit', 'target', 'answered', 'sent', 'compare', 'within', 'empty', 'all'], SIGNS = ['=', '!=', '<', '<=', '>', '>='];
const FIELDS = ['hamlet', 'name', 'language'], PAUSE_MS = 700;

/** A name as the rule has it; the rule knows no quote inside a name. */
export const quoted = (name: string) => `"${name.replace(/"/g, '')}"`;

function term(r: Row): string {
	switch (r.kind) {
	case 'all': return 'all';
	case 'group': case 'target': return r.name ? `${r.kind}:${quoted(r.name)}` : '';
	case 'unit': case 'answered': case 'sent': return r.name ? `${r.kind}:${r.name.trim()}` : '';
	case 'compare': return r.name && r.value ? `${quoted(r.name)} ${r.sign} ${quoted(r.value)}` : '';
	case 'within': return r.name && r.value ? `${quoted(r.name)} within ${Number(r.value)} days` : '';
	default: return r.name ? `${quoted(r.name)} is empty` : '';
	}
}

/** The rows read from above: each "or" begins a new group, as the rule itself binds. Rows that are not filled in yet are left out. */
export function ruleOf(rows: Row[]): string {
	return rows.filter(term).map((r, i) => `${i ? `${r.join} ` : ''}${r.not ? 'not ' : ''}${term(r)}`).join(' ');
}

type Set = (part: Partial<Row>) => void;

function What({ r, set, groups, campaigns }: { r: Row; set: Set; groups: Group[]; campaigns: Campaign[] }) {
	const pick = (label: string, options: [string, string][]) => <Choice label={label} name="what" value={r.name} set={(name) => set({ name })} options={[['', '–'] as [string, string]].concat(options)} />;
	switch (r.kind) {
	case 'all': return null;
	case 'group': return pick(t('people.group'), groups.map((g) => [g.name, `${g.name} (${count(g.members)})`]));
	case 'answered': case 'sent': return pick(t('nav.campaigns'), campaigns.map((c) => [String(c.id), c.name]));
	case 'unit': return <Text label={t('field.unit')} name="what" value={r.name} set={(name) => set({ name })} hint={t('users.unit.hint')} />;
	case 'target': return <Text label={t('audience.target')} name="what" value={r.name} set={(name) => set({ name })} />;
	}
	return <>
		<Text label={t('audience.field')} name="what" value={r.name} set={(name) => set({ name })} list={FIELDS} />
		{r.kind === 'compare' && <Choice label={t('audience.sign')} name="sign" value={r.sign} set={(sign) => set({ sign })} options={SIGNS.map((s) => [s, s])} />}
		{r.kind !== 'empty' && <Text label={t(r.kind === 'within' ? 'audience.days' : 'import.value')} name="value" value={r.value} set={(value) => set({ value: r.kind === 'within' ? value.replace(/[^\d-]/g, '') : value })} />}</>;
}

function Condition({ r, i, set, drop, groups, campaigns }: { r: Row; i: number; set: Set; drop: () => void; groups: Group[]; campaigns: Campaign[] }) {
	const joins: [string, string][] = i ? [['and', t('audience.and')], ['and not', t('audience.and.not')], ['or', t('audience.or')], ['or not', t('audience.or.not')]] : [['and', t('audience.is')], ['and not', t('audience.is.not')]];
	return <div class="condition" role="group" aria-label={t('audience.row', { n: i + 1 })}>
		<Choice label={t('audience.join')} name="join" value={`${r.join}${r.not ? ' not' : ''}`} set={(v) => set({ join: v.split(' ')[0], not: v.indexOf('not') > 0 })} options={joins} />
		<Choice label={t('audience.kind')} name="kind" value={r.kind} set={(kind) => set({ kind, name: '', value: '' })} options={KINDS.map((k) => [k, t(`audience.${k}` as Key)])} />
		<What r={r} set={set} groups={groups} campaigns={campaigns} />
		<button type="button" onClick={drop}>{t('audience.drop')}<span class="away"> {i + 1}</span></button></div>;
}

interface LeftOut { id: number; name: string; reason: string }
interface Counted { count: number; excluded?: Record<string, number>; left_out?: LeftOut[] }
interface As { text: string; class: string; topic: string; channel: string }

/** Asked again when nobody has typed for a moment; the newest question's answer counts. */
function useCount(rule: string, as: As): { counted?: Counted; problem?: Problem; stale: boolean } {
	const [state, setState] = useState<{ of: string; counted?: Counted; problem?: Problem }>({ of: '' }), of = JSON.stringify([rule, as]);
	useEffect(() => {
		if (!rule || !may('group.count')) return;
		let wanted = true;
		const tell = (part: { counted?: Counted; problem?: Problem }) => { if (wanted) setState({ of, ...part }); };
		const timer = setTimeout(() => {
			post<Counted | { job: number }>('group/count', { rule, 'left-out': true, ...as }).then((a) => finish<Counted>(a)).then((counted) => tell({ counted }), (problem) => tell({ problem }));
		}, PAUSE_MS);
		return () => { wanted = false; clearTimeout(timer); };
	}, [of]);
	return { ...state, stale: state.of !== of };
}

function Who({ of }: { of: LeftOut[] }) {
	return <details><summary>{t('audience.left_out')}</summary><Table label={t('audience.left_out')} rows={of} keyOf={(p) => p.id} heads={[t('people.name'), t('campaign.reason')]}
		cells={(p) => [<a href={hrefOf(`people/${p.id}`)}>{p.name || `#${p.id}`}</a>, named('reason', p.reason)]} /><p class="hint">{t('audience.left_out.first')}</p></details>;
}

/** How many a rule means, how many of them get it, and who does not; as: what would be sent, as far as it is written. */
export function Tally({ rule, as }: { rule: string; as: As }) {
	const { counted, problem, stale } = useCount(rule, as), out = (counted && counted.excluded) || {};
	const left = Object.keys(out).reduce((n, r) => n + out[r], 0);
	return <div aria-live="polite" class={stale ? 'tally stale' : 'tally'}>
		{rule && counted && <><p><b>{t('composer.rule.counted', { n: count(counted.count) })}</b> · {t('audience.gets', { n: count(counted.count - left) })}</p>
			<Reasons of={out} label={t('campaign.excluded')} none={t('campaign.excluded.none')} />
			{left > 0 && <Who of={counted.left_out || []} />}</>}
		{rule && stale && may('group.count') && <p>{t('meter.counting')}</p>}
		{rule && <Trouble problem={problem} />}</div>;
}

interface Props { rule: string; rows: Row[]; set: (part: { audience: string; rows: Row[] }) => void; groups: Group[]; problem?: Problem }

export function Audience({ rule, rows, set, groups, problem }: Props) {
	const campaigns = useList<Campaign>('campaign', { limit: 100 }, ['campaign']), by_hand = ruleOf(rows) !== rule;
	const change = (next: Row[]) => set({ rows: next, audience: ruleOf(next) });
	return <div class="audience">
		{by_hand ? <p>{t('audience.by_hand')} <button type="button" onClick={() => change([ROW])}>{t('audience.again')}</button></p>
			: <>{rows.map((r, i) => <Condition key={i} r={r} i={i} groups={groups} campaigns={campaigns.items} set={(part) => change(rows.map((was, k) => (k === i ? { ...was, ...part } : was)))}
				drop={() => change(rows.filter((_, k) => k !== i))} />)}
				<p><button type="button" onClick={() => change(rows.concat([ROW]))}>{t('audience.more')}</button></p></>}
		<Text label={t('composer.rule')} name="audience" value={rule} set={(audience) => set({ rows, audience })} rows={2} hint={t('composer.rule.words')} problem={problem} />
	</div>;
}
