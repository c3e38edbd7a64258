// SPDX-License-Identifier: GPL-3.0-or-later
// What a browser, a foreign page and an ended session may not do.
import { createServer, request } from 'node:http';
import { arrive, go, holds, same, word } from './desk.mjs';
import { until } from './gateway.mjs';

export async function foreignPagesAreRefused(world) {
	const cookies = await world.hoa.context.cookies(), session = cookies.find((c) => c.name === '__Host-caunoi');
	same([session.secure, session.httpOnly, session.sameSite, session.path], [true, true, 'Strict', '/'], 'the cookie');
	const Cookie = `${session.name}=${session.value}`, ask = (headers, path = 'session/touch') => fetch(`${world.gateway.url}/api/v1/${path}`, { method: 'POST', body: '{}', headers: { Cookie, ...headers } });
	const { csrf } = await (await fetch(`${world.gateway.url}/api/v1/session/me`, { headers: { Cookie } })).json();
	const good = { 'Content-Type': 'application/json', Origin: world.gateway.url, 'X-CSRF-Token': csrf };
	same((await ask(good)).status, 200, 'the page itself');
	const cases = { 'no token': { 'X-CSRF-Token': '' }, 'other token': { 'X-CSRF-Token': '0'.repeat(32) }, 'a form': { 'Content-Type': 'application/x-www-form-urlencoded' },
		'text/plain': { 'Content-Type': 'text/plain' }, 'null origin': { Origin: 'null' }, 'foreign origin': { Origin: 'https://evil.example' } };
	for (const label of Object.keys(cases)) same((await ask({ ...good, ...cases[label] })).status, 403, label);
	const { Origin, ...without } = good;
	same((await ask(without)).status, 403, `without ${Origin}`);
	same((await ask(good, 'user')).status, 403, 'a verb of another role');
	for (const path of ['/assets/..%2f..%2fetc/passwd', '/assets/%00', '/assets/.hidden', '/assets/index.vi.html', '/static/../../etc/passwd'])
		same((await fetch(world.gateway.url + path)).status >= 400, true, path);
	const page = await fetch(world.gateway.url + '/');
	const policy = page.headers.get('content-security-policy');
	same([/default-src 'none'/.test(policy), /unsafe/.test(policy), /frame-ancestors 'none'/.test(policy), page.headers.get('cache-control')], [true, false, true, 'no-store'], 'the policy');
}

/** A request with a Host that a browser would not send: its status, its head and its body. */
const withHost = (url, path, host) => new Promise((done, fail) => {
	const r = request(url + path, { headers: { Host: host } }, (answer) => {
		let text = JSON.stringify(answer.headers);
		answer.on('data', (piece) => { text += piece; });
		answer.on('end', () => done({ status: answer.statusCode, location: answer.headers.location, text }));
	});
	r.on('error', fail);
	r.end();
});

/** Whatever name a caller gives the machine, no answer repeats it or leads there. */
export async function hostIsNeverRepeated(world) {
	for (const host of ['evil.example', 'evil.example:80', '127.0.0.1.evil.example', '127.0.0.1:80@evil.example'])
		for (const path of ['/', '/?lang=en', '/khong-co', '/api/v1/session/me', '/api/v1/openapi.json', '//evil.example/', '/\\evil.example']) {
			const { text, location } = await withHost(world.gateway.url, path, host);
			same([text.split('\n')[0].includes('evil.example') || /(src|href|action)="[^"]*evil/.test(text), location], [false, undefined], `${host} ${path}`);
		}
}

/** No foreign page holds ours in a frame. */
export async function noPageStandsInAFrame(world) {
	const page = await world.hoa.context.newPage(), refused = [];
	page.on('console', (m) => { if (/frame-ancestors/.test(m.text())) refused.push(m.text()); });
	const frame = createServer((_, answer) => answer.setHeader('Content-Type', 'text/html').end(`<iframe src="${world.gateway.url}/"></iframe>`)).listen(0, '127.0.0.1');
	await new Promise((done) => frame.once('listening', done));
	await page.goto(`http://127.0.0.1:${frame.address().port}/`);
	await until('the browser refuses', () => refused.length > 0);
	same(await Promise.all(page.frames().slice(1).map((f) => f.locator('.who, input').count().catch(() => 0))), [0], 'what stands in the frame');
	await page.close();
	frame.close();
}

/** On a shared computer: after logging out neither the way back nor a lost line shows what was read. */
export async function nothingIsLeftAfterLoggingOut(world) {
	const who = await arrive(world, 'thu'), p = who.page, answers = [];
	p.on('response', (r) => answers.push(r));
	await go(who, 'cases', '.list .rows li');
	const seen = (await p.innerText('.list .rows li .line')).slice(0, 20);
	await go(who, 'reports');
	await p.click(`text=${word('vi', 'logout')}`);
	await p.waitForSelector('input[name=password]');
	const of = (path) => Promise.all(answers.filter((r) => r.url().includes(path)).map((r) => r.allHeaders()));
	same((await of('/session/close')).map((h) => h['clear-site-data']), ['"cache"'], 'what logging out says');
	same((await of('/api/v1/')).filter((h) => h['cache-control'] !== 'no-store').map((h) => h['cache-control']), [], 'what may be kept');
	const shown = () => until('a page stands still', () => p.content().catch(() => undefined));
	await p.goBack();
	await p.waitForSelector('input[name=password]');
	holds(!(await shown()).includes(seen), 'the way back shows a case');
	await who.context.setOffline(true);
	await p.reload().catch(() => undefined);
	holds(!(await shown()).includes(seen), 'a kept page shows a case');
	same(await p.evaluate(() => Object.keys(localStorage).filter((k) => k.startsWith('draft:thu:'))).catch(() => []), [], 'drafts');
	await who.context.close();
}

export async function sessionEndsAtOnce(world) {
	const p = world.hoa.page, cookies = await world.hoa.context.cookies(), session = cookies.find((c) => c.name === '__Host-caunoi');
	await p.setViewportSize({ width: 1280, height: 900 });
	await p.goto(`${world.gateway.url}/#/account`);
	await p.click('text=Đăng xuất');
	await p.waitForSelector('input[name=password]');
	same((await fetch(`${world.gateway.url}/api/v1/case`, { headers: { Cookie: `${session.name}=${session.value}` } })).status, 401, 'after logging out');
	world.gateway.json('user', 'disable', 'minh');
	await world.minh.page.goto(`${world.gateway.url}/#/campaigns`);
	await world.minh.page.waitForSelector('input[name=password]');
}

export async function noScriptRan(world) {
	for (const name of ['lan', 'minh', 'hoa', 'thu', 'admin']) same(world[name].errors, [], name);
}

