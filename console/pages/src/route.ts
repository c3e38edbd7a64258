// SPDX-License-Identifier: GPL-3.0-or-later
// Where we are: "#/cases/12?state=received". The address holds the filters, so that a link or a bookmark finds the same.
import { signal } from '@preact/signals';

export interface Route { path: string[]; query: Record<string, string> }

function read(): Route {
	const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
	const found: Record<string, string> = {};
	new URLSearchParams(query || '').forEach((value, key) => { found[key] = value; });
	return { path: path.split('/').filter(Boolean).map(decodeURIComponent), query: found };
}

export const route = signal<Route>(read());
addEventListener('hashchange', () => { route.value = read(); });

export function hrefOf(path: string, query?: Record<string, string | undefined>): string {
	const parts = new URLSearchParams();
	for (const key of Object.keys(query || {})) if (query![key]) parts.set(key, query![key]!);
	const text = parts.toString();
	return `#/${path}${text ? `?${text}` : ''}`;
}

export function go(path: string, query?: Record<string, string | undefined>): void {
	location.hash = hrefOf(path, query);
}

/** Changes filters and stays; without a step in the history. */
export function filter(values: Record<string, string | undefined>): void {
	const { path, query } = route.value;
	history.replaceState(null, '', hrefOf(path.map(encodeURIComponent).join('/'), { ...query, ...values }));
	route.value = read();
}
