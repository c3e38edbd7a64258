// SPDX-License-Identifier: GPL-3.0-or-later
// Words of strangers wherever they are shown: no script runs, nothing of them becomes part of a page, no page grows wider, no cell of an
// export is a formula.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { go, holds, isFit, numbers, same } from './desk.mjs';
import { until } from './gateway.mjs';
import { PAGES } from './pages.mjs';

const BAD = ['<img src=x onerror="window.hit=1">', '</script><svg onload="window.hit=1">', '{{constructor.constructor("window.hit=1")()}}', 'javascript:window.hit=1',
	'\u202Egnp.exe\u202C', 'a\u200B\u2060b', 'x\u2028window.hit=1\u2029', 'd'.repeat(280), '👩‍👩‍👧 🇻🇳'], FORMULA = '=HYPERLINK("http://evil.example";"x")';

/** Texts by SMS, names by a list, a note by the desk. */
export async function seedHostile(world) {
	const { gateway } = world, file = join(gateway.dir, 'hostile.csv');
	BAD.concat(FORMULA, '+cmd|x', '@SUM(1)').forEach((text, i) => gateway.json('loopback', 'say', '--from', numbers[60 + i], '--text', `PA duong hong ${text}`));
	gateway.json('loopback', 'say', '--from', numbers[80], '--text', `${FORMULA} duong thon 9 hong`);
	await until('all of it is understood', () => gateway.json('inbox', 'list', '--newest', '--limit', '40').filter((m) => m.case !== null && /hong/.test(m.text)).length > BAD.length + 3);
	const quoted = (text) => `"${text.replace(/"/g, '""')}"`;
	writeFileSync(file, ['phone,name,hamlet,note', ...BAD.map((text, i) => `0${numbers[60 + i].slice(3)},${quoted(text)},${quoted(text.slice(0, 60))},${quoted(FORMULA)}`)].join('\n'));
	gateway.cli('contact', 'import', file, '--group', 'la <b>danh sách</b>', '--basis', '<i>họp</i>');
	gateway.json('campaign', 'new', '--name', '<img src=x onerror="window.hit=1">', '--group', 'la <b>danh sách</b>', '--text', 'Chao {{name}} <svg onload=alert(1)>. Tu choi: TC');
	world.hostile = String(gateway.json('case', 'list', '--search', 'window.hit')[0].id);
	gateway.json('case', 'note', world.hostile, '--text', BAD[0]);
}

const EXTRA = { hoa: ['cases?q=hit', 'inbox?q=hit'], lan: ['people?group=la <b>danh sách</b>', 'campaigns/new'], thu: [], admin: [] };

export async function nothingOfStrangersRuns(world, name) {
	const who = world[name], p = who.page;
	await p.setViewportSize({ width: 320, height: 640 });
	for (const hash of [...PAGES[name], ...EXTRA[name], `cases/${world.hostile}`, `campaigns/${world.gateway.json('campaign', 'list')[0].id}`]) {
		await go(who, hash);
		const [hit, made, wide] = await p.evaluate(() => [window.hit, document.querySelectorAll('main img, main script, main iframe, main svg[onload], main [onerror], a[href^="javascript"]').length,
			document.documentElement.scrollWidth - innerWidth]);
		same([hit, made, wide <= 0], [null, 0, true].map((v) => v ?? undefined), `#/${hash}`);
		await p.emulateMedia({ media: 'print' });
		same(await p.evaluate(() => window.hit), undefined, `#/${hash} on paper`);
		await p.emulateMedia({ media: 'screen' });
	}
	await p.setViewportSize({ width: 1280, height: 900 });
	same(who.errors, [], 'errors');
}

/** Every cell of a delimited file. */
function cellsOf(text) {
	return [...text.matchAll(/(?:^|[;,\t\n])(?:"((?:[^"]|"")*)"|([^;,\t\n"]*))/g)].map((m) => (m[1] !== undefined ? m[1].replace(/""/g, '"') : m[2]));
}

export async function noCellIsAFormula(world) {
	const { gateway } = world, year = new Date().getFullYear(), period = ['--unit', '02269', '--from', `${year}-01-01`, '--to', `${year}-12-31`];
	for (const kind of ['monthly', 'annual', 'session']) {
		const file = gateway.json('report', kind, ...period, '--format', 'csv').file, cells = cellsOf(readFileSync(file, 'utf8').replace(/^\ufeff/, ''));
		holds(cells.length > 50, `${kind}: only ${cells.length} cells`);
		same(cells.filter((c) => /^[=+@\t]|^-[^\d]/.test(c)), [], `cells of the ${kind} report that a table would work out`);
	}
	holds(cellsOf('a;"=b";=c').filter((c) => /^=/.test(c)).length === 2, 'the test reads no cells');
}

/** What the page saves for other offices, as both kinds of file. */
export async function exportedCasesAreInert(world) {
	const p = world.hoa.page, open = world.gateway.json('case', 'export', '--limit', '500').length, code = world.gateway.json('case', 'show', world.hostile).code;
	await p.goto(`${world.gateway.url}/#/cases`); /* in Vietnamese, whatever was looked at before */
	await p.waitForSelector('.list .rows li');
	await p.click('details.export summary');
	await p.waitForSelector('details.export button');
	await isFit(world, world.hoa, 'the export');
	const save = async (format) => {
		const [file] = await Promise.all([p.waitForEvent('download'), p.click(`text=Tải ${format}`)]);
		return readFileSync(await file.path());
	};
	const text = (await save('CSV')).toString('utf8'), cells = cellsOf(text.replace(/^\ufeff/, ''));
	holds(text.startsWith('\ufeff'), 'no byte order mark');
	same(cells.filter((c) => /^[=+@\t]|^-[^\d]/.test(c)), [], 'cells that a table would work out');
	holds(cells.includes(code) && cells.some((c) => c.startsWith("'=HYPERLINK")), 'the hostile case is missing');
	same(text.split('\r\n').length - 2, open, 'rows');
	const sheet = (await save('XLSX')).toString('utf8');
	same([sheet.slice(0, 2), sheet.split('<row>').length - 2, sheet.includes('<f>'), sheet.includes('<img'), sheet.includes('&lt;img')], ['PK', open, false, false, true], 'the sheet');
	same(numbers.filter((n) => sheet.includes(n) || text.includes(`0${n.slice(3)}`)), [], 'numbers');
	await p.waitForSelector('.notice >> text=Đã xuất');
}
