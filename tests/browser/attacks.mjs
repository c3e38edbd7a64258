// SPDX-License-Identifier: GPL-3.0-or-later
// What a browser, a foreign page and an ended session may not do.
import { same } from './desk.mjs';

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

