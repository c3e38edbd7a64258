// SPDX-License-Identifier: GPL-3.0-or-later
// A schedule is put together without writing a rule, told in words, and stands in the form again when the campaign is changed.
import { go, holds, isFit, same, shoot } from './desk.mjs';

const newest = (world) => world.gateway.json('campaign', 'list', '--limit', '1')[0];

async function writes(p, name) {
	await p.fill('input[name=name]', name);
	await p.fill('textarea[name=text]', 'Hop thon luc 19h. Tu choi: TC');
	await p.selectOption('select[name=group]', 'thon-nam');
}

async function repeats(world) {
	const p = world.lan.page;
	await go(world.lan, 'campaigns/new', 'textarea[name=text]');
	await writes(p, 'Họp thôn');
	await p.selectOption('select[name=timing]', 'repeat');
	await p.check('input[name=MO]');
	await p.check('input[name=FR]');
	await p.fill('input[name=interval]', '2');
	await p.selectOption('select[name=end]', 'count');
	await p.fill('input[name=count]', '7');
	await p.fill('input[name=at]', '09:30');
	await p.click('text=Xem các ngày tới');
	await p.waitForSelector('.composer ol li >> nth=4');
	same(await p.locator('.composer ol li').count(), 5, 'dates that are shown');
	await isFit(world, world.lan, 'the schedule');
	await shoot(p, 'schedule');
	await p.click('text=Lưu bản nháp');
	await p.waitForSelector('.campaign-draft');
	const c = newest(world);
	same([c.schedule.repeat, c.schedule.at], ['FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;COUNT=7', '09:30'], 'the rule');
	await p.waitForSelector('text=2 tuần một lần vào thứ Hai, thứ Sáu, 7 lần; lúc 09:30');
	const shown = await p.locator('section.card ol li time').evaluateAll((all) => all.map((time) => time.dateTime));
	same(shown, c.schedule.next.map((n) => n.at), 'the dates on the page');
	holds(shown.every((at) => [1, 5].includes(new Date(at.slice(0, 10)).getUTCDay())), `other days: ${shown}`);
	return c.id;
}

async function changesIt(world, id) {
	const p = world.lan.page;
	await p.click('a:text-is("Sửa")');
	await p.waitForSelector('input[name=FR]:checked');
	same([await p.inputValue('input[name=interval]'), await p.inputValue('input[name=count]'), await p.inputValue('input[name=at]')], ['2', '7', '09:30'], 'the form');
	await p.selectOption('select[name=freq]', 'MONTHLY');
	await p.fill('input[name=monthdays]', '1, 15');
	await p.check('input[name=last]');
	await p.selectOption('select[name=end]', 'until');
	await p.fill('input[name=last-day]', '2099-12-31');
	await p.click('text=Lưu bản sửa');
	await p.waitForSelector('text=vào ngày 1, ngày 15, ngày cuối tháng, đến hết ngày 31/12/2099');
	same(world.gateway.json('campaign', 'show', String(id)).schedule.repeat, 'FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=1,15,-1;UNTIL=20991231', 'the rule');
}

/** By a column that holds dates, until a day, in words. */
async function followsADate(world) {
	const p = world.lan.page;
	await go(world.lan, 'campaigns/new', 'textarea[name=text]');
	await writes(p, 'Thẻ sắp hết hạn');
	await p.selectOption('select[name=timing]', 'on');
	await p.fill('input[name=on]', 'hạn thẻ');
	await p.fill('input[name=days]', '-30, -10, -3');
	await p.fill('input[name=until]', '2098-06-30');
	await p.click('text=Lưu bản nháp');
	await p.waitForSelector('text=trước 30 ngày, trước 10 ngày, trước 3 ngày; lúc 08:00; đến hết ngày 30/06/2098');
	same(newest(world).schedule.days, [-30, -10, -3], 'the days');
}

export async function scheduleIsToldInWords(world) {
	const id = await repeats(world);
	await changesIt(world, id);
	await followsADate(world);
	same(world.lan.errors, [], 'errors');
}
