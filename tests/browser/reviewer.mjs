// SPDX-License-Identifier: GPL-3.0-or-later
// A reviewer and the secretary: what people said is sorted, given away, passed on, answered; who disagrees is heard by the province; the
// year's figures are those of the database.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { arrive, go, handle, isFit, numbers, same, shoot, shots, word } from './desk.mjs';
import { until } from './gateway.mjs';

export async function reviewerAnswers(world) {
	const hoa = world.hoa, p = hoa.page;
	await go(hoa, 'cases');
	await p.waitForSelector('.list .rows li');
	await p.keyboard.press('j');
	await p.waitForSelector('.talk .villager');
	await p.keyboard.press('r');
	await p.waitForFunction(() => document.activeElement && document.activeElement.name === 'text');
	await p.keyboard.type('Xã sẽ rải đá trước 30/12.');
	await p.reload();
	await p.waitForSelector('textarea[name=text]');
	same(await p.inputValue('textarea[name=text]'), 'Xã sẽ rải đá trước 30/12.', 'the draft after a reload');
	await p.click('text=Gửi trả lời');
	await p.waitForSelector('.talk .staff');
	const c = world.gateway.json('case', 'show', /cases\/(\d+)/.exec(p.url())[1]);
	if (['answered', 'notified'].indexOf(c.state) < 0) throw new Error(`the case is ${c.state}`);
	await p.click('.handling summary >> text=Ghi chú');
	await p.fill('.handling details[open] textarea', 'đã gọi lại');
	await p.click('.handling details[open] button.main');
	await p.waitForSelector('.talk >> text=đã gọi lại');
	await go(hoa, 'inbox');
	await p.click('.list .rows li:last-child a');
	await p.waitForSelector('text=Vì sao');
}

/** Cases of a unit as the rows tell: all, those that are over, those that are not. */
function figuresOf(gateway, unit) {
	const sql = `SELECT count(*), sum(state = 'closed'), sum(state <> 'closed') FROM casefile WHERE unit LIKE '${unit}%' AND NOT restricted`;
	return execFileSync('sqlite3', ['-readonly', join(gateway.dir, 'data', 'caunoi.db'), sql], { encoding: 'utf8' }).trim().split('|').map(Number);
}

/** Asks two villagers something; one answers. */
function askSurvey(world) {
	const csv = join(world.gateway.dir, 'two.csv');
	writeFileSync(csv, `số điện thoại,họ tên\n${numbers[10]},A\n${numbers[11]},B\n`);
	world.gateway.cli('contact', 'import', csv, '--group', 'hai-ho', '--basis', 'hop thon');
	const id = String(world.gateway.json('campaign', 'new', '--name', 'Giám sát cấp gạo', '--group', 'hai-ho', '--survey', 'config/menus/cap-gao.conf',
		'--text', 'Ho ong/ba co nhan du gao khong? Tra loi: 1=Du 2=Thieu 3=Khong nhan. Tu choi nhan tin: TC').id);
	for (const step of ['submit', 'approve', 'start']) world.gateway.cli('campaign', step, id);
	return id;
}

/** A programme figure with the comma that people write, as the gateway has it then. */
async function figureIsKept(world, p) {
	await p.click('details.indicators summary');
	await p.selectOption('details.indicators select[name=code]', 'bhyt');
	await p.fill('details.indicators input[name=value]', '96,5');
	await p.click('details.indicators form button.main');
	await p.waitForSelector('details.indicators td:text-is("96,5")');
	same(world.gateway.json('indicator', 'list', '--unit', '02269').find((i) => i.code === 'bhyt').value, 96.5, 'the figure that was kept');
	await p.click('details.indicators summary');
}

/** A file of cases goes out once; what they call one of them comes back by the workbook's list. */
async function casesAreHandedOver(world, p) {
	const box = 'details.handover ';
	await p.click(`${box}summary`);
	const [file] = await Promise.all([p.waitForEvent('download'), p.click(`${box}button:has-text("JSON")`)]);
	const handed = JSON.parse(readFileSync(await file.path(), 'utf8')), code = handed.cases[0].code;
	await p.click(`${box}button:has-text("XLSX")`);
	await p.waitForSelector(`${box}.trouble, ${box}.wrong, ${box}[role=alert]`); /* nothing is left to hand over */
	await p.setInputFiles(`${box}input[type=file]`, { name: 'back.csv', mimeType: 'text/csv', buffer: Buffer.from(`Mã;Mã bên nhận\n${code};MT-42\n`) });
	await p.click(`${box}form:last-of-type button`);
	await p.waitForSelector(`${box}.notice >> text=1 mã`);
	same(world.gateway.json('case', 'show', code).portal_reference, 'MT-42', 'what they call it');
	await p.click(`${box}summary`);
}

export async function secretaryPrintsTheYear(world) {
	const campaign = askSurvey(world), year = new Date().getFullYear(), from = `${year}-01-01`, to = `${year}-12-31`;
	await until('the question is delivered', () => world.gateway.json('campaign', 'show', campaign).counts.delivered === 2);
	world.gateway.json('loopback', 'say', '--from', numbers[10], '--text', '2');
	await until('the answer is there', () => world.gateway.json('inbox', 'list').some((m) => m.kind === 'survey_answer' && m.handled_by));
	const thu = world.thu, p = thu.page;
	await go(thu, `surveys/${campaign}`, 'text=không mang tính đại diện');
	if (!(await p.innerText('main')).includes('ít hơn 5')) throw new Error('a vote of one person is shown');
	await go(thu, 'reports', 'select[name=kind]');
	await p.selectOption('select[name=kind]', 'annual');
	await p.fill('input[name=unit]', '02269');
	await p.fill('input[name=from]', from);
	await p.fill('input[name=to]', to);
	await p.click('text=Xem số liệu');
	await p.waitForSelector('.report table[data-sheet=T2]');
	const order = (kind) => JSON.parse(readFileSync(world.gateway.json('report', kind, '--unit', '02269', '--from', from, '--to', to, '--format', 'json').file, 'utf8'));
	const said = order('annual'), b = said.balance;
	same((await p.locator('.report .figures dd').allInnerTexts()).map(Number), [b.opening, b.new, b.closed, b.carried_over], 'the balance');
	same(b.opening + b.new - b.closed, b.carried_over, 'the sum');
	same([b.new, b.closed, b.carried_over], figuresOf(world.gateway, '02269'), 'what the database holds');
	same(b.carried_over, world.gateway.json('case', 'list').filter((c) => c.state !== 'closed' && (c.unit || '').startsWith('02269')).length, 'what is open now');
	const sheet = said.sections.flatMap((s) => s.sheets).find((s) => s.id === 'T2'), column = sheet.columns.findIndex((c) => c.key === 'received');
	const printed = await p.locator('table[data-sheet=T2] tfoot td').nth(column).innerText();
	same(Number(printed), sheet.total[column], 'the total of what was received');
	const [saved] = await Promise.all([p.waitForEvent('download'), p.click('text=Tải XLSX')]);
	same(readFileSync(await saved.path()).subarray(0, 2).toString(), 'PK', 'the file begins');
	for (const width of [1280, 320]) {
		await p.setViewportSize({ width, height: 900 });
		await isFit(world, thu, `the figures at ${width} px`);
		await shoot(p, `thu-annual-vi-${width}`);
	}
	await p.setViewportSize({ width: 1280, height: 900 });
	await figureIsKept(world, p);
	await casesAreHandedOver(world, p);
	await p.emulateMedia({ media: 'print' });
	if (shots) await p.pdf({ path: `${shots}/annual.pdf` }).catch(() => undefined);
	same(await p.isVisible('.filters'), false, 'the form on paper');
	await p.emulateMedia({ media: 'screen' });
}

export async function reviewerWorksThroughADay(world) {
	const hoa = world.hoa, p = hoa.page, json = world.gateway.json;
	json('loopback', 'say', '--from', numbers[2], '--text', 'PA nuoc sinh hoat ban qua ca xom khong dung duoc, goi toi 0987 654 321');
	const found = await until('the case is there', () => json('case', 'list', '--topic', 'NUOCSACH')[0]), id = String(found.id);
	await go(hoa, `cases/${id}`, '.talk .villager');
	same((await p.innerText('main')).match(/.*0987 654.*/), null, 'a number inside a text');
	await p.keyboard.press('a');
	await p.waitForSelector('details.act-assign[open]');
	await handle(p, 'assign', { to: 'hoa' });
	await p.waitForSelector('.facts dd:text-is("hoa")');
	await handle(p, 'reveal', { reason: 'gọi lại cho dân' });
	await p.waitForSelector('.talk >> text=0987 654 321');
	await handle(p, 'move', { to: 'triaged' });
	await p.waitForSelector('.facts .casestate-triaged');
	same((await p.innerText('main')).match(/.*0987 654.*/), null, 'a number that was shown');
	await handle(p, 'refer', { unit: '02270', reason: 'đường ống của xã bên' });
	await p.waitForSelector('.facts dd:text-is("02270")');
	await handle(p, 'return', { reason: 'ống của xã mình' });
	await p.waitForSelector('.talk >> text=ống của xã mình');
	await handle(p, 'forward', { to: 'UBND xã', due: '2099-12-15' });
	await p.waitForSelector('.facts .casestate-forwarded');
	await p.selectOption('select[name=template]', 'xin-loi-cham');
	await p.waitForFunction(() => /Xin loi/.test(document.querySelector('.reply textarea').value));
	await until('the others see who writes', () => (json('case', 'show', id).lock || {}).holder === 'user:hoa');
	await p.fill('.reply textarea', 'Xa se sua duong ong truoc 30/12.');
	await p.click('text=Gửi trả lời');
	await p.waitForSelector('.facts .casestate-notified');
	json('loopback', 'say', '--from', numbers[2], '--text', '2 noi nhieu lan roi');
	await until('it climbs', () => json('case', 'show', id).level === 'province');
	await p.waitForSelector('.facts .casestate-reopened');
	await go(hoa, 'cases?raised=true', '.list .rows li');
	same(await p.locator('.list .rows li').count(), 1, 'cases of the province');
	await p.check('.list .rows li input[type=checkbox]');
	await p.selectOption('.bulk select[name=do]', 'move');
	await p.click('.bulk button.main');
	await until('it is sorted', () => json('case', 'show', id).state === 'triaged');
	await go(hoa, 'cases');
	await p.fill('input[name=q]', 'nước SINH hoạt');
	await p.waitForFunction(() => document.querySelectorAll('.list .rows li').length === 1);
	await go(hoa, 'cases/new', 'textarea[name=text]');
	await p.fill('textarea[name=text]', 'mái nhà bà Giàng dột nát');
	await p.fill('input[name=who]', 'bà Giàng, Nà Lang');
	await p.click('form.composer button.main');
	await p.waitForSelector('.facts >> text=Nhà tạm');
}


/** In English, on a telephone: what the commune could not settle stands on the province's first page, and ends with the villager's yes. */
export async function provinceHearsWhoDisagrees(world) {
	const { json } = world.gateway, villager = numbers[42];
	json('user', 'add', 'tinh', '--role', 'reviewer', '--unit', '08');
	json('loopback', 'say', '--from', villager, '--text', 'PA cau treo thon bay mat van, tre em di hoc nguy hiem');
	const id = String((await until('the case is there', () => json('case', 'list', '--search', 'cau treo thon bay')[0])).id), of = () => json('case', 'show', id);
	const tinh = await arrive(world, 'tinh', { lang: 'en', width: 320 }), p = tinh.page;
	await go(world.hoa, `cases/${id}`, '.reply textarea');
	await world.hoa.page.fill('.reply textarea', 'Xa da ghi nhan.');
	await world.hoa.page.click('text=Gửi trả lời');
	await until('it is answered', () => of().state === 'notified');
	json('loopback', 'say', '--from', villager, '--text', '2');
	await until('it climbs', () => of().level === 'province' && of().state === 'reopened');
	await go(tinh, '');
	await p.click(`main a:has-text("${of().code}")`);
	await p.waitForSelector('.talk >> text=cau treo thon bay');
	await isFit(world, tinh, 'the case on a telephone');
	await shoot(p, 'tinh-case-en-320');
	await p.fill('.reply textarea', 'Tinh cap van, lap xong truoc 15/12.');
	await p.click(`text=${word('en', 'reply.send')}`);
	await until('it is answered again', () => of().state === 'notified');
	json('loopback', 'say', '--from', villager, '--text', '1');
	await until('it is over', () => of().state === 'closed');
	await p.waitForSelector('.facts .casestate-closed');
	same(tinh.errors, [], 'errors');
	await tinh.context.close();
}
