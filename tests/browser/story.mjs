// SPDX-License-Identifier: GPL-3.0-or-later
// The console in a real browser, on a real gateway: each user's day as a story, then every page for every user without a violation of
// accessibility, in both languages, wide and narrow, and without one telephone number for those who must not see any. Run:
// node story.mjs BUILD [SHOTS]; ends with "N passed, N failed".
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { codesAreAskedFor } from './codes.mjs';
import { startGateway, until } from './gateway.mjs';
import { administratorAddsUnits, staffSetsFactsRulesAndConsent } from './outreach.mjs';

const build = resolve(process.argv[2] || 'build'), shots = process.argv[3];
const need = createRequire(join(build, 'pages-work', 'package.json'));
const { chromium } = need('playwright-core');
const AXE = need.resolve('axe-core/axe.min.js');
const SEEDED = 200;
const numbers = Array.from({ length: SEEDED }, (_, i) => `+8491${String(2000000 + i * 37).padStart(7, '0')}`);
let passed = 0, failed = 0;

async function law(name, fn) {
	const from = Date.now();
	try {
		await fn();
		passed++;
		console.log(`  ok   ${name} (${Date.now() - from} ms)`);
	} catch (e) {
		failed++;
		console.log(`  FAIL ${name}: ${e.stack || e}`);
	}
}

function same(got, want, what) {
	if (JSON.stringify(got) !== JSON.stringify(want)) throw new Error(`${what}: ${JSON.stringify(got)} instead of ${JSON.stringify(want)}`);
}

/* ---- people ---- */

const USERS = { lan: 'outreach', minh: 'approver', hoa: 'reviewer', thu: 'secretary' };

/** A person at a browser: what reaches it is kept for the leak test. */
async function arrive(world, name) {
	const context = await world.browser.newContext({ viewport: { width: 1280, height: 900 } });
	const page = await context.newPage(), heard = [], errors = [];
	page.on('response', async (r) => heard.push(`${r.url()} ${JSON.stringify(r.headers())} ${await r.text().catch(() => '')}`));
	page.on('pageerror', (e) => errors.push(String(e)));
	page.on('console', (m) => { if (/Content Security Policy|TrustedScript/.test(m.text())) errors.push(m.text()); });
	const token = world.gateway.json('token', 'add', '--user', name, '--scopes', 'login').token;
	await page.goto(`${world.gateway.url}/#/login?token=${token}`);
	await page.click('button.main >> text=Vào bằng đường dẫn này');
	await page.waitForSelector('.who');
	return { name, page, context, heard, errors };
}

const go = async (who, hash, selector = 'main h1') => {
	await who.page.goto(`${who.page.url().split('#')[0]}#/${hash}`);
	await who.page.waitForSelector(selector);
	await who.page.waitForFunction(() => !document.querySelector('.waiting'));
};

async function seed(world) {
	const people = ['số điện thoại,họ tên,thôn', ...numbers.map((n, i) => `0${n.slice(3)},Người ${i + 1},Thôn ${1 + (i % 5)}`)];
	world.csv = join(world.gateway.dir, 'people.csv');
	writeFileSync(world.csv, people.join('\n'));
	for (const name of Object.keys(USERS)) world.gateway.json('user', 'add', name, '--role', USERS[name]);
}

/* ---- the story ---- */

async function staffImportsAndSubmits(world) {
	const lan = (world.lan = await arrive(world, 'lan')), p = lan.page;
	await go(lan, 'people/import');
	await p.setInputFiles('input[type=file]', world.csv);
	await p.fill('input[name=group]', 'thon-demo');
	await p.fill('input[name=basis]', 'Nghị định 91/2020');
	await p.click('text=Kiểm tra trước');
	await p.click('button:text-is("Nhập vào")');
	await p.waitForSelector('text=Đã nhập');
	same(world.gateway.json('group', 'show', 'thon-demo').members, SEEDED, 'members');
	await go(lan, 'campaigns/new', 'textarea[name=text]');
	await p.fill('input[name=name]', 'Gia hạn BHYT');
	await p.fill('textarea[name=text]', 'Thẻ BHYT hết hạn 30/11. Trả lời 1=đã gia hạn 2=cần giúp. Từ chối nhận tin: TC');
	await p.click('text=Dùng bản không dấu');
	await p.waitForFunction(() => !/[ạảã]/.test(document.querySelector('textarea[name=text]').value));
	await p.selectOption('select[name=group]', 'thon-demo');
	await p.click('text=Lưu bản nháp');
	await p.click('button:text-is("Trình duyệt")');
	await p.waitForSelector('.campaign-submitted');
	world.campaign = world.gateway.json('campaign', 'list')[0].id;
	same(world.gateway.json('campaign', 'show', String(world.campaign)).state, 'submitted', 'state');
}

async function approverReadsAndApproves(world) {
	const minh = (world.minh = await arrive(world, 'minh')), p = minh.page;
	await go(minh, '');
	await p.click('text=Gia hạn BHYT');
	await p.waitForSelector('.samples li');
	same(await p.innerText('.samples li'), 'The BHYT het han 30/11. Tra loi 1=da gia han 2=can giup. Tu choi nhan tin: TC', 'sample');
	await p.click('button:text-is("Duyệt")');
	await p.click('.sure button.main');
	await p.waitForSelector('.campaign-approved');
	await p.fill('input[name=confirm]', String(SEEDED));
	await p.click('text=Bắt đầu gửi >> nth=-1');
	await until('everything is delivered', () => world.gateway.json('campaign', 'show', String(world.campaign)).counts.delivered === SEEDED);
	await p.waitForSelector('.campaign-done');
}

async function villagerAnswers(world) {
	const lan = world.lan, p = lan.page;
	await go(lan, 'phone', 'input[name=number]');
	await p.fill('input[name=number]', `0${numbers[0].slice(3)}`);
	await p.click('text=Cầm máy này');
	await p.waitForSelector('.talk .staff');
	const answers = await p.locator('.talk .staff').count();
	await p.fill('textarea[name=text]', 'PA đường thôn 5 hỏng cả tháng nay xe không đi được <img src=x onerror=alert(1)>');
	await p.click('button:text-is("Gửi")');
	await p.waitForFunction((n) => document.querySelectorAll('.talk .staff').length > n, answers, { timeout: 60000 });
	if (!/PA\d{6}/.test(await p.innerText('.talk'))) throw new Error('no receipt with a code');
	world.gateway.json('loopback', 'say', '--from', numbers[1], '--text', 'tu choi');
	await until('the opt-out is there', () => world.gateway.json('consent', 'show', numbers[1]).scopes.length > 0);
}

async function reviewerAnswers(world) {
	const hoa = (world.hoa = await arrive(world, 'hoa')), p = hoa.page;
	await go(hoa, 'cases');
	await p.waitForSelector('.list .rows li');
	await p.keyboard.press('j');
	await p.waitForSelector('.talk .villager');
	await p.keyboard.press('r');
	await p.waitForFunction(() => document.activeElement && document.activeElement.name === 'text');
	await p.keyboard.type('Xã sẽ rải đá trước 30/12.');
	await p.reload();
	await p.waitForSelector('textarea[name=text]');
	same(await p.inputValue('textarea[name=text]'), 'Xã sẽ rải đá trước 30/12.', 'the draft after a reload');
	await p.click('text=Gửi trả lời');
	await p.waitForSelector('.talk .staff');
	const c = world.gateway.json('case', 'list')[0];
	if (['answered', 'notified'].indexOf(c.state) < 0) throw new Error(`the case is ${c.state}`);
	await p.click('.handling summary >> text=Ghi chú');
	await p.fill('.handling details[open] textarea', 'đã gọi lại');
	await p.click('.handling details[open] button.main');
	await p.waitForSelector('.talk >> text=đã gọi lại');
	await go(hoa, 'inbox');
	await p.click('.list .rows li:last-child a');
	await p.waitForSelector('text=Vì sao');
}

/** Asks two villagers something; one answers. */
function askSurvey(world) {
	const csv = join(world.gateway.dir, 'two.csv');
	writeFileSync(csv, `số điện thoại,họ tên\n${numbers[10]},A\n${numbers[11]},B\n`);
	world.gateway.cli('contact', 'import', csv, '--group', 'hai-ho', '--basis', 'hop thon');
	const id = String(world.gateway.json('campaign', 'new', '--name', 'Giám sát cấp gạo', '--group', 'hai-ho', '--survey', 'config/menus/cap-gao.conf',
		'--text', 'Ho ong/ba co nhan du gao khong? Tra loi: 1=Du 2=Thieu 3=Khong nhan. Tu choi nhan tin: TC').id);
	for (const step of ['submit', 'approve', 'start']) world.gateway.cli('campaign', step, id);
	return id;
}

async function secretaryPrintsTheYear(world) {
	const campaign = askSurvey(world), year = new Date().getFullYear(), from = `${year}-01-01`, to = `${year}-12-31`;
	await until('the question is delivered', () => world.gateway.json('campaign', 'show', campaign).counts.delivered === 2);
	world.gateway.json('loopback', 'say', '--from', numbers[10], '--text', '2');
	await until('the answer is there', () => world.gateway.json('inbox', 'list').some((m) => m.kind === 'survey_answer' && m.handled_by));
	const thu = (world.thu = await arrive(world, 'thu')), p = thu.page;
	await go(thu, `surveys/${campaign}`, 'text=không mang tính đại diện');
	if (!(await p.innerText('main')).includes('ít hơn 5')) throw new Error('a vote of one person is shown');
	await go(thu, 'reports', 'select[name=kind]');
	await p.selectOption('select[name=kind]', 'annual');
	await p.fill('input[name=unit]', '02269');
	await p.fill('input[name=from]', from);
	await p.fill('input[name=to]', to);
	await p.click('text=Xem số liệu');
	await p.waitForSelector('.report table[data-sheet=T2]');
	const order = (kind) => JSON.parse(readFileSync(world.gateway.json('report', kind, '--unit', '02269', '--from', from, '--to', to, '--format', 'json').file, 'utf8'));
	const said = order('annual'), b = said.balance;
	same((await p.locator('.report .figures dd').allInnerTexts()).map(Number), [b.opening, b.new, b.closed, b.carried_over], 'the balance');
	same(b.opening + b.new - b.closed, b.carried_over, 'the sum');
	same(b.carried_over, world.gateway.json('case', 'list').filter((c) => c.state !== 'closed' && (c.unit || '').startsWith('02269')).length, 'what is open now');
	const sheet = said.sections.flatMap((s) => s.sheets).find((s) => s.id === 'T2'), column = sheet.columns.findIndex((c) => c.key === 'received');
	const printed = await p.locator('table[data-sheet=T2] tfoot td').nth(column).innerText();
	same(Number(printed), sheet.total[column], 'the total of what was received');
	const [saved] = await Promise.all([p.waitForEvent('download'), p.click('text=Tải XLSX')]);
	same(readFileSync(await saved.path()).subarray(0, 2).toString(), 'PK', 'the file begins');
	for (const width of [1280, 320]) {
		await p.setViewportSize({ width, height: 900 });
		if (!(await p.evaluate(() => 'axe' in window))) await p.evaluate(world.axe);
		same(await violations(p), [], `the figures at ${width} px`);
		same(await p.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `they fit into ${width} px`);
		if (shots) await p.screenshot({ path: `${shots}/thu-annual-vi-${width}.png`, fullPage: true });
	}
	await p.setViewportSize({ width: 1280, height: 900 });
	await p.emulateMedia({ media: 'print' });
	if (shots) await p.pdf({ path: `${shots}/annual.pdf` }).catch(() => undefined);
	same(await p.isVisible('.filters'), false, 'the form on paper');
	await p.emulateMedia({ media: 'screen' });
}

/** Opens the form of an act beside a case, fills it in and sends it. */
async function handle(p, act, fields) {
	await p.waitForSelector(`details.act-${act}`);
	if (!(await p.getAttribute(`details.act-${act}`, 'open').then((v) => v !== null))) await p.click(`details.act-${act} summary`);
	for (const name of Object.keys(fields)) {
		const at = `details.act-${act} [name=${name}]`;
		if (await p.locator(`details.act-${act} select[name=${name}]`).count()) await p.selectOption(at, fields[name]);
		else await p.fill(at, fields[name]);
	}
	await p.click(`details.act-${act} button.main`);
}

async function reviewerWorksThroughADay(world) {
	const hoa = world.hoa, p = hoa.page, json = world.gateway.json;
	json('loopback', 'say', '--from', numbers[2], '--text', 'PA nuoc sinh hoat ban qua ca xom khong dung duoc, goi toi 0987 654 321');
	const found = await until('the case is there', () => json('case', 'list', '--topic', 'NUOCSACH')[0]), id = String(found.id);
	await go(hoa, `cases/${id}`, '.talk .villager');
	same((await p.innerText('main')).match(/.*0987 654.*/), null, 'a number inside a text');
	await p.keyboard.press('a');
	await p.waitForSelector('details.act-assign[open]');
	await handle(p, 'assign', { to: 'hoa' });
	await p.waitForSelector('.facts dd:text-is("hoa")');
	await handle(p, 'reveal', { reason: 'gọi lại cho dân' });
	await p.waitForSelector('.talk >> text=0987 654 321');
	await handle(p, 'move', { to: 'triaged' });
	await p.waitForSelector('.facts .casestate-triaged');
	same((await p.innerText('main')).match(/.*0987 654.*/), null, 'a number that was shown');
	await handle(p, 'refer', { unit: '02270', reason: 'đường ống của xã bên' });
	await p.waitForSelector('.facts dd:text-is("02270")');
	await handle(p, 'return', { reason: 'ống của xã mình' });
	await p.waitForSelector('.talk >> text=ống của xã mình');
	await handle(p, 'forward', { to: 'UBND xã', due: '2099-12-15' });
	await p.waitForSelector('.facts .casestate-forwarded');
	await p.selectOption('select[name=template]', 'xin-loi-cham');
	await p.waitForFunction(() => /Xin loi/.test(document.querySelector('.reply textarea').value));
	await until('the others see who writes', () => (json('case', 'show', id).lock || {}).holder === 'user:hoa');
	await p.fill('.reply textarea', 'Xa se sua duong ong truoc 30/12.');
	await p.click('text=Gửi trả lời');
	await p.waitForSelector('.facts .casestate-notified');
	json('loopback', 'say', '--from', numbers[2], '--text', '2 noi nhieu lan roi');
	await until('it climbs', () => json('case', 'show', id).level === 'province');
	await p.waitForSelector('.facts .casestate-reopened');
	await go(hoa, 'cases?raised=true', '.list .rows li');
	same(await p.locator('.list .rows li').count(), 1, 'cases of the province');
	await p.check('.list .rows li input[type=checkbox]');
	await p.selectOption('.bulk select[name=do]', 'move');
	await p.click('.bulk button.main');
	await until('it is sorted', () => json('case', 'show', id).state === 'triaged');
	await go(hoa, 'cases');
	await p.fill('input[name=q]', 'nước SINH hoạt');
	await p.waitForFunction(() => document.querySelectorAll('.list .rows li').length === 1);
	await go(hoa, 'cases/new', 'textarea[name=text]');
	await p.fill('textarea[name=text]', 'mái nhà bà Giàng dột nát');
	await p.fill('input[name=who]', 'bà Giàng, Nà Lang');
	await p.click('form.composer button.main');
	await p.waitForSelector('.facts >> text=Nhà tạm');
}

/* ---- every page ---- */

const PAGES = { lan: ['', 'inbox', 'campaigns', 'campaigns/1', 'campaigns/new', 'campaigns/facts', 'people', 'people/1', 'people/import', 'people/record', 'channels', 'phone', 'account'],
	hoa: ['', 'cases', 'cases/1', 'cases/new', 'inbox', 'inbox/1', 'campaigns', 'campaigns/1', 'people', 'people/1', 'channels', 'account', 'nowhere'],
	thu: ['', 'cases', 'surveys', 'surveys/2', 'reports', 'account'],
	admin: ['', 'channels', 'administration/users', 'administration/sessions', 'administration/units', 'administration/tokens', 'administration/settings', 'administration/audit', 'administration/jobs', 'administration/backup'] };

async function violations(page) {
	/* the policy of the page lets no foreign script in: this one comes through the browser's own door */
	return page.evaluate(async () => (await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })).violations
		.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(', ')}`));
}

async function everyPage(world, name, lang, width) {
	const who = world[name] || (world[name] = await arrive(world, name)), p = who.page, wrong = [];
	await p.setViewportSize({ width, height: width < 400 ? 640 : 900 });
	for (const hash of PAGES[name]) {
		await p.goto(`${world.gateway.url}/${lang === 'en' ? '?lang=en' : ''}#/${hash}`);
		await p.waitForSelector('main h1');
		await p.waitForFunction(() => !document.querySelector('.waiting'));
		if (!(await p.evaluate(() => 'axe' in window))) await p.evaluate(world.axe);
		for (const v of await violations(p)) wrong.push(`#/${hash} ${v}`);
		const wide = await p.evaluate(() => document.documentElement.scrollWidth - innerWidth);
		if (wide > 0) wrong.push(`#/${hash} is ${wide} px wider than the screen`);
		same(await p.getAttribute('html', 'lang'), lang, 'lang');
		if (shots) await p.screenshot({ path: `${shots}/${name}-${hash.replace(/\//g, '_') || 'today'}-${lang}-${width}.png`, fullPage: true });
	}
	if (wrong.length) throw new Error(wrong.join('\n         '));
}

/** In the encodings that a page or an answer could carry it. */
function formsOf(number) {
	const plain = number.slice(1), national = `0${number.slice(3)}`;
	return [number, national, number.slice(3), Buffer.from(number).toString('base64').replace(/=+$/, ''), Buffer.from(national).toString('hex'),
		`${national.slice(0, 4)} ${national.slice(4, 7)} ${national.slice(7)}`, encodeURIComponent(number), [...plain].reverse().join('')];
}

async function reviewerSeesNoNumber(world) {
	const who = world.hoa, text = who.heard.join('\n') + (await who.page.content());
	if (who.heard.length < 50) throw new Error(`only ${who.heard.length} answers were heard`);
	const leaks = numbers.flatMap(formsOf).filter((form) => text.includes(form));
	same(leaks, [], 'numbers');
	const staff = world.lan.heard.join('\n');
	if (!numbers.some((n) => staff.includes(n))) throw new Error('the staff saw no number either: the test looks at nothing');
}

/* ---- attacks ---- */

async function foreignPagesAreRefused(world) {
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

async function sessionEndsAtOnce(world) {
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

async function codesAtTheLogin(world) {
	world.gateway.json('user', 'add', 'tam', '--role', 'reviewer');
	const tam = await arrive(world, 'tam');
	await codesAreAskedFor(tam, world.gateway.url, async (p) => {
		if (!(await p.evaluate(() => 'axe' in window))) await p.evaluate(world.axe);
		same(await violations(p), [], 'the page with the key');
		if (shots) await p.screenshot({ path: `${shots}/tam-codes.png`, fullPage: true });
	});
	same(tam.errors, [], 'errors');
}

async function noScriptRan(world) {
	for (const name of ['lan', 'minh', 'hoa', 'thu', 'admin']) same(world[name].errors, [], name);
}

/* ---- all of it ---- */

const world = { gateway: await startGateway(build), axe: (await import('node:fs')).readFileSync(AXE, 'utf8') };
try {
	if (shots) mkdirSync(shots, { recursive: true });
	world.browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] });
	await seed(world);
	await law('staff_imports_writes_and_submits', () => staffImportsAndSubmits(world));
	await law('staff_sets_facts_rules_and_consent', () => staffSetsFactsRulesAndConsent(world.lan, world));
	await law('administrator_adds_units', async () => administratorAddsUnits(world.admin || (world.admin = await arrive(world, 'admin')), world));
	await law('approver_reads_exactly_what_goes_and_approves', () => approverReadsAndApproves(world));
	await law('villager_complains_and_gets_a_code', () => villagerAnswers(world));
	await law('reviewer_answers_by_keyboard_and_keeps_the_draft', () => reviewerAnswers(world));
	await law('secretary_prints_the_year', () => secretaryPrintsTheYear(world));
	await law('reviewer_works_through_a_day_and_it_climbs', () => reviewerWorksThroughADay(world));
	await law('foreign_pages_are_refused', () => foreignPagesAreRefused(world));
	for (const [lang, width] of [['vi', 1280], ['en', 1280], ['vi', 320], ['en', 320]])
		for (const name of Object.keys(PAGES)) await law(`pages_of_${name}_${lang}_${width}`, () => everyPage(world, name, lang, width));
	await law('reviewer_sees_no_number_in_any_form', () => reviewerSeesNoNumber(world));
	await law('codes_are_asked_for_at_the_login', () => codesAtTheLogin(world));
	await law('session_ends_at_once', () => sessionEndsAtOnce(world));
	await law('no_script_of_a_message_ran', () => noScriptRan(world));
} finally {
	if (world.browser) await world.browser.close();
	await world.gateway.stop();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
