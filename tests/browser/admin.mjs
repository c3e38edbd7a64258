// SPDX-License-Identifier: GPL-3.0-or-later
// An administrator's day: somebody is added, lets codes be asked for, is shut out within a second; the record is verified, a copy is taken.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { go, holds, isFit, same, word } from './desk.mjs';
import { codesAreAskedFor } from './codes.mjs';
import { pause } from './gateway.mjs';

const SHUT_MS = 1000;

export async function administratorLetsSomebodyIn(world) {
	const admin = world.admin, p = admin.page;
	await go(admin, 'administration/users', 'details.card');
	await p.click('details.card summary');
	await p.fill('details.card input[name=name]', 'tam kì');
	await p.click('details.card button.main');
	await p.waitForSelector('details.card .wrong, details.card .trouble');
	same(await p.inputValue('details.card input[name=name]'), 'tam kì', 'what was typed');
	await p.fill('details.card input[name=name]', 'tam');
	await p.selectOption('details.card select[name=role]', 'reviewer');
	await p.click('details.card button.main');
	const row = p.locator('tr', { has: p.locator('td:text-is("tam")') });
	await row.locator(`button >> text=${word('vi', 'users.link')}`).click();
	const link = await row.locator('.once input').inputValue();
	const context = await world.browser.newContext({ viewport: { width: 1280, height: 900 } }), page = await context.newPage(), errors = [];
	page.on('pageerror', (e) => errors.push(String(e)));
	await page.goto(link);
	await page.click(`button.main >> text=${word('vi', 'login.link.go')}`);
	await page.waitForSelector('.who');
	world.tam = { name: 'tam', page, context, errors, heard: [], lang: 'vi', width: 1280 };
	await codesAreAskedFor(world.tam, world.gateway.url, () => isFit(world, world.tam, 'the page with the key'));
	same(errors, [], 'errors');
}

export async function shutOutWithinASecond(world) {
	const admin = world.admin, p = admin.page, session = (await world.tam.context.cookies()).find((c) => c.name === '__Host-caunoi');
	const status = async () => (await fetch(`${world.gateway.url}/api/v1/case`, { headers: { Cookie: `${session.name}=${session.value}` } })).status;
	same(await status(), 200, 'before');
	await go(admin, 'administration/users', 'details.card');
	const row = p.locator('tr', { has: p.locator('td:text-is("tam")') });
	await row.locator(`button.danger >> text=${word('vi', 'users.shut')}`).last().click();
	await row.locator('.sure button.danger').click();
	await p.waitForSelector(`tr:has(td:text-is("tam")) >> text=${word('vi', 'users.disabled')}`);
	const from = Date.now();
	while ((await status()) !== 401) {
		holds(Date.now() - from <= SHUT_MS, `still in after ${Date.now() - from} ms`);
		await pause(20);
	}
	await world.tam.page.waitForSelector('input[name=password]', { timeout: 60000 });
}

/** The copy is taken on the machine itself: the page says how. */
export async function administratorVerifiesAndCopies(world) {
	const admin = world.admin, p = admin.page, { gateway } = world, folder = join(gateway.dir, 'copies'), file = join(folder, 'copy.db');
	await go(admin, 'administration/audit');
	await p.click(`text=${word('vi', 'audit.verify')}`);
	await p.waitForSelector(`.notice >> text=${word('vi', 'audit.whole')}`);
	await go(admin, 'administration/backup', 'pre');
	await p.waitForSelector(`.trouble >> text=${word('vi', 'backup.never').slice(0, 24)}`);
	const words = (await p.innerText('pre')).split(' ');
	mkdirSync(folder);
	gateway.cli(...words.slice(1, -1), file);
	holds(existsSync(file), 'no copy was written');
	await go(admin, 'administration/audit');
	await go(admin, 'administration/backup', `.notice >> text=${word('vi', 'backup.last')}`);
	await go(admin, 'administration/audit', 'td >> text=backup');
}
