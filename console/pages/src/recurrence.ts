// SPDX-License-Identifier: GPL-3.0-or-later
// A rule of repetition between the form that writes it and the words that tell it. Which days it means the gateway alone decides.
import { named, t } from './i18n';
import { Key } from './words/vi';

export const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'], FREQS = ['DAILY', 'WEEKLY', 'MONTHLY'];

/** days: weekdays ("MO", of a month also "1SA", "-1SU") or days of a month ("15", "-1"). until: 2027-12-31. */
export interface Recurrence { freq: string; interval: string; days: string[]; count: string; until: string }

const dated = (digits: string) => digits.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3');

export function parseRule(rule: string): Recurrence {
	const parts: Record<string, string> = {};
	rule.toUpperCase().split(';').forEach((part) => { const [name, value] = part.split('='); parts[name] = value || ''; });
	return { freq: parts.FREQ || 'WEEKLY', interval: parts.INTERVAL || '1', days: (parts.BYDAY || parts.BYMONTHDAY || '').split(',').filter(Boolean), count: parts.COUNT || '', until: dated(parts.UNTIL || '') };
}

export function formatRule(r: Recurrence): string {
	const by = !r.days.length ? '' : /[A-Z]/.test(r.days[0]) ? 'BYDAY' : 'BYMONTHDAY';
	return [`FREQ=${r.freq}`, r.interval !== '1' && r.interval && `INTERVAL=${r.interval}`, by && `${by}=${r.days.join(',')}`,
		r.count && `COUNT=${r.count}`, !r.count && r.until && `UNTIL=${r.until.replace(/-/g, '')}`].filter(Boolean).join(';');
}

/** Can the form hold it? Numbered weekdays it cannot. */
export function isPlain(r: Recurrence): boolean {
	return r.days.every((d) => /^([A-Z]{2}|-1|\d+)$/.test(d));
}

export const written = (day: string) => day.split('-').reverse().join('/');

function dayWords(day: string): string {
	const [, n, weekday] = /^(-?\d*)([A-Z]*)$/.exec(day)!;
	if (!weekday) return n === '-1' ? t('repeat.lastday') : t('repeat.day', { n });
	const words = named('weekday', weekday);
	return !n ? words : n[0] === '-' ? t('repeat.nth.last', { day: words }) : t('repeat.nth', { day: words, n });
}

/** "every week on Monday, Friday, 8 times". */
export function ruleWords(rule: string): string {
	const r = parseRule(rule);
	const every = r.interval === '1' ? t(`repeat.${r.freq}` as Key) : t(`repeat.n.${r.freq}` as Key, { n: r.interval });
	const end = r.count ? t('repeat.times', { n: r.count }) : r.until ? t('repeat.till', { day: written(r.until) }) : '';
	return [r.days.length ? `${every} ${t('repeat.on', { days: r.days.map(dayWords).join(', ') })}` : every, end].filter(Boolean).join(', ');
}
