// SPDX-License-Identifier: GPL-3.0-or-later
// The frame around every page: who is logged in, where one can go, what stands in the address.
import { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { logOut, may, me, online, whoAmI } from './api';
import { forgetDrafts } from './draft';
import { lang, named, t } from './i18n';
import { Key } from './words/vi';
import { fetchWhenQuiet, later } from './later';
import { deafen, keepAlive, listen } from './live';
import { Trouble } from './parts';
import { Problem } from './api';
import { hrefOf, route } from './route';
import { Campaigns } from './pages/campaigns';
import { Cases } from './pages/cases';
import { Inbox } from './pages/inbox';
import { Login } from './pages/login';
import { Today } from './pages/today';

const Account = later('Account'), CampaignOne = later('CampaignOne'), Composer = later('Composer'), ConsentRecord = later('ConsentRecord'), Facts = later('Facts'),
	ImportPeople = later('ImportPeople');

interface Place { path: string; word: Key; verb: string; page: ComponentType }

/** What stands in the navigation: a place is there for those who may read what it shows. */
const PLACES: Place[] = [
	{ path: '', word: 'nav.today', verb: 'status', page: Today },
	{ path: 'cases', word: 'nav.cases', verb: 'case.list', page: Cases },
	{ path: 'signups', word: 'nav.signups', verb: 'signup.list', page: later('Signups') },
	{ path: 'inbox', word: 'nav.inbox', verb: 'inbox.list', page: Inbox },
	{ path: 'campaigns', word: 'nav.campaigns', verb: 'campaign.list', page: Campaigns },
	{ path: 'surveys', word: 'nav.surveys', verb: 'survey.list', page: later('Surveys') },
	{ path: 'reports', word: 'nav.reports', verb: 'report.monthly', page: later('Reports') },
	{ path: 'people', word: 'nav.people', verb: 'contact.list', page: later('People') },
	{ path: 'channels', word: 'nav.channels', verb: 'channel.list', page: later('Channels') },
	{ path: 'phone', word: 'nav.phone', verb: 'loopback.say', page: later('Phone') },
	{ path: 'administration', word: 'nav.administration', verb: 'audit.list', page: later('Administration') },
];

function pageOf(path: string[]): ComponentType | undefined {
	if (path[0] === 'account') return Account;
	if (path[0] === 'campaigns' && path[1] === 'new') return may('campaign.new') ? Composer : undefined;
	if (path[0] === 'campaigns' && path[1] === 'facts') return may('fact.list') ? Facts : undefined;
	if (path[0] === 'people' && path[1] === 'import') return may('contact.import') ? ImportPeople : undefined;
	if (path[0] === 'people' && path[1] === 'record') return may('consent.list') ? ConsentRecord : undefined;
	const place = PLACES.filter((p) => p.path === (path[0] || ''))[0];
	if (!place || !may(place.verb)) return undefined;
	if (path[0] === 'campaigns' && path[2] === 'edit') return may('campaign.set') ? Composer : undefined;
	return path[0] === 'campaigns' && path[1] ? CampaignOne : place.page;
}

function Lost() {
	return <><h1>{t('lost')}</h1><p><a href="#/">{t('lost.home')}</a></p></>;
}

function otherLanguage(): string {
	return (lang === 'en' ? '/' : '/?lang=en') + location.hash;
}

export function Language() {
	const other = lang === 'en' ? 'vi' : 'en';
	return <a class="language" href={otherLanguage()} lang={other} hreflang={other} onClick={(e) => { e.currentTarget.href = otherLanguage(); }}>{other === 'vi' ? 'Tiếng Việt' : 'English'}</a>;
}

function Navigation({ here, close }: { here: string; close: () => void }) {
	return <nav id="nav" aria-label={t('nav')}>
		<ul onClick={close}>{PLACES.filter((p) => may(p.verb)).map((p) =>
			<li key={p.path}><a href={hrefOf(p.path)} aria-current={here === p.path ? 'page' : undefined}>{t(p.word)}</a></li>)}</ul>
	</nav>;
}

function Frame() {
	const who = me.value!, path = route.value.path;
	const [open, setOpen] = useState(false);
	const Current = pageOf(path) || Lost;
	useEffect(() => {
		listen();
		return deafen;
	}, [who.user]);
	useEffect(fetchWhenQuiet, []);
	const leave = () => { forgetDrafts(); logOut().catch(() => { me.value = null; }); };
	return <div class={open ? 'frame open' : 'frame'}>
		<a class="skip" href="#main" onClick={(e) => { e.preventDefault(); document.getElementById('main')!.focus(); }}>{t('skip')}</a>
		<header class="top">
			<a class="brand" href="#/"><b>Cầu Nối</b></a>
			<button type="button" class="menu" aria-expanded={open} aria-controls="nav" onClick={() => setOpen(!open)}>{t('menu')}</button>
			<div class="who"><Language /><a href="#/account">{who.user}<small> · {named('role', who.role)}</small></a>
				<button type="button" onClick={leave}>{t('logout')}</button></div>
		</header>
		<Navigation here={path[0] || ''} close={() => setOpen(false)} />
		<main id="main" tabIndex={-1}>
			{!online.value && <p class="offline" role="alert">{t('offline')}</p>}
			<Current key={path[0] === 'campaigns' || path[0] === 'surveys' ? path.join('/') : path[0]} />
		</main>
	</div>;
}

export function App() {
	const [problem, setProblem] = useState<Problem>();
	const ask = () => { whoAmI().then(() => setProblem(undefined), (e) => setProblem(e instanceof Problem ? e : new Problem(0, 'failed', '', String(e), {}))); };
	useEffect(() => { keepAlive(); ask(); }, []);
	if (problem && me.value === undefined) return <main class="alone"><h1>Cầu Nối</h1><Trouble problem={problem} retry={ask} /></main>;
	if (me.value === undefined) return <main class="alone"><h1>Cầu Nối</h1><p role="status">{t('loading')}</p></main>;
	return me.value ? <Frame /> : <Login />;
}
