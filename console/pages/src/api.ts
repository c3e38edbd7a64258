// SPDX-License-Identifier: GPL-3.0-or-later
// The gateway's verbs over HTTP, by the session cookie. A command carries a key and is repeated under the same key when its answer
// was lost: the gateway does it once.
import { signal } from '@preact/signals';
import { Args, queryOf } from './address';

declare const VERBS: Record<string, string[]>;

export interface Me { user: string; role: string; unit: string; csrf: string; totp: boolean }
export interface Page<T> { items: T[]; next: number | null }
export type { Args };

/** undefined = not known yet, null = nobody is logged in. */
export const me = signal<Me | null | undefined>(undefined);
export const online = signal(true);

export class Problem extends Error {
	constructor(readonly status: number, readonly rule: string, readonly field: string, readonly detail: string, readonly args: Record<string, unknown>) {
		super(detail);
	}
}

/** May the person who is logged in do this? What the registry does not have nobody may. */
export function may(verb: string): boolean {
	const roles = VERBS[verb], who = me.value;
	return !!roles && !!who && roles.indexOf(who.role) >= 0;
}

export function newKey(): string {
	const bytes = new Uint8Array(16);
	crypto.getRandomValues(bytes);
	return 'web-' + Array.from(bytes, (b) => ('0' + b.toString(16)).slice(-2)).join('');
}

async function problemOf(answer: Response): Promise<Problem> {
	const doc = await answer.json().catch(() => ({}));
	if (answer.status === 401 && doc.rule !== 'login') me.value = null;
	return new Problem(answer.status, doc.rule || '', doc.field || '', doc.detail || '', doc.args || {});
}

/* What early.ts asked is taken once; from now on nothing is asked early any more. */
const early: Record<string, Promise<Response>> = ((window as unknown as { caunoiEarly?: Record<string, Promise<Response>> }).caunoiEarly ||= {});

function takeEarly(path: string): Promise<Response> | undefined {
	const answer = early[path];
	delete early[path];
	return answer;
}

/** Who was there when they were asked is not who is there now. */
function forgetEarly(): void {
	for (const path of Object.keys(early)) delete early[path];
}

/* Bytes that are no character: shown as something that is missing, and never handed on into files. */
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
const visible = (_: string, value: unknown) => (typeof value === 'string' ? value.replace(CONTROLS, '\ufffd') : value);

async function ask(path: string, init: RequestInit): Promise<unknown> {
	let answer: Response;
	try {
		answer = await (takeEarly(path) || fetch(`/api/v1/${path}`, { credentials: 'same-origin', cache: 'no-store', ...init }));
	} catch (e) {
		online.value = false;
		throw new Problem(0, 'offline', '', '', {});
	}
	online.value = true;
	if (!answer.ok) throw await problemOf(answer);
	return JSON.parse(await answer.text(), visible);
}

const RETRIES_MS = [500, 2000, 5000];

/** The reader of the gateway may just be starting anew: asked once more. */
export async function get<T>(path: string, args?: Args): Promise<T> {
	const once = () => ask(path + queryOf(args), {}) as Promise<T>;
	try {
		return await once();
	} catch (e) {
		if (!(e instanceof Problem) || e.status !== 503) throw e;
		await new Promise((done) => setTimeout(done, RETRIES_MS[0]));
		return once();
	}
}

/** Repeats what the line lost. Every repetition has the key of the first. */
async function persist(once: () => Promise<unknown>): Promise<unknown> {
	for (let i = 0; ; i++) {
		try {
			return await once();
		} catch (e) {
			const lost = e instanceof Problem && (e.status === 0 || e.status === 503) && e.rule !== 'disk_low';
			if (!lost || i === RETRIES_MS.length) throw e;
			await new Promise((done) => setTimeout(done, RETRIES_MS[i]));
		}
	}
}

function headers(key: string, type: string): Record<string, string> {
	return { 'Content-Type': type, 'Idempotency-Key': key, 'X-CSRF-Token': me.value ? me.value.csrf : '' };
}

/** What is left empty in a form is not sent; null is sent as an empty text. */
export function post<T>(path: string, args: Args = {}, key = newKey()): Promise<T> {
	const body: Args = {};
	for (const name of Object.keys(args)) if (args[name] !== undefined && args[name] !== '') body[name] = args[name] === null ? '' : args[name];
	return persist(() => ask(path, { method: 'POST', headers: headers(key, 'application/json'), body: JSON.stringify(body) })) as Promise<T>;
}

/** A file as the body, the arguments in the address. */
export function upload<T>(path: string, args: Args, file: Blob, key = newKey()): Promise<T> {
	return ask(path + queryOf(args), { method: 'POST', headers: headers(key, 'application/octet-stream'), body: file }) as Promise<T>;
}

interface Job<T> { id: number; state: string; done: number; total: number | null; result: T | null; error: { rule: string; text: string; field: string; args: object | null } | null }

/** Long work answers with a job: waits for its end. What a failed one found out by then (refused rows) is among the problem's arguments. */
export async function finish<T>(answer: T | { job: number }, progress?: (done: number, total: number | null) => void): Promise<T> {
	const id = (answer as { job?: number }).job;
	if (typeof id !== 'number') return answer as T;
	for (let wait = 150; ; wait = Math.min(wait * 1.5, 2000)) {
		const job = await get<Job<T>>(`job/${id}`);
		if (progress) progress(job.done, job.total);
		if (job.error) throw new Problem(409, job.error.rule, job.error.field || '', job.error.text, { ...job.result, ...job.error.args } as Record<string, unknown>);
		if (job.state === 'done' || job.state === 'failed' || job.state === 'cancelled') return job.result as T;
		await new Promise((done) => setTimeout(done, wait));
	}
}

/* ---- who ---- */

export async function whoAmI(): Promise<void> {
	try {
		me.value = await get<Me>('session/me');
	} catch (e) {
		forgetEarly();
		if (e instanceof Problem && e.status === 401) me.value = null;
		else throw e;
	}
}

export async function logIn(args: Args): Promise<void> {
	me.value = (await ask('session/open', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(args) })) as Me;
}

export async function logOut(): Promise<void> {
	await post('session/close');
	me.value = null;
}
