// SPDX-License-Identifier: GPL-3.0-or-later
// Where we are: "#/cases/12?state=received". The address holds the filters, so that a link or a bookmark finds the same.
import { signal } from '@preact/signals';
import { Route, routeOf } from './address';

const read = () => routeOf(location.hash);

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
