// SPDX-License-Identifier: GPL-3.0-or-later
// NUL, escapes and other bytes that no keyboard writes, in every text that a command takes, by the API; then what of it reaches lists,
// pages, files and the log.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { arrive, go, holds, same } from './desk.mjs';
import { until } from './gateway.mjs';

const BAD = 'so \u0000\u0001\u0007\u0008\u000b\u001b[31m\u001b]0;x\u0007\u007f\u0085\u009b het', MARK = 'controls';
/** What would end the own session, the channel or the test's own people. */
const LEFT_OUT = /^(session\.(open|close|revoke)|user\.(disable|passwd|role|totp)|token\.revoke|channel\.pause|ussd\.(send|answer|cancel)|backup)$/;
const GOOD = { number: '0912000037', phone: '0912000037', from: '0916000190', to: '0912000037', unit: '02269', id: '1', ids: '1', campaign: '1', group: MARK, role: 'auditor', user: 'thu', due: '2027-01-15', class: 'service' };

/** A value that the argument may have. */
function valueOf(a) {
	if (a.choices) return a.choices[0];
	if (a.type === 'int') return Math.max(1, a.min || 0);
	if (a.type === 'flag') return false;
	if (a.type === 'name') return MARK;
	return a.type === 'phone' ? GOOD.number : GOOD[a.name] || MARK;
}

const bodyOf = (verb, bad) => Object.fromEntries(verb.args.filter((a) => a.required || a === bad).map((a) => [a.name, a === bad ? BAD : valueOf(a)]));

function pathOf(verb, body) {
	const first = verb.args.find((a) => a.rank === 1);
	if (!first || body[first.name] === undefined || body[first.name] === BAD) return `${verb.noun}/${verb.verb}`;
	const id = encodeURIComponent(body[first.name]);
	delete body[first.name];
	return `${verb.noun}/${id}/${verb.verb}`;
}

export async function controlsAreNoTrouble(world) {
	const { gateway } = world, name = gateway.json('user', 'add', MARK, '--role', 'operator').name;
	const token = gateway.json('token', 'add', '--user', name, '--scopes', 'all').token, wrong = [], counts = {};
	const verbs = gateway.json('verbs').filter((v) => v.kind === 'command' && v.noun && !LEFT_OUT.test(`${v.noun}.${v.verb}`) && !v.args.some((a) => a.type === 'upload'));
	for (const verb of verbs)
		for (const bad of verb.args.filter((a) => ['text', 'file', 'time', 'name', 'phone'].includes(a.type))) {
			const body = bodyOf(verb, bad), path = pathOf(verb, body);
			const answer = await fetch(`${gateway.url}/api/v1/${path}`, { method: 'POST', headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
			const text = await answer.text();
			counts[answer.status] = (counts[answer.status] || 0) + 1;
			if (answer.status >= 500 || text.includes('\u0000') || /[\u0001-\u0008\u000b\u000c\u000e-\u001f]/.test(text)) wrong.push(`${path} ${bad.name}: ${answer.status} ${text.slice(0, 120)}`);
			try { JSON.parse(text); } catch (e) { wrong.push(`${path} ${bad.name}: no JSON`); }
		}
	console.log(`       ${Object.values(counts).reduce((a, b) => a + b)} texts: ${JSON.stringify(counts)}`);
	same(wrong, [], 'answers');
	holds(counts[200] + counts[201] > 20, 'hardly anything was taken: the test tries nothing');
	/* one line an event, and nothing that a terminal would act on */
	same(readFileSync(join(gateway.dir, 'core.log'), 'utf8').split('\n').filter((line) => /[\u0000-\u0008\u000b-\u001f\u007f]/.test(line) || (line && !/^\d{4}-\d\d-\d\dT/.test(line))), [], 'lines of the log');
}

/** What a telephone and a desk wrote so is shown, and goes into files, without a byte that is no character. */
export async function controlsReachNoPage(world) {
	const { gateway } = world;
	gateway.json('loopback', 'say', '--from', '0916000191', '--text', 'PA cau treo \u0001\u0007\u001b[31m lung lay \u007f\u009b');
	const id = (await until('the case is there', () => gateway.json('case', 'list', '--search', 'cau treo')[0])).id, who = await arrive(world, 'hoa');
	for (const hash of [`cases/${id}`, 'cases', 'inbox']) {
		await go(who, hash, 'main h1');
		await who.page.waitForSelector('text=cau treo');
		same((await who.page.innerText('main')).match(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g), null, `#/${hash}`);
	}
	same(who.errors, [], 'errors');
	await who.context.close();
}
