// SPDX-License-Identifier: GPL-3.0-or-later
// What changed in the gateway: pages read again what they show. By server-sent events; where these do not come through, by asking
// again every few seconds. Also keeps a session alive while somebody works.
import { signal } from '@preact/signals';
import { me, post } from './api';

/** Counts changes of a noun; "" counts all. */
export const changes = signal<Record<string, number>>({});

const POLL_MS = 10000, TOUCH_MS = 240000, CALM_MS = 2000;
let source: EventSource | null = null, polling = 0, worked = false, gathered: string[] | null = null, calm = 0;

function bump(nouns: string[]): void {
	const next: Record<string, number> = { ...changes.value, '': (changes.value[''] || 0) + 1 };
	for (const noun of nouns) next[noun] = (next[noun] || 0) + 1;
	changes.value = next;
}

/* A campaign under way changes something four times a second. The first change is shown at once, what comes close behind it together; a page
   that nobody looks at reads nothing. */
function tell(): void {
	calm = gathered ? window.setTimeout(tell, CALM_MS) : 0;
	if (!gathered || document.hidden) return;
	bump(gathered);
	gathered = null;
}

function gather(nouns: string[]): void {
	gathered = (gathered || []).concat(nouns.filter((noun) => !gathered || gathered.indexOf(noun) < 0));
	if (!calm) tell();
}

function poll(on: boolean): void {
	if (on && !polling) polling = window.setInterval(() => { if (!document.hidden) bump(['*']); }, POLL_MS);
	if (!on && polling) polling = (clearInterval(polling), 0);
}

export function listen(): void {
	if (source || !('EventSource' in window)) return poll(!source);
	source = new EventSource('/api/v1/events');
	source.onopen = () => poll(false);
	source.addEventListener('changed', (e) => gather(JSON.parse((e as MessageEvent).data).nouns || []));
	source.onerror = () => {
		poll(true);
		if (source && source.readyState === EventSource.CLOSED) {
			source = null;
			if (me.value) setTimeout(listen, POLL_MS);
		}
	};
}

export function deafen(): void {
	if (source) source.close();
	source = null;
	poll(false);
}

/** Reading does not keep a session alive, a person does. */
export function keepAlive(): void {
	const work = () => { worked = true; };
	for (const what of ['keydown', 'pointerdown', 'touchstart']) addEventListener(what, work, { passive: true });
	setInterval(() => {
		if (worked && me.value) post('session/touch').catch(() => undefined);
		worked = false;
	}, TOUCH_MS);
}
