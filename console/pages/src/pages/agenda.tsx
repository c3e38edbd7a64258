// SPDX-License-Identifier: GPL-3.0-or-later
// When a campaign goes, in words, and its next dates as the gateway has them.
import { count } from '../format';
import { t } from '../i18n';
import { When } from '../parts';
import { ruleWords, written } from '../recurrence';
import { Campaign, Schedule } from '../shapes';

function daysWords(days: number[]): string {
	return days.map((n) => (n < 0 ? t('words.before', { n: -n }) : n > 0 ? t('words.after', { n }) : t('words.same'))).join(', ');
}

export function scheduleWords(s: Schedule): string {
	const what = s.repeat ? ruleWords(s.repeat) : s.on ? t('words.field', { field: s.on, days: daysWords(s.days || []) }) : t('words.once');
	return [what, s.at && t('words.at', { at: s.at }), s.until && t('repeat.till', { day: written(s.until) }),
		s.reminders && t('words.remind', { n: s.remind_after || 0, m: s.reminders })].filter(Boolean).join('; ');
}

export function Dates({ of }: { of: { at: string; wave: number; people?: number }[] }) {
	if (!of.length) return <p>{t('campaign.schedule.none')}</p>;
	return <ol>{of.map((d) => <li key={`${d.at} ${d.wave}`}><When at={d.at} />{d.wave > 0 && ` · ${t('words.reminder')}`}{d.people !== undefined && ` · ${t('campaign.people', { n: count(d.people) })}`}</li>)}</ol>;
}

export function Agenda({ c }: { c: Campaign }) {
	if (!c.schedule) return <p>{c.start_at ? <When at={c.start_at} /> : t('words.start')}</p>;
	return <><p>{scheduleWords(c.schedule)}{c.start_at && <> · <When at={c.start_at} /></>}</p>
		<h3>{t('campaign.schedule.next')}</h3><Dates of={c.schedule.next} />
		{c.schedule.missed > 0 && <p class="warn">{t('campaign.schedule.missed', { n: count(c.schedule.missed) })}</p>}</>;
}
