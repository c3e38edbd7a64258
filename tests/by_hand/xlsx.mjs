// SPDX-License-Identifier: GPL-3.0-or-later
// Our spreadsheets as LibreOffice reads them: every text, day and whole number is the report's own, and what looks like a formula stays a text.
// Not part of `make check`: the office is large. Run by `make xlsx-oracle`: node xlsx.mjs BUILD; ends with "N passed, N failed".
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startGateway, until } from '../browser/gateway.mjs';

const SAID = ["=cmd|' /C calc'!A0", '+1+1', '-2', '@SUM(A1)', '\t=1+1', '=HYPERLINK("http://127.0.0.1","bấm")', '"=1+1"', '00123', '1e5', '30/11'];
/* comma, quotes, UTF-8, quoted where it is a text, as it is shown, all sheets; a formula would give its result */
const AS_CSV = 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,false,true,false,false,-1';

/** Rows of cells; a cell says whether it was a text. */
function parse(text) {
	const rows = [[]];
	for (const [, quoted, plain, end] of text.replace(/^\ufeff/, '').matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n|$)/g)) {
		rows[rows.length - 1].push({ text: quoted !== undefined, value: quoted !== undefined ? quoted.replace(/""/g, '"') : plain });
		if (end === '\n') rows.push([]);
	}
	return rows;
}

/** What of a row of the report the office reads otherwise. */
function differences(columns, row, cells) {
	return columns.flatMap(({ key, type }, i) => {
		const cell = cells[i] || { text: false, value: '' };
		if (type === 'text') return row[i] === null || row[i] === '' ? [] : cell.text && cell.value === row[i] ? [] : [`${key}: ${JSON.stringify(cell)} instead of ${JSON.stringify(row[i])}`];
		const shown = type === 'date' && row[i] ? row[i].split('-').reverse().join('/') : String(row[i]);
		return type === 'real' || row[i] === null || (!cell.text && cell.value === shown) ? [] : [`${key}: ${JSON.stringify(cell)} instead of ${row[i]}`];
	});
}

function compare(sheet, text) {
	const rows = parse(text), head = rows.findIndex((cells) => sheet.columns.every((c, i) => cells[i] && cells[i].value === c.title));
	if (head < 0) return ['the head of the table is not there'];
	return sheet.rows.flatMap((row, n) => differences(sheet.columns, row, rows[head + 1 + n] || []));
}

function asCsv(file, folder) {
	execFileSync('soffice', ['--headless', `-env:UserInstallation=file://${folder}/profile`, '--convert-to', AS_CSV, '--outdir', join(folder, 'csv'), file], { stdio: 'ignore', timeout: 180000 });
	return (id) => readFileSync(join(folder, 'csv', readdirSync(join(folder, 'csv')).find((name) => name.endsWith(`-${id}.csv`))), 'utf8');
}

async function makeReport(gateway) {
	for (const words of SAID) gateway.json('case', 'new', `--text=${words} đường thôn hỏng`);
	await until('all cases are there', () => gateway.json('status').cases_open === SAID.length);
	for (const { id } of gateway.json('case', 'list')) gateway.json('case', 'forward', String(id), '--to', '=1+1', '--document', '@12/UBND');
	const year = new Date().getFullYear(), report = (format) => gateway.json('report', 'session', '--from', `${year - 1}-01-01`, '--to', `${year}-12-31`, '--format', format).file;
	return { document: JSON.parse(readFileSync(report('json'), 'utf8')), book: report('xlsx') };
}

let passed = 0, failed = 0;
const gateway = await startGateway(resolve(process.argv[2] || 'build')), folder = mkdtempSync(join(tmpdir(), 'caunoi-xlsx-'));
try {
	const { document, book } = await makeReport(gateway), csvOf = asCsv(book, folder);
	for (const sheet of document.sections.flatMap((s) => s.sheets)) {
		const wrong = compare(sheet, csvOf(sheet.id));
		wrong.length ? failed++ : passed++;
		console.log(`  ${wrong.length ? 'FAIL' : 'ok  '} ${sheet.id}: ${sheet.rows.length} rows ${wrong.join('; ')}`);
	}
	const all = document.sections.flatMap((s) => s.sheets).find((s) => s.id === 'local').rows.length;
	if (all !== SAID.length) throw new Error(`${all} petitions instead of ${SAID.length}`);
} catch (e) {
	failed++;
	console.log(`  FAIL ${e.stack || e}`);
} finally {
	await gateway.stop();
	rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
