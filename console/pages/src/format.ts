// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers and moments as people here write them. The gateway gives moments in its own time zone: they are shown as they came.
import { lang } from './i18n';

/** "2026-11-22T07:11:38+07:00" → "22/11/2026 07:11". */
export function moment(iso: string | null | undefined): string {
	const m = iso && /^(\d+)-(\d+)-(\d+)T(\d+:\d+)/.exec(iso);
	return m ? `${m[3]}/${m[2]}/${m[1]} ${m[4]}` : '';
}

export function day(iso: string | null | undefined): string {
	return moment(iso).slice(0, 10);
}

/** 1234567 → "1.234.567" (vi), "1,234,567" (en). */
export function count(n: number | null | undefined): string {
	if (n === null || n === undefined) return '–';
	return String(n).replace(/\B(?=(\d{3})+$)/g, lang === 'en' ? ',' : '.');
}

export function vnd(n: number | null | undefined): string {
	return n === null || n === undefined ? '–' : `${count(n)} đ`;
}

/** A whole list by its name; any other rule as it is written. */
export function audience(rule: string): string {
	const list = /^group:"([^"]*)"$/.exec(rule);
	return list ? list[1]! : rule;
}

/** Case, accents, đ: what search looks past. */
export function fold(text: string): string {
	return text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/đ/g, 'd').replace(/Đ/g, 'D').toLowerCase();
}
