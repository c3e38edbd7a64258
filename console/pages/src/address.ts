// SPDX-License-Identifier: GPL-3.0-or-later
// Addresses of pages and of what they read, without anything else: the first look asks by them before the pages are there.

export type Args = Record<string, string | number | boolean | null | undefined>;
export interface Route { path: string[]; query: Record<string, string> }

/** "#/cases/12?state=received" */
export function routeOf(hash: string): Route {
	const [path, query] = hash.replace(/^#\/?/, '').split('?');
	const found: Record<string, string> = {};
	new URLSearchParams(query || '').forEach((value, key) => { found[key] = value; });
	return { path: path.split('/').filter(Boolean).map(decodeURIComponent), query: found };
}

export function queryOf(args?: Args): string {
	const parts: string[] = [];
	for (const name of Object.keys(args || {})) {
		const value = args![name];
		if (value !== undefined && value !== null && value !== '' && value !== false)
			parts.push(`${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`);
	}
	return parts.length ? `?${parts.join('&')}` : '';
}

/* ---- the lists that somebody may look at first ---- */

const PAGE = 50;

export function casesWanted(q: Record<string, string>): Args {
	return { limit: PAGE, state: q.state, topic: q.topic, overdue: q.overdue, raised: q.raised, assigned: q.assigned, search: q.q, newest: true, brief: true };
}

export function inboxWanted(q: Record<string, string>): Args {
	return { limit: PAGE, kind: q.kind, newest: true };
}

/** A card shows five, and that there are more. */
export function cardWanted(args: Args): Args {
	return { limit: 10, ...args, newest: true, brief: true };
}
