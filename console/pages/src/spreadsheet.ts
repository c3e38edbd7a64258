// SPDX-License-Identifier: GPL-3.0-or-later
// Tables as files: CSV and XLSX as the gateway writes them itself, so that a spreadsheet shows what is there and runs none of it.

/** Control characters, which neither format carries. */
const plain = (text: string) => text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '');

/** Every cell quoted; what would begin a formula stands behind an apostrophe. */
export function csvOf(rows: string[][]): Blob {
	const cell = (text: string) => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replace(/"/g, '""')}"`;
	return new Blob(['\ufeff', rows.map((row) => row.map((c) => cell(plain(c))).join(',')).join('\r\n'), '\r\n'], { type: 'text/csv' });
}

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>', OOX = 'http://schemas.openxmlformats.org/';
const escaped = (text: string) => plain(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

function sheetOf(rows: string[][]): string {
	const cell = (text: string) => `<c t="inlineStr"><is><t xml:space="preserve">${escaped(text)}</t></is></c>`;
	return `${XML}<worksheet xmlns="${OOX}spreadsheetml/2006/main"><sheetData>${rows.map((row) => `<row>${row.map(cell).join('')}</row>`).join('')}</sheetData></worksheet>`;
}

function crcOf(bytes: Uint8Array): number {
	let crc = -1;
	for (let i = 0; i < bytes.length; i++) {
		crc ^= bytes[i];
		for (let k = 0; k < 8; k++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc >>> 0;
}

/** Files behind each other, not compressed. */
function zipOf(files: [string, string][]): Blob {
	const parts: Uint8Array[] = [], directory: Uint8Array[] = [], text = new TextEncoder();
	let at = 0;
	const record = (fields: [number, number][]) => {
		const bytes: number[] = [];
		fields.forEach(([value, width]) => { for (let i = 0; i < width; i++) bytes.push((value >>> (8 * i)) & 255); });
		return Uint8Array.from(bytes);
	};
	for (const [name, content] of files) {
		const data = text.encode(content), called = text.encode(name), sizes: [number, number][] = [[crcOf(data), 4], [data.length, 4], [data.length, 4], [called.length, 2], [0, 2]];
		const head = record([[0x04034b50, 4], [20, 2], [0x800, 2], [0, 2], [0, 2], [0x21, 2], ...sizes]);
		directory.push(record([[0x02014b50, 4], [20, 2], [20, 2], [0x800, 2], [0, 2], [0, 2], [0x21, 2], ...sizes, [0, 2], [0, 2], [0, 2], [0, 4], [at, 4]]), called);
		parts.push(head, called, data);
		at += head.length + called.length + data.length;
	}
	const length = directory.reduce((n, d) => n + d.length, 0);
	const end = record([[0x06054b50, 4], [0, 2], [0, 2], [files.length, 2], [files.length, 2], [length, 4], [at, 4], [0, 2]]);
	return new Blob([...parts, ...directory, end] as BlobPart[], { type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' });
}

export function xlsxOf(title: string, rows: string[][]): Blob {
	const part = (name: string, type: string) => `<Override PartName="${name}" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.${type}+xml"/>`;
	const link = (type: string, target: string) => `${XML}<Relationships xmlns="${OOX}package/2006/relationships"><Relationship Id="r1" Type="${OOX}officeDocument/2006/relationships/${type}" Target="${target}"/></Relationships>`;
	return zipOf([
		['[Content_Types].xml', `${XML}<Types xmlns="${OOX}package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>${part('/xl/workbook.xml', 'sheet.main')}${part('/xl/worksheets/sheet1.xml', 'worksheet')}</Types>`],
		['_rels/.rels', link('officeDocument', 'xl/workbook.xml')],
		['xl/workbook.xml', `${XML}<workbook xmlns="${OOX}spreadsheetml/2006/main" xmlns:r="${OOX}officeDocument/2006/relationships"><sheets><sheet name="${escaped(title).replace(/[\\/?*[\]:]/g, ' ').slice(0, 31)}" sheetId="1" r:id="r1"/></sheets></workbook>`],
		['xl/_rels/workbook.xml.rels', link('worksheet', 'worksheets/sheet1.xml')],
		['xl/worksheets/sheet1.xml', sheetOf(rows)],
	]);
}
