// SPDX-License-Identifier: GPL-3.0-or-later
// The form of a rule of repetition: how often, on which days, until when. What it cannot show is left as text.
import { Problem } from '../api';
import { t } from '../i18n';
import { Choice, Text, wordsOf } from '../parts';
import { FREQS, formatRule, isPlain, parseRule, Recurrence, ruleWords, WEEKDAYS } from '../recurrence';
import { Key } from '../words/vi';

const digits = (text: string) => text.replace(/\D/g, '');

interface Part { r: Recurrence; set: (part: Partial<Recurrence>) => void }

function Weekdays({ r, set }: Part) {
	const toggle = (day: string) => set({ days: WEEKDAYS.filter((d) => (d === day) !== (r.days.indexOf(d) >= 0)) });
	return <div class="ticks" role="group" aria-label={t('repeat.days')}>{WEEKDAYS.map((d) => <label class="tick" key={d}>
		<input type="checkbox" name={d} checked={r.days.indexOf(d) >= 0} onChange={() => toggle(d)} /> {t(`weekday.${d}` as Key)}</label>)}</div>;
}

function Monthdays({ r, set }: Part) {
	const last = r.days.indexOf('-1') >= 0, plain = r.days.filter((d) => d !== '-1');
	const write = (text: string) => set({ days: text.split(/[^\d]+/).filter((d) => Number(d) >= 1 && Number(d) <= 31).concat(last ? ['-1'] : []) });
	return <><Text label={t('repeat.monthdays')} name="monthdays" value={plain.join(', ')} set={write} hint={t('repeat.monthdays.hint')} />
		<label class="tick"><input type="checkbox" name="last" checked={last} onChange={() => set({ days: last ? plain : plain.concat('-1') })} /> {t('repeat.last')}</label></>;
}

function End({ r, set }: Part) {
	const kind = r.count ? 'count' : r.until ? 'until' : 'never';
	const choose = (next: string) => set({ count: next === 'count' ? '5' : '', until: next === 'until' ? `${new Date().getFullYear()}-12-31` : '' });
	return <div class="pair"><Choice label={t('repeat.end')} name="end" value={kind} set={choose} options={['never', 'count', 'until'].map((k) => [k, t(`repeat.end.${k}` as Key)])} />
		{kind === 'count' && <Text label={t('repeat.count')} name="count" type="number" value={r.count} set={(count) => set({ count: digits(count) || '1' })} />}
		{kind === 'until' && <Text label={t('repeat.until')} name="last-day" type="date" value={r.until} set={(until) => set({ until })} />}</div>;
}

export function Repeat({ rule, set, problem }: { rule: string; set: (rule: string) => void; problem?: Problem }) {
	const r = parseRule(rule), change = (part: Partial<Recurrence>) => set(formatRule({ ...r, ...part }));
	if (!isPlain(r)) return <Text label={t('schedule.rule')} name="repeat" value={rule} set={set} hint={t('repeat.by_hand')} problem={problem} required />;
	return <fieldset><legend>{t('repeat')}</legend>
		<div class="pair"><Choice label={t('repeat')} name="freq" value={r.freq} set={(freq) => change({ freq, days: [] })} options={FREQS.map((f) => [f, t(`repeat.${f}` as Key)])} />
			<Text label={t('repeat.interval')} name="interval" type="number" value={r.interval} set={(n) => change({ interval: digits(n) || '1' })} /></div>
		{r.freq === 'MONTHLY' ? <Monthdays r={r} set={change} /> : r.freq === 'WEEKLY' && <Weekdays r={r} set={change} />}
		<End r={r} set={change} />
		<p role="status">{ruleWords(rule)}</p>
		{problem && problem.field === 'repeat' && <p class="wrong" role="alert">{wordsOf(problem)}</p>}</fieldset>;
}
