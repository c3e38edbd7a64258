// SPDX-License-Identifier: GPL-3.0-or-later
// Amounts and deadlines that texts quote, with the days on which they hold and the campaigns that quote them.
import { useState } from 'preact/hooks';
import { may, post } from '../api';
import { useAction, useList } from '../data';
import { fold } from '../format';
import { t } from '../i18n';
import { Notice, Page, ShowList, Table, Text, Trouble } from '../parts';
import { hrefOf } from '../route';
import { Campaign } from '../shapes';

interface Fact { name: string; value: string; from: string | null; until: string | null; source: string | null }

const EMPTY = { name: '', value: '', from: '', until: '', source: '' };
const LOOKED_AT = 200;

const written = (day: string | null) => (day ? day.split('-').reverse().join('/') : '–');

/** As the gateway finds a fact by its name: accents, case and "_" do not count. */
const keyOf = (name: string) => fold(name).replace(/_/g, ' ').trim();

function quotes(c: Campaign, name: string): boolean {
	return (c.text.match(/\{\{\s*fact:[^}]*\}\}/gi) || []).some((m) => keyOf(m.replace(/^\{\{\s*fact:|\}\}$/gi, '')) === keyOf(name));
}

function Used({ name, campaigns }: { name: string; campaigns: Campaign[] }) {
	const by = campaigns.filter((c) => quotes(c, name));
	return <>{by.length ? by.map((c, i) => <>{i ? ', ' : ''}<a href={hrefOf(`campaigns/${c.id}`)}>{c.name}</a></>) : '–'}</>;
}

function Write({ d, set, done }: { d: typeof EMPTY; set: (d: typeof EMPTY) => void; done: () => void }) {
	const act = useAction(), [said, setSaid] = useState<string>(), p = act.problem;
	const change = (part: Partial<typeof EMPTY>) => set({ ...d, ...part });
	const submit = (e: Event) => {
		e.preventDefault();
		act.run(async () => {
			await post(`fact/${encodeURIComponent(d.name)}/set`, { value: d.value, from: d.from, until: d.until, source: d.source });
			setSaid(t('facts.kept', { name: d.name }));
			set(EMPTY);
			done();
		});
	};
	return <section class="card"><h2>{t('facts.write')}</h2><form class="composer" onSubmit={submit}>
		<div class="pair"><Text label={t('facts.name')} name="name" value={d.name} set={(name) => change({ name })} hint={t('facts.name.hint')} problem={p} required />
			<Text label={t('facts.value')} name="value" value={d.value} set={(value) => change({ value })} hint={t('facts.value.hint')} problem={p} required /></div>
		<div class="pair"><Text label={t('facts.from')} name="from" type="date" value={d.from} set={(from) => change({ from })} problem={p} />
			<Text label={t('facts.until')} name="until" type="date" value={d.until} set={(until) => change({ until })} hint={t('facts.until.hint')} problem={p} /></div>
		<Text label={t('facts.source')} name="source" value={d.source} set={(source) => change({ source })} problem={p} />
		{p && ['name', 'value', 'from', 'until', 'source'].indexOf(p.field) < 0 && <Trouble problem={p} />}
		<button type="submit" class="main" disabled={act.busy}>{t('account.save')}</button><Notice text={said} /></form></section>;
}

export function Facts() {
	const list = useList<Fact>('fact', { limit: 200 }, ['campaign']), campaigns = useList<Campaign>('campaign', { limit: LOOKED_AT }, ['campaign']), [d, set] = useState(EMPTY);
	const edit = (f: Fact) => set({ name: f.name, value: f.value, from: f.from || '', until: f.until || '', source: f.source || '' });
	const cells = (f: Fact) => [<code>{`{{fact:${f.name}}}`}</code>, f.value, written(f.from), written(f.until), f.source || '–', <Used name={f.name} campaigns={campaigns.items} />,
		...(may('fact.set') ? [<button type="button" onClick={() => edit(f)}>{t('facts.change')}<span class="away"> {f.name}</span></button>] : [])];
	return <Page title={t('facts')}><p><a href="#/campaigns">← {t('nav.campaigns')}</a></p><p>{t('facts.what')}</p>
		<ShowList of={list} empty={t('facts.none')}>{(items) => <Table label={t('facts')} rows={items} keyOf={(f) => f.name} cells={cells}
			heads={[t('facts.name'), t('facts.value'), t('facts.from'), t('facts.until'), t('facts.source'), t('facts.used'), ...(may('fact.set') ? [t('users.todo')] : [])]} />}</ShowList>
		{may('fact.set') && <Write d={d} set={set} done={list.reload} />}</Page>;
}
