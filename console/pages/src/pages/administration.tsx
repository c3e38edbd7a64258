// SPDX-License-Identifier: GPL-3.0-or-later
// Users, tokens, who is logged in, what was done; each part for those who may see it.
import { may } from '../api';
import { useAction, useData, useList } from '../data';
import { named, t } from '../i18n';
import { Page, Show, ShowList, Table, Trouble, When } from '../parts';
import { useState } from 'preact/hooks';
import { get } from '../api';
import { count } from '../format';
import { hrefOf, route } from '../route';
import { Key } from '../words/vi';
import { Sessions } from './sessions';
import { Settings } from './settings';
import { Templates } from './templates';
import { Tokens } from './tokens';
import { Units } from './units';
import { Users } from './users';
import { Webhooks } from './webhooks';
import { Words } from './wordfile';

interface Entry { id: number; at: string; actor: string; verb: string; subject: string; detail: string | null }
interface Verified { ok: boolean; first_bad: number | null; checked: number; next?: number | null }

function Verify() {
	const act = useAction(), [seen, setSeen] = useState<{ ok: boolean; bad: number | null; checked: number }>();
	const verify = () => act.run(async () => {
		let after: number | null | undefined, checked = 0;
		for (;;) {
			const v = await get<Verified>('audit/verify', { after });
			checked += v.checked;
			setSeen({ ok: v.ok, bad: v.first_bad, checked });
			if (!v.ok || !v.next) return;
			after = v.next;
		}
	});
	return <div><button type="button" disabled={act.busy} onClick={verify}>{act.busy ? t('working') : t('audit.verify')}</button>
		<div role="status">{seen && <p class={seen.ok ? 'notice' : 'wrong'}>{seen.ok ? t('audit.whole', { n: count(seen.checked) }) : t('audit.broken', { n: count(seen.bad) })}</p>}</div>
		<Trouble problem={act.problem} /></div>;
}

function Audit() {
	const list = useList<Entry>('audit', {}, ['audit']);
	return <section class="card"><h2>{t('audit')}</h2>{may('audit.verify') && <Verify />}
		<ShowList of={list} empty={t('audit.none')}>{(items) => <Table label={t('audit')} rows={items} keyOf={(e) => e.id}
			heads={[t('consent.at'), t('audit.who'), t('audit.what'), t('audit.whom')]} cells={(e) => [<When at={e.at} />, e.actor.replace(/^user:/, ''), <code>{e.verb}</code>, e.subject]} />}</ShowList></section>;
}

interface Job { id: number; verb: string; state: string; done: number; total: number | null }

function Jobs() {
	const list = useList<Job>('job', {}, ['job']);
	return <section class="card"><h2>{t('jobs')}</h2><ShowList of={list} empty={t('jobs.none')}>{(items) => <Table label={t('jobs')} rows={items} keyOf={(j) => j.id}
		heads={['#', t('audit.what'), t('case.state'), t('jobs.done')]} cells={(j) => [j.id, <code>{j.verb}</code>, named('job', j.state), `${count(j.done)}/${count(j.total)}`]} />}</ShowList></section>;
}

const OLD_BACKUP_DAYS = 7, DAY_MS = 86400000;

/** How old the last copy is, and that it should not be. */
function Age({ at }: { at: string | null }) {
	const days = at ? Math.floor((Date.now() - Date.parse(at)) / DAY_MS) : 0;
	if (!at) return <p class="trouble">{t('backup.never')}</p>;
	return <p class={days > OLD_BACKUP_DAYS ? 'trouble' : 'notice'}>{t('backup.last')} <When at={at} /> ({days ? t('backup.days', { n: days }) : t('backup.today')}). {days > OLD_BACKUP_DAYS && t('backup.old')}</p>;
}

interface Kept { class: string; months: number; oldest_at: string | null; due: boolean }

/** How long words that name people are kept, and how old the oldest is. */
function Retention({ of }: { of: Kept[] }) {
	return <Table label={t('retention')} rows={of} keyOf={(k) => k.class} heads={[t('retention.class'), t('retention.kept'), t('retention.oldest')]}
		cells={(k) => [named('retention', k.class), k.months ? t('retention.months', { n: k.months }) : t('retention.ever'), <><When at={k.oldest_at} />{k.due && <> · {t('retention.due')}</>}</>]} />;
}

function Backup() {
	const status = useData<{ backup_at: string | null; retention?: Kept[] }>('status', {}, ['']);
	return <section class="card"><h2>{t('backup')}</h2><Show of={status}>{(s) => <Age at={s.backup_at} />}</Show>
		<p>{t('backup.how')}</p><pre tabIndex={0} aria-label={t('backup')}>caunoi backup /path/to/backup.db</pre>
		{status.data && status.data.retention && <><h2>{t('retention')}</h2><p>{t('retention.how')}</p><Retention of={status.data.retention} /></>}</section>;
}

const TABS: { name: string; word: Key; verb: string; part: () => preact.JSX.Element }[] = [
	{ name: 'users', word: 'users', verb: 'user.list', part: Users }, { name: 'sessions', word: 'sessions', verb: 'user.list', part: () => <Sessions /> },
	{ name: 'units', word: 'units', verb: 'user.list', part: Units }, { name: 'tokens', word: 'tokens', verb: 'token.list', part: Tokens }, { name: 'audit', word: 'audit', verb: 'audit.list', part: Audit },
	{ name: 'words', word: 'words', verb: 'setting.file', part: Words }, { name: 'templates', word: 'templates', verb: 'template.list', part: Templates }, { name: 'webhooks', word: 'webhook', verb: 'webhook.list', part: Webhooks },
	{ name: 'settings', word: 'settings', verb: 'setting.list', part: Settings }, { name: 'jobs', word: 'jobs', verb: 'job.list', part: Jobs }, { name: 'backup', word: 'backup', verb: 'backup', part: Backup },
];

export function Administration() {
	const tabs = TABS.filter((tab) => may(tab.verb)), here = tabs.filter((tab) => tab.name === route.value.path[1])[0] || tabs[0];
	const Part = here.part;
	return <Page title={t('nav.administration')}>
		<nav class="tabs" aria-label={t('nav.administration')}>{tabs.map((tab) => <a href={hrefOf(`administration/${tab.name}`)} aria-current={tab === here ? 'page' : undefined}>{t(tab.word)}</a>)}</nav>
		<Part key={here.name} />
	</Page>;
}
