// SPDX-License-Identifier: GPL-3.0-or-later
// Staff prepare: columns of a file are chosen by hand, wrong rows are told, a fact is dated, a rule is put together from rows, a person's
// word is written down with its proof; an administrator adds units.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

function same(got, want, what) {
	if (JSON.stringify(got) !== JSON.stringify(want)) throw new Error(`${what}: ${JSON.stringify(got)} instead of ${JSON.stringify(want)}`);
}

const open = async (p, url, hash, selector) => {
	await p.goto(`${url}/#/${hash}`);
	await p.waitForSelector(selector);
};

async function importsByColumns(p, world) {
	const { gateway } = world, file = join(gateway.dir, 'columns.csv');
	const write = (second) => writeFileSync(file, `liên lạc;chủ hộ;số nhà\n0912111111;Bà Tám;12\n${second};Ông Năm;14\n`);
	await open(p, gateway.url, 'people/import', 'input[type=file]');
	write('0912x');
	await p.setInputFiles('input[type=file]', file);
	await p.selectOption('select[aria-label="Cột liên lạc là"]', 'phone');
	await p.selectOption('select[aria-label="Cột chủ hộ là"]', 'name');
	same(await p.innerText('.sheet tbody tr:first-child td:nth-child(2)'), 'Bà Tám', 'the preview');
	await p.fill('input[name=group]', 'cột');
	await p.fill('input[name=basis]', 'họp thôn');
	await p.click('text=Kiểm tra trước');
	await p.waitForSelector('table[aria-label="Có dòng sai: chưa nhập gì"]');
	same(await p.locator('table[aria-label="Có dòng sai: chưa nhập gì"] tbody td').allInnerTexts(), ['3', 'liên lạc', '0912x', 'số điện thoại sai: có chữ trong số'], 'the complaint');
	write('0912222222');
	await p.click('text=Kiểm tra trước');
	await p.waitForSelector('.wrong >> text=chọn lại tệp');
	await p.setInputFiles('input[type=file]', []);
	await p.setInputFiles('input[type=file]', file);
	await p.selectOption('select[aria-label="Cột liên lạc là"]', 'phone');
	await p.selectOption('select[aria-label="Cột chủ hộ là"]', 'name');
	await p.click('text=Kiểm tra trước');
	await p.click('button:text-is("Nhập vào")');
	await p.waitForSelector('text=Đã nhập');
	same(gateway.json('contact', 'list', '--group', 'cột').map((c) => c.name).sort(), ['Bà Tám', 'Ông Năm'], 'people');
}

async function datesAFact(p, world) {
	await open(p, world.gateway.url, 'campaigns/facts', 'input[name=value]');
	await p.fill('input[name=name]', 'mức đóng');
	await p.fill('input[name=value]', '1.263.600 đồng');
	await p.fill('input[name=from]', '2026-01-01');
	await p.fill('input[name=until]', '2025-01-01');
	await p.click('form button.main');
	await p.waitForSelector('.wrong');
	await p.fill('input[name=until]', '2026-12-31');
	await p.click('form button.main');
	await p.waitForSelector('td:text-is("31/12/2026")');
	const [fact] = world.gateway.json('fact', 'list');
	same([fact.name, fact.from, fact.until], ['mức đóng', '2026-01-01', '2026-12-31'], 'the fact');
}

async function putsARuleTogether(p, world) {
	await open(p, world.gateway.url, 'campaigns/new', 'textarea[name=text]');
	await p.click('text=Thêm điều kiện');
	await p.selectOption('.condition:nth-of-type(1) select[name=what]', 'thon-demo');
	await p.click('text=Thêm điều kiện');
	await p.selectOption('.condition:nth-of-type(2) select[name=join]', 'and not');
	await p.selectOption('.condition:nth-of-type(2) select[name=kind]', 'compare');
	await p.fill('.condition:nth-of-type(2) input[name=what]', 'hamlet');
	await p.fill('.condition:nth-of-type(2) input[name=value]', 'Thôn 1');
	same(await p.inputValue('textarea[name=audience]'), 'group:"thon-demo" and not "hamlet" = "Thôn 1"', 'the rule');
	await p.waitForSelector('.tally >> text=160 người');
	await p.fill('textarea[name=audience]', 'group:"thon-demo" or (');
	await p.waitForSelector('.tally .trouble');
	await p.waitForSelector('text=Quy tắc đã sửa bằng tay.');
	await p.click('text=Dùng lại các dòng điều kiện');
	await p.click('button:text-is("Xóa hết")');
}

async function writesDownConsent(p, world, number) {
	const [one] = world.gateway.json('contact', 'list', '--number', number);
	await open(p, world.gateway.url, `people/${one.id}`, 'textarea[name=proof]');
	await p.fill('textarea[name=proof]', 'gọi điện ngày 20/11');
	await p.click('text=Ngừng gửi tin');
	await p.click('.sure button.main, .sure button.danger');
	await p.waitForSelector('td:text-is("gọi điện ngày 20/11")');
	await p.click('text=Cho nhận lại');
	await p.click('.sure button.main');
	await p.waitForSelector('.wrong');
	await p.fill('textarea[name=proof]', 'đơn ký ngày 21/11');
	await p.click('text=Cho nhận lại');
	await p.click('.sure button.main');
	await p.waitForSelector('td:text-is("đơn ký ngày 21/11")');
	same(world.gateway.json('consent', 'show', number).history.map((l) => [l.state, l.text]), [['opted_in', 'đơn ký ngày 21/11'], ['opted_out', 'gọi điện ngày 20/11']], 'the record');
}

async function replacesTheDncList(p, world) {
	const file = join(world.gateway.dir, 'dnc.csv');
	writeFileSync(file, 'sdt\n0912333333\n0912444444\n');
	await open(p, world.gateway.url, 'people/record', 'input[type=file]');
	await p.setInputFiles('input[type=file]', file);
	await p.click('text=Thay danh sách');
	await p.waitForSelector('text=Đã nhập');
	same((await p.locator('main .figures dd').allInnerTexts()).slice(0, 2), ['2', '2'], 'rows and numbers');
}

export async function staffSetsFactsRulesAndConsent(lan, world) {
	const p = lan.page;
	await importsByColumns(p, world);
	await datesAFact(p, world);
	await putsARuleTogether(p, world);
	await writesDownConsent(p, world, '+84912111111');
	await replacesTheDncList(p, world);
	same(lan.errors, [], 'errors');
}

export async function administratorAddsUnits(admin, world) {
	const p = admin.page, { gateway } = world, file = join(gateway.dir, 'units.csv');
	await open(p, gateway.url, 'administration/units', 'text=Nhập cả danh sách');
	await p.click('text=Nhập cả danh sách');
	writeFileSync(file, 'code,name,parent\n08,Tuyên Quang,\n02269,Thượng Lâm,08\n0226x,Sai,08\n');
	await p.setInputFiles('input[type=file]', file);
	await p.click('button:text-is("Nhập vào")');
	await p.waitForSelector('td:text-is("0226x")');
	writeFileSync(file, 'code,name,parent\n08,Tuyên Quang,\n02269,Thượng Lâm,08\n');
	await p.setInputFiles('input[type=file]', []);
	await p.setInputFiles('input[type=file]', file);
	await p.click('button:text-is("Nhập vào")');
	await p.waitForSelector('text=Đã nhập');
	await p.click('text=Thêm hoặc sửa một đơn vị');
	await p.fill('input[name=code]', '02269.5');
	await p.fill('input[name=name]', 'Thôn Nà Lang');
	await p.fill('input[name=parent]', '02269');
	await p.click('button:text-is("Thêm")');
	await p.waitForSelector('text=Đã lưu Thôn Nà Lang');
	await p.click('.tree summary >> text=Tuyên Quang');
	await p.click('.tree .tree summary >> text=Thượng Lâm');
	await p.waitForSelector('.tree .tree .tree >> text=Thôn Nà Lang');
	same(gateway.json('unit', 'show', '02269.5').parent, '02269', 'its parent');
}
