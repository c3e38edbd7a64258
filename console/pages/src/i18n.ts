// SPDX-License-Identifier: GPL-3.0-or-later
// Words of the language that the page was served in: the bundle holds no other. Both dictionaries have the same keys: the compiler says when one is missing.
// The words of the pages that come later come with them.
import first from 'words:first';
import type { Key, Words } from './words/vi';

declare const LANG: 'vi' | 'en';
export const lang: 'vi' | 'en' = LANG;
const words: Words = first;

export function addWords(more: Partial<Words>): void {
	Object.assign(words, more);
}

/** The words of a key, with {name} filled in. */
export function t(key: Key, values?: Record<string, string | number>): string {
	const text = words[key];
	return values ? text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all)) : text;
}

/** What the gateway calls by a code ("state.campaign", "draft"); a code that has no words stays as it is. */
export function named(kind: string, code: string | null | undefined): string {
	if (!code) return '';
	return (words as Record<string, string>)[`${kind}.${code}`] || code;
}

