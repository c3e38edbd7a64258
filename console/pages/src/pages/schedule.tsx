// SPDX-License-Identifier: GPL-3.0-or-later
// When a campaign is sent: once, by a rule, around a date of each person; and reminders. The next dates are asked of the gateway, which decides them.
import { useState } from 'preact/hooks';
import { get, may, Problem } from '../api';
import { useAction } from '../data';
import { t } from '../i18n';
import { Choice, Text, Trouble } from '../parts';
import { Dates as Coming } from './agenda';
import { Repeat } from './repeat';

export const NO_SCHEDULE = { timing: 'once', repeat: 'FREQ=WEEKLY', on: '', days: '', until: '', at: '', remind: '', reminders: '' };
export type Timing = typeof NO_SCHEDULE;

/** What campaign.new and campaign.dates take, without what the chosen kind has no use for. */
export function scheduleArgs(d: Timing & { start: string }): Record<string, string | number> {
	const by: Record<string, string> = d.timing === 'repeat' ? { repeat: d.repeat, at: d.at } : d.timing === 'on' ? { on: d.on, days: d.days, until: d.until, at: d.at } : {};
	const remind: Record<string, number> = d.timing !== 'on' && d.remind ? { 'remind-after': Number(d.remind), reminders: Number(d.reminders || '1') } : {};
	const all: Record<string, string | number> = { start: d.start, ...by, ...remind }, said: Record<string, string | number> = {};
	for (const key of Object.keys(all)) if (all[key] !== '') said[key] = all[key];
	return said;
}

function Dates({ d }: { d: Timing & { start: string } }) {
	const look = useAction(), [next, setNext] = useState<{ at: string; wave: number }[]>();
	const show = () => look.run(async () => setNext((await get<{ dates: { at: string; wave: number }[] }>('campaign/dates', scheduleArgs(d))).dates));
	return <><p><button type="button" disabled={look.busy} onClick={show}>{t('schedule.next')}</button></p>
		<div role="status">{next && <Coming of={next} />}</div><Trouble problem={look.problem} /></>;
}

export function Schedule({ d, set, problem }: { d: Timing & { start: string }; set: (part: Partial<Timing>) => void; problem?: Problem }) {
	const at = <Text label={t('schedule.at')} name="at" type="time" value={d.at} set={(v) => set({ at: v })} problem={problem} />;
	return <>
		<Choice label={t('schedule.kind')} name="timing" value={d.timing} set={(timing) => set({ timing })}
			options={[['once', t('schedule.once')], ['repeat', t('schedule.repeat')], ['on', t('schedule.on')]]} />
		{d.timing === 'repeat' && <><Repeat rule={d.repeat} set={(repeat) => set({ repeat })} problem={problem} />{at}</>}
		{d.timing === 'on' && <><Text label={t('schedule.field')} name="on" value={d.on} set={(on) => set({ on })} problem={problem} required />
			<Text label={t('schedule.days')} name="days" value={d.days} set={(days) => set({ days })} hint={t('schedule.days.hint')} problem={problem} required />
			<Text label={t('repeat.until')} name="until" type="date" value={d.until} set={(until) => set({ until })} problem={problem} />{at}</>}
		{d.timing !== 'on' && <Text label={t('schedule.remind')} name="remind-after" type="number" value={d.remind} set={(remind) => set({ remind })} hint={t('schedule.remind.hint')} problem={problem} />}
		{d.timing !== 'on' && d.remind && <Text label={t('schedule.reminders')} name="reminders" type="number" value={d.reminders} set={(reminders) => set({ reminders })} problem={problem} />}
		{may('campaign.dates') && (d.timing !== 'once' || d.remind) && <Dates d={d} />}
	</>;
}
