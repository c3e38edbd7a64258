// SPDX-License-Identifier: GPL-3.0-or-later
// A reviewer's whole work without a mouse, and pages at twice the size.
import { go, holds, numbers, same, word } from './desk.mjs';
import { until } from './gateway.mjs';
import { PAGES } from './pages.mjs';

const STOPS_MAX = 150;

/** Tab until it has the focus, which must be seen. */
async function tabTo(p, selector) {
	for (let i = 0; i < STOPS_MAX; i++) {
		if (await p.evaluate((s) => document.activeElement.matches(s), selector)) {
			holds(await p.evaluate(() => getComputedStyle(document.activeElement).outlineStyle !== 'none'), `${selector}: nobody sees that it has the focus`);
			return;
		}
		await p.keyboard.press('Tab');
	}
	throw new Error(`no way to ${selector} by Tab`);
}

const press = async (p, selector, key = 'Enter') => {
	await tabTo(p, selector);
	await p.keyboard.press(key);
};

/** Down the list that has the focus until the value is there. */
async function chooseByKeys(p, value) {
	await p.waitForFunction((v) => [...document.activeElement.options].some((o) => o.value === v), value);
	for (let i = 0; i < STOPS_MAX; i++) {
		if (await p.evaluate((v) => document.activeElement.value === v, value)) return;
		await p.keyboard.press('ArrowDown');
	}
	throw new Error(`no way to ${value} by the arrows`);
}

/** The form of an act, opened and filled in by keys. */
async function actByKeys(p, act, values) {
	await press(p, `details.act-${act} summary`);
	for (const name of Object.keys(values)) {
		await tabTo(p, `details.act-${act} [name=${name}]`);
		if (await p.evaluate(() => document.activeElement.tagName === 'SELECT')) await chooseByKeys(p, values[name]);
		else await p.keyboard.type(values[name]);
	}
	await press(p, `details.act-${act} button.main`);
}

export async function reviewerWorksByKeys(world) {
	const { json } = world.gateway, p = world.hoa.page;
	json('loopback', 'say', '--from', numbers[40], '--text', 'PA dien yeu ca thang nay khong bom duoc nuoc');
	const id = String((await until('the case is there', () => json('case', 'list', '--search', 'dien yeu')[0])).id), of = () => json('case', 'show', id);
	await go(world.hoa, '');
	await p.focus('.brand');
	await press(p, 'nav a[href="#/cases"]');
	await p.waitForSelector('.list .rows li');
	await p.keyboard.press('?');
	await p.waitForSelector('.keys');
	await p.keyboard.press('Escape');
	await p.waitForSelector('.keys', { state: 'detached' });
	await p.keyboard.press('j');
	await p.waitForSelector('.talk >> text=dien yeu');
	await p.keyboard.press('a');
	await p.waitForFunction(() => document.activeElement.matches('.act-assign select'));
	await chooseByKeys(p, 'hoa');
	await press(p, 'details.act-assign button.main');
	await until('it is hers', () => of().assigned === 'hoa');
	await actByKeys(p, 'topic', { to: 'NUOCSACH' });
	await until('it is sorted', () => of().topic === 'NUOCSACH');
	await actByKeys(p, 'forward', { to: 'Điện lực', document: '12/CV-MTTQ' });
	await until('it is passed on', () => of().state === 'forwarded');
	await p.evaluate(() => document.activeElement.blur());
	await p.keyboard.press('r');
	await p.waitForFunction(() => document.activeElement.name === 'text');
	await p.keyboard.type('Điện lực nâng áp trước Tết.');
	await press(p, '.reply button.main');
	await until('it is answered', () => of().state === 'notified');
	await p.waitForSelector('.facts .casestate-notified');
	await p.evaluate(() => document.activeElement.blur());
	await p.keyboard.press('e');
	await p.waitForFunction(() => document.activeElement.matches('.act-close select'));
	await press(p, 'details.act-close button.main');
	await until('it is over', () => of().state === 'closed');
	same(world.hoa.errors, [], 'errors');
}

/** Tab until the button of these words has the focus, and press it. */
async function pressNamed(p, words) {
	await p.waitForSelector(`button:text-is("${words}")`);
	for (let i = 0; i < STOPS_MAX; i++) {
		if (await p.evaluate((w) => document.activeElement.tagName === 'BUTTON' && !document.activeElement.disabled && document.activeElement.innerText.trim() === w, words)) return p.keyboard.press('Enter');
		await p.keyboard.press('Tab');
	}
	throw new Error(`no way to "${words}" by Tab`);
}

const into = async (p, selector, text) => {
	await tabTo(p, selector);
	await p.keyboard.type(text);
};

/** Written and submitted, approved and started, without a mouse. */
export async function staffAndApproverWorkByKeys(world) {
	const { json } = world.gateway, [lan, minh] = [world.lan.page, world.minh.page], name = 'Họp thôn bằng phím', of = () => json('campaign', 'list').find((c) => c.name === name);
	await go(world.lan, 'campaigns', 'a[href="#/campaigns/new"]');
	await lan.focus('.brand');
	await press(lan, 'a[href="#/campaigns/new"]');
	await lan.waitForSelector('textarea[name=text]');
	await into(lan, 'input[name=name]', name);
	await into(lan, 'textarea[name=text]', 'Moi hop thon toi thu Bay. Tu choi: TC');
	await tabTo(lan, 'select[name=group]');
	await chooseByKeys(lan, 'thon-demo');
	await pressNamed(lan, word('vi', 'composer.save'));
	await lan.waitForSelector('.campaign-draft');
	await pressNamed(lan, word('vi', 'step.submit'));
	await until('it is submitted', () => of().state === 'submitted');
	await go(world.minh, '', `.rows a[href="#/campaigns/${of().id}"]`);
	await minh.focus('.brand');
	await press(minh, `.rows a[href="#/campaigns/${of().id}"]`);
	await minh.waitForSelector('.samples li');
	await pressNamed(minh, word('vi', 'step.approve'));
	await minh.waitForFunction(() => document.activeElement.closest('.sure')); /* asked once more, where one already is */
	await minh.keyboard.press('Enter');
	await until('it is approved', () => of().state === 'approved');
	await minh.waitForSelector('input[name=confirm]');
	await into(minh, 'input[name=confirm]', String(of().total));
	await minh.keyboard.press('Enter');
	await until('it runs', () => ['running', 'done'].includes(of().state));
	same([...world.lan.errors, ...world.minh.errors], [], 'errors');
}

const LOOKED_AT = { lan: ['', 'campaigns/1'], hoa: ['cases'], thu: ['surveys/2', 'reports'], admin: ['administration/templates'] };

/** Who has colours of their own or wants nothing to move: all is there, the focus is seen, badges have an edge. */
export async function colourAndMotionAreTheReaders(world) {
	for (const name of Object.keys(LOOKED_AT)) {
		const p = world[name].page;
		await p.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
		for (const hash of LOOKED_AT[name]) {
			await go(world[name], hash);
			const [edges, moving] = await p.evaluate(() => [[...document.querySelectorAll('main .badge, main .card')].filter((e) => getComputedStyle(e).borderTopStyle === 'none').length, document.getAnimations().length]);
			same([edges, moving], [0, 0], `#/${hash}: badges and cards without an edge, what moves`);
			await p.focus('.brand');
			await p.keyboard.press('Tab');
			holds(await p.evaluate(() => getComputedStyle(document.activeElement).outlineStyle !== 'none'), `#/${hash}: nobody sees the focus`);
		}
		await p.emulateMedia({ forcedColors: 'none', reducedMotion: 'no-preference' });
	}
}

/** 1280 pixels at 200 % are 640. */
export async function pagesAtTwiceTheSize(world, name) {
	const who = world[name], p = who.page, wrong = [];
	await p.setViewportSize({ width: 640, height: 450 });
	for (const hash of PAGES[name]) {
		await go(who, hash);
		const wide = await p.evaluate(() => document.documentElement.scrollWidth - innerWidth);
		if (wide > 0) wrong.push(`#/${hash} is ${wide} px wider than the screen`);
	}
	await p.setViewportSize({ width: 1280, height: 900 });
	same(wrong, [], 'pages');
}
