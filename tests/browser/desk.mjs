// SPDX-License-Identifier: GPL-3.0-or-later
// What the browser's stories share: laws, people at a browser, the words of both languages, what is wrong with a page.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

export const build = resolve(process.argv[2] || 'build'), shots = process.argv[3];
export const need = createRequire(join(build, 'pages-work', 'package.json'));

export const SEEDED = 200;
export const numbers = Array.from({ length: SEEDED }, (_, i) => `+8491${String(2000000 + i * 37).padStart(7, '0')}`);
export const national = (number) => `0${number.slice(3)}`;

export const tally = { passed: 0, failed: 0 };

export async function law(name, fn) {
	const from = Date.now();
	try {
		await fn();
		tally.passed++;
		console.log(`  ok   ${name} (${Date.now() - from} ms)`);
	} catch (e) {
		tally.failed++;
		console.log(`  FAIL ${name}: ${e.stack || e}`);
	}
}

export function same(got, want, what) {
	if (JSON.stringify(got) !== JSON.stringify(want)) throw new Error(`${what}: ${JSON.stringify(got)} instead of ${JSON.stringify(want)}`);
}

export function holds(is, what) {
	if (!is) throw new Error(what);
}

/** A module of the pages' sources. */
export async function module(file) {
	const { outputFiles } = need('esbuild').buildSync({ entryPoints: [file], bundle: true, write: false, format: 'esm' });
	return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

/** All words of a language, as the pages have them. */
export const dictionary = async (lang) => (await module(`console/pages/src/words/${lang}.ts`))[lang];

const words = { vi: await dictionary('vi'), en: await dictionary('en') };

/** The words of a key in a language, up to where something is filled in. */
export function word(lang, key) {
	holds(words[lang][key], `no words for ${key}`);
	return words[lang][key].split('{')[0];
}

/** A person at a browser: what reaches it is kept for the leak test. options: as newContext takes them. */
export async function arrive(world, name, { lang = 'vi', width = 1280, ...options } = {}) {
	const context = await world.browser.newContext({ viewport: { width, height: width < 400 ? 640 : 900 }, ...options });
	const page = await context.newPage(), heard = [], errors = [];
	page.on('response', async (r) => heard.push(`${r.url()} ${JSON.stringify(r.headers())} ${await r.text().catch(() => '')}`));
	page.on('pageerror', (e) => errors.push(String(e)));
	page.on('console', (m) => { if (/Content Security Policy|TrustedScript/.test(m.text())) errors.push(m.text()); });
	const who = { name, page, context, heard, errors, lang, width };
	await enter(world, who);
	return who;
}

/** In by a link that works once. */
export async function enter(world, who) {
	const token = world.gateway.json('token', 'add', '--user', who.name, '--scopes', 'login').token;
	await who.page.goto(`${world.gateway.url}/${who.lang === 'en' ? '?lang=en' : ''}#/login?token=${token}`);
	await who.page.click(`button.main >> text=${word(who.lang, 'login.link.go')}`);
	await who.page.waitForSelector('.who');
}

export async function go(who, hash, selector = 'main h1') {
	await who.page.goto(`${who.page.url().split('#')[0]}#/${hash}`);
	await who.page.waitForSelector(selector);
	await who.page.waitForFunction(() => !document.querySelector('.waiting'));
}

/** Opens the form of an act beside a case, fills it in and sends it. */
export async function handle(p, act, fields) {
	await p.waitForSelector(`details.act-${act}`);
	if (!(await p.getAttribute(`details.act-${act}`, 'open').then((v) => v !== null))) await p.click(`details.act-${act} summary`);
	for (const name of Object.keys(fields)) {
		const at = `details.act-${act} [name=${name}]`;
		if (await p.locator(`details.act-${act} select[name=${name}]`).count()) await p.selectOption(at, fields[name]);
		else await p.fill(at, fields[name]);
	}
	await p.click(`details.act-${act} button.main`);
}

export async function violations(world, page) {
	/* the policy of the page lets no foreign script in: this one comes through the browser's own door */
	if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(world.axe);
	return page.evaluate(async () => (await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })).violations
		.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(', ')}`));
}

/** What stands on the page now: nothing wrong with it, and no wider than the screen. */
export async function isFit(world, who, what) {
	same(await violations(world, who.page), [], what);
	same(await who.page.evaluate(() => document.documentElement.scrollWidth - innerWidth) <= 0, true, `${what} fits into its width`);
}

export async function shoot(page, name) {
	if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
}

export const readAxe = () => readFileSync(need.resolve('axe-core/axe.min.js'), 'utf8');
