// SPDX-License-Identifier: GPL-3.0-or-later
// Answers to begin with, by topic and state: listed, added, changed, withdrawn.
import { useState } from 'preact/hooks';
import { may, post } from '../api';
import { useAction, useData } from '../data';
import { useDraft } from '../draft';
import { named, t } from '../i18n';
import { Meter } from '../meter';
import { Notice, Show, Sure, Table, Text, Trouble } from '../parts';
import { TopicChoice } from '../topic';

interface Template { name: string; title: string; topic: string | null; states: string[]; text: string }
const STATES = ['received', 'triaged', 'need_info', 'verifying', 'forwarded', 'awaiting', 'escalated', 'answered', 'notified', 'reopened'];
const EMPTY: Template = { name: '', title: '', topic: '', states: [], text: '' };

function States({ of, set }: { of: string[]; set: (states: string[]) => void }) {
	const flip = (s: string) => set(of.indexOf(s) < 0 ? of.concat(s) : of.filter((x) => x !== s));
	return <fieldset><legend>{t('templates.states')}</legend><div class="ticks">{STATES.map((s) => <label class="tick"><input type="checkbox" checked={of.indexOf(s) >= 0} onChange={() => flip(s)} /> {named('casestate', s)}</label>)}</div>
		{!of.length && <small class="hint">{t('templates.states.any')}</small>}</fieldset>;
}

function Write({ of, done }: { of: Template | undefined; done: (said?: string) => void }) {
	const [d, set, clear] = useDraft(`template:${of ? of.name : ''}`, of || EMPTY), act = useAction(), p = act.problem;
	const submit = (e: Event) => {
		e.preventDefault();
		act.run(async () => {
			await post(`template/${encodeURIComponent(d.name.trim())}/set`, { title: d.title, text: d.text, topic: d.topic, states: d.states.join() });
			clear();
			done(t('templates.kept', { name: d.name.trim() }));
		});
	};
	const stop = () => { clear(); done(); };
	return <form class="composer" onSubmit={submit}>
		<div class="pair">{!of && <Text label={t('templates.name')} name="name" value={d.name} set={(name) => set({ name })} hint={t('templates.name.hint')} problem={p} required />}
			<Text label={t('templates.title')} name="title" value={d.title} set={(title) => set({ title })} problem={p} required /></div>
		<Text label={t('templates.text')} name="text" value={d.text} set={(text) => set({ text })} rows={4} hint={t('templates.text.hint')} problem={p} required />
		<Meter text={d.text} cls="service" use={(text) => set({ text })} />
		<TopicChoice label={t('templates.topic')} none={t('any')} name="topic" value={d.topic || ''} set={(topic) => set({ topic })} problem={p} />
		<States of={d.states} set={(states) => set({ states })} />
		{p && ['name', 'title', 'text', 'topic'].indexOf(p.field) < 0 && <Trouble problem={p} />}
		<button type="submit" class="main" disabled={act.busy}>{act.busy ? t('working') : t('account.save')}</button>
		{of && <button type="button" onClick={stop}>{t('templates.cancel')}</button>}
	</form>;
}

function Todo({ of, edit, done }: { of: Template; edit: () => void; done: () => void }) {
	const act = useAction();
	const withdraw = () => act.run(async () => {
		await post(`template/${encodeURIComponent(of.name)}/withdraw`);
		done();
	});
	return <div class="actions"><button type="button" onClick={edit}>{t('templates.edit')}</button>
		<Sure label={t('templates.withdraw')} question={t('templates.withdraw.sure', { name: of.name })} act={withdraw} busy={act.busy} danger /><Trouble problem={act.problem} /></div>;
}

export function Templates() {
	const list = useData<{ items: Template[] }>('template', {}, ['setting']), [editing, setEditing] = useState<string>(), [said, setSaid] = useState<string>();
	const done = (words?: string) => { setEditing(undefined); setSaid(words); list.reload(); };
	const one = list.data && list.data.items.filter((i) => i.name === editing)[0];
	const heads = [t('templates.title'), t('templates.topic'), t('templates.states'), t('templates.text')].concat(may('template.set') ? [t('users.todo')] : []);
	return <>
		{may('template.set') && <section class="card"><h2>{one ? t('templates.change', { name: one.name }) : t('templates.add')}</h2><p>{t('templates.how')}</p><Write key={one ? one.name : ''} of={one} done={done} /></section>}
		<section class="card"><h2>{t('templates')}</h2><Notice text={said} />
			<Show of={list} empty={(d) => (d.items.length ? false : t('templates.none'))}>{(d) => <Table label={t('templates')} rows={d.items} keyOf={(i) => i.name} heads={heads}
				cells={(i) => [<><b>{i.title}</b><br /><small>{i.name}</small></>, i.topic ? named('topic', i.topic) : t('any'), i.states.map((s) => named('casestate', s)).join(', ') || t('templates.states.any'), i.text]
					.concat(may('template.set') ? [<Todo of={i} edit={() => { setEditing(i.name); setSaid(undefined); scrollTo(0, 0); }} done={() => done()} />] as never : [])} />}</Show></section></>;
}
