// SPDX-License-Identifier: GPL-3.0-or-later
// Comes before the pages and is small: on a slow line the gateway answers who is there and what is looked at first while the pages are
// still on their way. api.ts takes what was asked here.
import { Args, cardWanted, casesWanted, inboxWanted, queryOf, routeOf } from './address';

declare const CASE_READERS: string[];

const answers: Record<string, Promise<Response>> = {};

function ask(path: string, args?: Args): Promise<Response> {
	const address = path + queryOf(args), answer = fetch(`/api/v1/${address}`, { credentials: 'same-origin', cache: 'no-store' });
	answer.catch(() => undefined); /* whoever takes it hears of it */
	return (answers[address] = answer);
}

async function askToday(me: Promise<Response>): Promise<void> {
	const answer = await me, who = answer.ok ? await answer.clone().json() : {};
	if (CASE_READERS.indexOf(who.role) < 0) return;
	ask('case', cardWanted({ overdue: 'true' }));
	ask('case', cardWanted({ state: 'received' }));
}

function askFirst(): void {
	const { path, query } = routeOf(location.hash), me = ask('session/me');
	if (path[0] === 'cases') ask('case', casesWanted(query));
	if (path[0] === 'inbox') ask('inbox', inboxWanted(query));
	if (!path.length) askToday(me).catch(() => undefined);
}

const shared = window as unknown as { caunoiEarly?: Record<string, Promise<Response>> };
if (!shared.caunoiEarly && !/^#\/login/.test(location.hash)) {
	shared.caunoiEarly = answers;
	askFirst();
}
