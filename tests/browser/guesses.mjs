// SPDX-License-Identifier: GPL-3.0-or-later
// Ten thousand passwords are guessed: at an administrator, at others, at nobody. Few are looked at, nobody is shut out of the own browser.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { go, holds, same } from './desk.mjs';
import { until } from './gateway.mjs';

const GUESSES = 10000, AT_ONCE = 50, TRIES = 10, PASSWORD = 'sương trên đỉnh núi', MIB = 1 << 20;
const CHECK_KIB = 19 * 1024, ROOM_KIB = 6 * 1024; /* what one look at a password takes, and what other work may take beside it */

/** The status of one try to log in, and how long it took. */
function tryOnce(agent, url, body, headers = {}) {
	return new Promise((done, fail) => {
		const from = Date.now(), r = request(`${url}/api/v1/session/open`, { method: 'POST', agent, headers: { 'Content-Type': 'application/json', Origin: url, 'Content-Length': Buffer.byteLength(body), ...headers } }, (answer) => {
			let text = '';
			answer.on('data', (piece) => { text += piece; });
			answer.on('end', () => done({ status: answer.statusCode, took: Date.now() - from, rule: (/"rule": ?"(\w+)"/.exec(text) || [])[1] }));
		});
		r.on('error', fail);
		r.end(body);
	});
}

const nameOf = (i) => (i % 5 < 2 ? 'quan-tri' : i % 5 === 2 ? 'thu' : i % 5 === 3 ? `khong-co-${i}` : 'minh');

export async function guessesAreFewAndShutNobodyOut(world) {
	const { gateway } = world, p = world.admin.page, agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE }), counts = {}, took = [];
	gateway.json('user', 'add', 'quan-tri', '--role', 'administrator');
	gateway.tell(PASSWORD, 'user', 'passwd', 'quan-tri');
	const context = await world.browser.newContext(), own = await context.newPage();
	const login = async () => {
		await own.goto(`${gateway.url}/`);
		await own.fill('input[name=user]', 'quan-tri');
		await own.fill('input[name=password]', PASSWORD);
		/* "busy, try again" may be told while a flood lasts: whoever is the administrator does so */
		for (const until = Date.now() + 30000; Date.now() < until && !await own.locator('.who').count();) {
			if (await own.locator('form button.main:enabled').count()) await own.click('form button.main');
			await own.waitForSelector('.who', { timeout: 2000 }).catch(() => 0);
		}
		holds(await own.locator('.who').count(), `the own browser is refused: ${await own.innerText('main')}`);
		await own.click('text=Đăng xuất');
		await own.waitForSelector('input[name=password]');
	};
	await login();
	let next = 0;
	const flood = Promise.all(Array.from({ length: AT_ONCE }, async () => {
		for (let i = next++; i < GUESSES; i = next++) {
			const { status, took: ms, rule } = await tryOnce(agent, gateway.url, JSON.stringify({ user: nameOf(i), password: `matkhau-${i}` }), { 'X-Forwarded-For': `10.0.${i % 250}.${i % 199}` });
			const key = `${nameOf(i).startsWith('khong') ? 'nobody' : nameOf(i)} ${status} ${rule}`;
			counts[key] = (counts[key] || 0) + 1;
			took.push(ms);
		}
	}));
	await until('the flood is in full', () => next > GUESSES / 10);
	const from = Date.now();
	await login(); /* the own browser is known, also in the middle of it */
	const inTime = next < GUESSES ? `after ${next}, in ${Date.now() - from} ms` : 'after all of them';
	await flood;
	agent.destroy();
	console.log(`       the administrator came in ${inTime}`);
	console.log(`       ${GUESSES} guesses: ${JSON.stringify(counts)}, median ${took.sort((a, b) => a - b)[GUESSES / 2]} ms`);
	const looked = (name) => Object.keys(counts).filter((k) => k.startsWith(`${name} 401`)).reduce((n, k) => n + counts[k], 0);
	for (const name of ['quan-tri', 'thu', 'minh']) holds(looked(name) <= TRIES, `${name}: ${looked(name)} passwords were looked at`);
	same(Object.keys(counts).filter((k) => !/ (401|429|503) /.test(k)), [], 'other answers');
	await login();
	await context.close();
	await go(world.admin, 'administration/audit');
	holds((await p.locator('tbody tr').count()) > 0, 'an administrator who is logged in goes on');
}

/** The child of the core that looks at passwords. */
function queryOf(core) {
	const said = (pid, file) => { try { return readFileSync(`/proc/${pid}/${file}`, 'utf8'); } catch (e) { return ''; } };
	return readdirSync('/proc').find((pid) => /^\d+$/.test(pid) && said(pid, 'cmdline').includes('caunoi-query') && new RegExp(`^PPid:\\s+${core}$`, 'm').test(said(pid, 'status')));
}

const kib = (pid, what) => Number(new RegExp(`${what}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

/** A hundred at once: one password is looked at a time, the others wait or are sent away, and memory holds one look. */
export async function parallelLoginsAreLookedAtOneByOne(world) {
	const { gateway } = world, query = queryOf(gateway.pid), agent = new Agent({ maxSockets: 100 }), counts = {};
	writeFileSync(`/proc/${query}/clear_refs`, '5'); /* its peak is counted from now on */
	const rest = kib(query, 'VmRSS');
	await Promise.all(Array.from({ length: 100 }, async (_, i) => {
		const { status } = await tryOnce(agent, gateway.url, JSON.stringify({ user: `song-song-${i}`, password: `mot hai ba ${i}` }));
		counts[status] = (counts[status] || 0) + 1;
	}));
	agent.destroy();
	const peak = kib(query, 'VmHWM');
	console.log(`       100 at once: ${JSON.stringify(counts)}, ${rest} KiB at rest, ${peak} KiB at most`);
	same(Object.keys(counts).filter((s) => !['401', '429', '503'].includes(s)), [], 'other answers');
	holds(counts[401] > 0, 'no password was looked at');
	holds(peak - rest <= CHECK_KIB + ROOM_KIB, `${peak - rest} KiB more than at rest`);
}

export async function hugePasswordsAreRefused(world) {
	const agent = new Agent({ keepAlive: true, maxSockets: 4 }), ask = (body) => tryOnce(agent, world.gateway.url, JSON.stringify(body)).catch((e) => ({ status: e.code }));
	const huge = await ask({ user: 'hoa', password: 'x'.repeat(MIB) });
	holds([400, 413, 422, 'ECONNRESET', 'EPIPE'].includes(huge.status), `a password of 1 MiB: ${huge.status}`);
	const strange = await ask({ user: 'hoa', password: 'y'.repeat(13), role: 'administrator', approved_by: 'x' });
	holds([400, 422].includes(strange.status), `arguments that nobody asked for: ${strange.status}`);
	agent.destroy();
}
