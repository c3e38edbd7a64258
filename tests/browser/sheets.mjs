// SPDX-License-Identifier: GPL-3.0-or-later
// A spreadsheet is looked into before it is sent: its columns are chosen by hand as those of a text file are.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, deflateRawSync } from 'node:zlib';
import { go, isFit, module, same } from './desk.mjs';

const ROWS = [['liên lạc', 'chủ hộ', '=ghi chú'], ['0912555111', 'Bà <b>Sáu</b> & "con"', '=1+1'], ['0912555222', 'Ông Bảy', '']];

export async function deflatedStreamsAreRead() {
	const { inflateHead } = await module('console/pages/src/inflate.ts');
	const texts = { nothing: '', 'one letter': 'a', 'the same again and again': 'abc'.repeat(20000), 'a long text': readFileSync('docs/verbs.md', 'utf8') };
	const ways = { dynamic: { level: 9 }, stored: { level: 0 }, fixed: { level: 6, strategy: constants.Z_FIXED } };
	for (const [label, text] of Object.entries(texts))
		for (const way of Object.keys(ways)) {
			const data = new Uint8Array(deflateRawSync(Buffer.from(text), ways[way]));
			same(Buffer.from(inflateHead(data, 1e9)).toString() === text, true, `${label}, ${way}`);
			const head = Buffer.from(inflateHead(data, 100)).toString();
			same([text.startsWith(head.slice(0, 90)), head.length < 100 + 300], [true, true], `the head of ${label}, ${way}`);
		}
	let refused = '';
	try {
		inflateHead(Uint8Array.from([0xff, 0xff, 0xff]), 100);
	} catch (e) {
		refused = e.message;
	}
	same(refused !== '', true, 'what is no stream');
}

export async function columnsOfASpreadsheetAreChosen(world) {
	const { xlsxOf } = await module('console/pages/src/spreadsheet.ts'), p = world.lan.page, file = join(world.gateway.dir, 'people.xlsx');
	writeFileSync(file, Buffer.from(await xlsxOf('Danh sách', ROWS).arrayBuffer()));
	await go(world.lan, 'people/import', 'input[type=file]');
	await p.setInputFiles('input[type=file]', file);
	await p.waitForSelector('.sheet tbody tr');
	same(await p.locator('.sheet tbody tr').allInnerTexts().then((rows) => rows.map((row) => row.split('\t')[1])), ['Bà <b>Sáu</b> & "con"', 'Ông Bảy'], 'the preview');
	await isFit(world, world.lan, 'the preview');
	await p.selectOption('select[aria-label="Cột liên lạc là"]', 'phone');
	await p.selectOption('select[aria-label="Cột chủ hộ là"]', 'name');
	await p.fill('input[name=group]', 'bảng tính');
	await p.fill('input[name=basis]', 'họp thôn');
	await p.click('text=Kiểm tra trước');
	await p.click('button:text-is("Nhập vào")');
	await p.waitForSelector('text=Đã nhập');
	same(world.gateway.json('contact', 'list', '--group', 'bảng tính').map((c) => c.name).sort(), ['Bà <b>Sáu</b> & "con"', 'Ông Bảy'], 'people');
	writeFileSync(file, 'PK no zip at all');
	await p.setInputFiles('input[type=file]', []);
	await p.setInputFiles('input[type=file]', file);
	await p.waitForSelector('text=Không xem trước được tệp này');
}
