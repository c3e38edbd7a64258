// SPDX-License-Identifier: GPL-3.0-or-later
// A villager at the handset's USSD door, then the household they signed up: listed, visited, refused with a reason, posted without a number.
import { readFileSync } from 'node:fs';
import { go, holds, isFit, national, numbers, same, word } from './desk.mjs';
import { until } from './gateway.mjs';

const CALLER = numbers[50], HEAD = 'Giang A Pao';

const press = async (p, text) => {
	const before = await p.innerText('.screen');
	for (const key of text) await (/[0-9*#]/.test(key) ? p.click(`.keypad button >> text="${key}"`) : p.type('input[name=input]', key));
	await p.click(`.phone button >> text=${word('vi', 'ussd.send')}`);
	await p.waitForFunction((was) => document.querySelector('.screen').innerText !== was, before);
	return p.innerText('.screen');
};

export async function villagerDialsAndIsCutOff(world) {
	const who = world.lan, p = who.page, dial = async () => {
		await p.click(`form.inline button.main >> text=${word('vi', 'ussd.dial')}`);
		await p.waitForSelector('.keypad');
		return p.innerText('.screen');
	};
	await go(who, 'phone/ussd', 'input[name=menu]');
	await p.fill('input[name=menu]', 'khong-co');
	await p.click('form.inline button.main');
	await p.waitForSelector('.field:has(input[name=menu]) .wrong');
	await p.fill('input[name=menu]', 'main');
	holds(/1\..*3\./s.test(await dial()), 'no menu was shown');
	await p.waitForSelector(`small >> text=${word('vi', 'ussd.rehearsal').slice(0, 12)}`);
	await isFit(world, who, 'the handset');
	await p.click(`button.danger >> text=${word('vi', 'ussd.hangup')}`);
	await p.waitForSelector('.notice');
	await p.fill('input[name=from]', national(CALLER));
	await dial();
	await press(p, '2');
	await p.click(`button.danger >> text=${word('vi', 'ussd.hangup')}`);
	const again = await dial();
	holds(/Tiep tuc/.test(again), `whoever was cut off is not asked: ${again}`);
	await press(p, '1');
	holds(/Ten chu ho/i.test(await press(p, '1')), 'the sign-up does not ask');
	await p.fill('input[name=input]', `${HEAD}, Na Lang`);
	await p.click(`.phone button >> text=${word('vi', 'ussd.send')}`);
	await p.waitForSelector(`.notice >> text=${word('vi', 'ussd.over')}`);
	const told = await p.innerText('.screen');
	holds(/[A-Z]{2}\d{6}/.test(told), `no code was told: ${told}`);
	same(who.errors, [], 'errors');
}

async function savedAs(p, nth, format) {
	const [file] = await Promise.all([p.waitForEvent('download'), p.locator('details.card .actions').nth(nth).locator(`text=${format}`).click()]);
	return readFileSync(await file.path()).toString('utf8');
}

export async function reviewerDecidesASignUp(world) {
	const who = world.hoa, p = who.page, { gateway } = world, of = () => gateway.json('signup', 'list').find((s) => s.head === HEAD);
	await go(who, 'signups', 'details.card');
	await p.click('details.card summary');
	await p.fill('input[name=head]', HEAD);
	await p.fill('input[name=hamlet]', 'Na Lang');
	await p.fill('input[name=programme]', 'khong-co');
	await p.fill('input[name=number]', national(CALLER));
	await p.click('form.composer button.main');
	await p.waitForSelector('.field:has(input[name=programme]) .wrong');
	same(await p.inputValue('input[name=head]'), HEAD, 'what was typed');
	await p.fill('input[name=programme]', 'nha-tam');
	await p.click('form.composer button.main');
	await p.waitForSelector(`table a >> text=${HEAD}`);
	await isFit(world, who, 'the sign-ups');
	await p.click(`table a >> text=${HEAD}`);
	await p.click('.act-visit summary');
	await p.fill('.act-visit textarea', 'mái dột, nền đất');
	await p.click('.act-visit button.main');
	await until('the visit is written down', () => of().state === 'visited');
	await p.click('.act-decide summary');
	await p.selectOption('.act-decide select', 'not_eligible');
	await p.click('.act-decide form > button');
	await p.click('.act-decide .sure button.main');
	await p.waitForSelector('.act-decide .field:has(textarea) .wrong');
	await p.fill('.act-decide textarea', 'Nha con tot.');
	await p.click('.act-decide form > button');
	await p.click('.act-decide .sure button.main');
	await until('it is decided', () => of().result === 'not_eligible');
	await until('the household is told', () => gateway.json('loopback', 'heard', CALLER).some((m) => /Nha con tot/.test(m.text)));
	await isFit(world, who, 'one sign-up');
	await go(who, 'signups', 'table');
	await p.locator('details.card summary').last().click();
	const staff = await savedAs(p, 0, 'CSV'), posted = await savedAs(p, 1, 'CSV'), sheet = await savedAs(p, 1, 'XLSX');
	holds(staff.includes(HEAD) && staff.includes('NT'), 'the list for visits lacks the household');
	same([posted.includes(HEAD), posted.includes('NT'), posted.split('\r\n')[0].split(/[;,]/).length], [true, false, 3], 'the list for posting');
	same(numbers.filter((n) => [staff, posted, sheet].some((text) => text.includes(n) || text.includes(national(n)) || text.includes(n.slice(3)))), [], 'numbers');
	same(who.errors, [], 'errors');
}
