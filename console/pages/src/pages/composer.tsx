// SPDX-License-Identifier: GPL-3.0-or-later
// Writing a campaign: the text with its length as the network counts it, with accents and without; for whom; from when.
import { useEffect } from 'preact/hooks';
import { get, newKey, post } from '../api';
import { useAction, useList } from '../data';
import { useDraft } from '../draft';
import { count } from '../format';
import { named, t } from '../i18n';
import { Meter } from '../meter';
import { Choice, Page, Text, Trouble } from '../parts';
import { go, hrefOf, route } from '../route';
import { Campaign, Channel, Group } from '../shapes';
import { TopicChoice } from '../topic';
import { Audience, quoted, Row, Tally } from './audience';
import { NO_SCHEDULE, Schedule, scheduleArgs } from './schedule';

const EMPTY = { name: '', text: '', group: '', audience: '', rows: [] as Row[], class: 'social_policy', topic: '', reason: '', start: '', channel: '', key: '', from: '', ...NO_SCHEDULE };
type Draft = typeof EMPTY;
type Set = (part: Partial<Draft>) => void;
const CLASSES = ['social_policy', 'advert', 'service', 'emergency'];

function Whom({ d, set, problem }: { d: Draft; set: Set; problem?: ReturnType<typeof useAction>['problem'] }) {
	const groups = useList<Group>('group', { limit: 200 }, ['group']), channels = useList<Channel>('channel', {}, ['channel']);
	return <fieldset><legend>{t('composer.whom')}</legend>
		<Choice label={t('composer.group')} name="group" value={d.group} set={(group) => set({ group })} problem={problem}
			options={[['', t('composer.rule.own')] as [string, string]].concat(groups.items.map((g) => [g.name, `${g.name} (${count(g.members)})`] as [string, string]))} />
		{!d.group && <Audience rule={d.audience} rows={d.rows} set={set} groups={groups.items} problem={problem} />}
		<Tally rule={d.group ? `group:${quoted(d.group)}` : d.audience} as={{ text: d.text, class: d.class, topic: d.topic, channel: d.channel }} />
		<Text label={t('campaign.start_at')} name="start" type="datetime-local" value={d.start} set={(start) => set({ start })} hint={t('composer.start.hint')} problem={problem} />
		<Schedule d={d} set={set} problem={problem} />
		<Choice label={t('composer.channel')} name="channel" value={d.channel} set={(channel) => set({ channel })} problem={problem}
			options={[['', t('composer.channel.any')] as [string, string]].concat(channels.items.map((c) => [c.name, c.name] as [string, string]))} />
	</fieldset>;
}

/** What a campaign says, as the form has it. */
function draftOf(c: Campaign): Partial<Draft> {
	const list = /^group:"([^"]*)"$/.exec(c.audience), s = c.schedule || {} as Partial<NonNullable<Campaign['schedule']>>;
	return { name: c.name, text: c.text, reason: c.reason || '', group: list ? list[1] : '', audience: list ? '' : c.audience, class: c.class, topic: c.topic || '', channel: c.channel || '',
		timing: s.repeat ? 'repeat' : s.on ? 'on' : 'once', repeat: s.repeat || NO_SCHEDULE.repeat, on: s.on || '', days: (s.days || []).join(', '), until: s.until || '', at: s.at || '',
		remind: s.reminders ? String(s.remind_after) : '', reminders: s.reminders ? String(s.reminders) : '' };
}

/** What another campaign says, taken over once; with its start when it is that campaign which is changed. */
function useModel(from: string | undefined, d: Draft, set: Set, keepStart: boolean) {
	useEffect(() => {
		if (!from || d.from === from) return;
		get<Campaign>(`campaign/${encodeURIComponent(from)}`).then((c) => set({ ...EMPTY, ...draftOf(c), from, start: keepStart && c.start_at ? c.start_at.slice(0, 16) : '' }), () => undefined);
	}, [from]);
}

/** A new campaign, or "campaigns/12/edit". */
export function Composer() {
	const { path, query } = route.value, id = path[2] === 'edit' ? path[1] : undefined;
	const [d, set, clear] = useDraft(id ? `campaign:${id}` : 'campaign', EMPTY), save = useAction();
	const edit: Set = (part) => set({ ...part, key: '' });
	useModel(id || query.from, d, set, !!id);
	const submit = (e: Event) => {
		e.preventDefault();
		const key = d.key || newKey();
		set({ key });
		save.run(async () => {
			const said = { name: d.name, text: d.text, group: d.group, audience: d.group ? '' : d.audience, class: d.class, reason: d.class === 'emergency' ? d.reason : '', topic: d.topic, channel: d.channel, ...scheduleArgs(d) };
			const c = await post<Campaign>(id ? `campaign/${id}/set` : 'campaign', said, key).catch((p) => {
				if (p.status >= 400 && p.status < 500) set({ key: '' });
				throw p;
			});
			clear();
			go(`campaigns/${c.id}`);
		});
	};
	const p = save.problem, shown = ['name', 'text', 'group', 'audience', 'start', 'channel', 'topic', 'class', 'reason', 'repeat', 'on', 'days', 'until', 'at', 'remind-after', 'reminders'];
	return <Page title={t(id ? 'campaign.edit.title' : 'campaign.new')}>
		<p><a href={hrefOf(id ? `campaigns/${id}` : 'campaigns')}>← {id ? d.name : t('nav.campaigns')}</a></p>
		<form class="composer" onSubmit={submit}>
			<Text label={t('campaign.name')} name="name" value={d.name} set={(name) => edit({ name })} problem={p} required />
			<Text label={t('campaign.text')} name="text" value={d.text} set={(text) => edit({ text })} rows={6} hint={t('composer.merge')} problem={p} required />
			<Meter text={d.text} cls={d.class} use={(text) => edit({ text })} both />
			<div class="pair">
				<Choice label={t('campaign.class')} name="class" value={d.class} set={(cls) => edit({ class: cls })} options={CLASSES.map((c) => [c, named('class', c)])} problem={p} />
				<TopicChoice label={t('topic')} name="topic" value={d.topic} set={(topic) => edit({ topic })} problem={p} />
			</div>
			{d.class === 'emergency' && <Text label={t('campaign.emergency')} name="reason" value={d.reason} set={(reason) => edit({ reason })} hint={t('composer.emergency.hint')} problem={p} required />}
			<Whom d={d} set={edit} problem={p} />
			{p && shown.indexOf(p.field) < 0 && <Trouble problem={p} />}
			<button type="submit" class="main" disabled={save.busy}>{save.busy ? t('working') : t(id ? 'campaign.edit.save' : 'composer.save')}</button>
			{!id && <button type="button" onClick={clear}>{t('composer.clear')}</button>}
		</form>
	</Page>;
}
