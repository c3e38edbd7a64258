// SPDX-License-Identifier: GPL-3.0-or-later
// The first rows of a spreadsheet, for the eye: the gateway reads the file itself and decides what is in it.
import { inflateHead } from './inflate';

const SHEET_BYTES = 65536, STRINGS_BYTES = 262144, STORED = 0;

interface Entry { name: string; method: number; at: number; packed: number }

/** What the directory at the end of a zip file names. */
function entriesOf(view: DataView): Entry[] {
	let end = view.byteLength - 22;
	while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
	const entries: Entry[] = [], text = new TextDecoder();
	for (let i = 0, at = view.getUint32(end + 16, true), n = view.getUint16(end + 10, true); i < n; i++) {
		const length = view.getUint16(at + 28, true);
		entries.push({ name: text.decode(new Uint8Array(view.buffer, at + 46, length)), method: view.getUint16(at + 10, true), packed: view.getUint32(at + 20, true), at: view.getUint32(at + 42, true) });
		at += 46 + length + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
	}
	return entries;
}

function headOf(view: DataView, e: Entry | undefined, most: number): string {
	if (!e) return '';
	const from = e.at + 30 + view.getUint16(e.at + 26, true) + view.getUint16(e.at + 28, true), data = new Uint8Array(view.buffer, from, e.packed);
	return new TextDecoder().decode(e.method === STORED ? data.subarray(0, most) : inflateHead(data, most));
}

const MARKS: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
const unescaped = (xml: string) => xml.replace(/&(#x?[0-9a-f]+|\w+);/gi, (all, name) => (name[0] === '#' ? String.fromCodePoint(Number(name.replace(/^#x?/i, (m: string) => (m.length > 1 ? '0x' : '')))) : MARKS[name] || all));

function matches(xml: string, pattern: RegExp): string[][] {
	const found: string[][] = [];
	for (let m = pattern.exec(xml); m; m = pattern.exec(xml)) found.push(m);
	return found;
}

/** The words of a cell or of a shared string, whose pieces differ in their looks alone. */
const wordsOf = (xml: string) => matches(xml.replace(/<rPh[\s\S]*?<\/rPh>/g, ''), /<t(?: [^>]*)?>([\s\S]*?)<\/t>/g).map((m) => unescaped(m[1])).join('');

function columnOf(place: string): number {
	return place.replace(/\d/g, '').split('').reduce((n, c) => n * 26 + c.charCodeAt(0) - 64, 0) - 1;
}

function cellsOf(row: string, strings: string[]): string[] {
	const cells: string[] = [];
	for (const [, attributes, inside] of matches(row, /<c( [^>]*?)?(?:\/>|>([\s\S]*?)<\/c>)/g)) {
		const place = / r="([A-Z]+\d+)"/.exec(attributes || ''), kind = / t="(\w+)"/.exec(attributes || ''), value = /<v>([\s\S]*?)<\/v>/.exec(inside || '');
		const words = kind && kind[1] === 's' && value ? strings[Number(value[1])] || '…' : kind && kind[1] === 'inlineStr' ? wordsOf(inside) : value ? unescaped(value[1]) : '';
		cells[place ? columnOf(place[1]) : cells.length] = words;
	}
	return Array.from(cells, (c) => c || '');
}

/** At most n rows of the first sheet, or of the one of that number. Throws where the file is none that can be looked into. */
export function sheetRows(file: ArrayBuffer, n: number, which = 1): string[][] {
	const view = new DataView(file), entries = entriesOf(view), of = (name: string) => entries.filter((e) => e.name === name)[0];
	const sheet = of(`xl/worksheets/sheet${which}.xml`) || entries.filter((e) => /^xl\/worksheets\/[^/]+\.xml$/.test(e.name))[0];
	const strings = matches(headOf(view, of('xl/sharedStrings.xml'), STRINGS_BYTES), /<si>([\s\S]*?)<\/si>/g).map((m) => wordsOf(m[1]));
	return matches(headOf(view, sheet, SHEET_BYTES), /<row[^>]*>([\s\S]*?)<\/row>/g).slice(0, n).map((m) => cellsOf(m[1], strings));
}
