// SPDX-License-Identifier: GPL-3.0-or-later
// The first rows of a file before anything is sent, and what each column is. The gateway reads the file itself: this is for the eye, and
// the choice goes along as "column=field".
import { useEffect, useState } from 'preact/hooks';
import { named, t } from '../i18n';
import { sheetRows } from '../workbook';

const HEAD_BYTES = 16384, SHEET_BYTES_MAX = 20000000, ROWS = 6, CELL_CHARS = 60;

/** Rows of delimited text, quotes as in RFC 4180; a row that the end cut off is left out. */
export function rowsOf(text: string, whole: boolean): string[][] {
	const first = text.split('\n', 1)[0], mark = [';', '\t', ','].reduce((best, m) => (first.split(m).length > first.split(best).length ? m : best), ',');
	const rows: string[][] = [];
	let cells = [''], quoted = false;
	for (let i = text.charCodeAt(0) === 0xfeff ? 1 : 0; i < text.length && rows.length < ROWS; i++) {
		const c = text[i];
		if (c === '"' && quoted && text[i + 1] === '"') cells[cells.length - 1] += text[++i];
		else if (c === '"') quoted = !quoted;
		else if (quoted || (c !== mark && c !== '\n' && c !== '\r')) cells[cells.length - 1] += c;
		else if (c === mark) cells.push('');
		else if (c === '\n') { rows.push(cells); cells = ['']; }
	}
	if (whole && rows.length < ROWS && cells.join('')) rows.push(cells);
	return rows;
}

/** What cannot be looked into has no rows here: the gateway says what is wrong with it. */
function rowsOfSheet(file: ArrayBuffer): string[][] {
	try {
		return sheetRows(file, ROWS);
	} catch (e) {
		return [];
	}
}

/** What the verb is told; empty where every heading says itself what it is. */
export function mapOf(map: string[]): string {
	return map.filter(Boolean).join(',');
}

interface Props { file: File; map: string[]; set: (map: string[]) => void; meanings: string[] }

export function Columns({ file, map, set, meanings }: Props) {
	const [rows, setRows] = useState<string[][]>();
	const sheet = /\.xlsx$/i.test(file.name);
	useEffect(() => {
		let wanted = true;
		const reader = new FileReader();
		reader.onload = () => { if (wanted) setRows(sheet ? rowsOfSheet(reader.result as ArrayBuffer) : rowsOf(String(reader.result), file.size <= HEAD_BYTES)); };
		setRows(undefined);
		if (!sheet) reader.readAsText(file.slice(0, HEAD_BYTES));
		else if (file.size <= SHEET_BYTES_MAX) reader.readAsArrayBuffer(file);
		else setRows([]);
		return () => { wanted = false; };
	}, [file]);
	if (rows && !rows.length && sheet) return <p class="hint">{t('columns.sheet')}</p>;
	if (!rows || !rows.length) return null;
	const choose = (i: number, head: string, meaning: string) => {
		const next = rows[0].map((_, k) => map[k] || '');
		next[i] = meaning ? `${head}=${meaning === 'own' ? t('columns.own.name', { head }) : meaning}` : '';
		set(next);
	};
	const chosen = (i: number, head: string) => {
		const meaning = (map[i] || '').slice(head.length + 1);
		return !meaning ? '' : meanings.indexOf(meaning) >= 0 ? meaning : 'own';
	};
	return <fieldset><legend>{t('columns')}</legend><p class="hint">{t('columns.hint')}</p>
		<div class="wide" tabIndex={0} role="region" aria-label={t('columns')}><table class="sheet"><thead>
			<tr>{rows[0].map((head, i) => <th scope="col" key={i}>{head || '–'}</th>)}</tr>
			<tr>{rows[0].map((head, i) => <td key={i}>{/[,=]/.test(head) || !head ? '–' : <select aria-label={t('columns.of', { head })} value={chosen(i, head)} onChange={(e) => choose(i, head, e.currentTarget.value)}>
				{['', ...meanings, 'own'].map((m) => <option value={m} selected={m === chosen(i, head)}>{named('column', m || 'same')}</option>)}</select>}</td>)}</tr></thead>
			<tbody>{rows.slice(1).map((cells, r) => <tr key={r}>{rows[0].map((_, i) => <td key={i}>{(cells[i] || '').slice(0, CELL_CHARS)}</td>)}</tr>)}</tbody></table></div>
	</fieldset>;
}
