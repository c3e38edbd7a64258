// SPDX-License-Identifier: GPL-3.0-or-later
// What goes wrong in a day: two at one case, a session that ends in mid-text, a line that loses an answer or is away, no events, wrong
// addresses. What was typed stays, and nothing happens twice.
import { arrive, go, holds, national, numbers, same, word } from './desk.mjs';
import { until } from './gateway.mjs';

const PASSWORD = 'nắng lên trên bản';

/** A case of its own; its id. */
async function complaint(world, number, words) {
	world.gateway.json('loopback', 'say', '--from', number, '--text', `PA ${words}`);
	const found = await until('the case is there', () => world.gateway.json('case', 'list', '--search', words)[0]);
	return String(found.id);
}

const answers = (world, id) => world.gateway.json('case', 'show', id).timeline.filter((e) => e.what === 'answered').map((e) => e.text);

export async function secondSeesWhoHoldsACase(world) {
	const id = await complaint(world, numbers[30], 'cot dien xom trong bi nghieng'), [hoa, binh] = [world.hoa, world.binh];
	await go(hoa, `cases/${id}`, '.reply textarea');
	await go(binh, `cases/${id}`, '.reply textarea');
	await hoa.page.fill('.reply textarea', 'Điện lực sẽ dựng lại cột.');
	await binh.page.waitForSelector('.holder >> text=hoa');
	await binh.page.fill('.reply textarea', 'Xã đã báo điện lực.');
	await binh.page.click('text=Gửi trả lời');
	await binh.page.waitForSelector('.reply .trouble >> text=hoa');
	same(await binh.page.inputValue('.reply textarea'), 'Xã đã báo điện lực.', 'what the second wrote');
	same(answers(world, id), [], 'answers by then');
	await binh.page.click('.holder button');
	await until('the second holds it', () => (world.gateway.json('case', 'show', id).lock || {}).holder === 'user:binh');
	await hoa.page.waitForSelector('.holder >> text=binh');
	await binh.page.click('text=Gửi trả lời');
	await binh.page.waitForSelector('.facts .casestate-answered, .facts .casestate-notified');
	same(answers(world, id), ['Xã đã báo điện lực.'], 'the answer');
	same(await hoa.page.inputValue('.reply textarea'), 'Điện lực sẽ dựng lại cột.', 'what the first wrote');
}

export async function textIsThereAfterTheSessionEnded(world) {
	const id = await complaint(world, numbers[31], 'muong nuoc thon hai bi tac'), who = world.binh, p = who.page, { gateway } = world;
	gateway.tell(PASSWORD, 'user', 'passwd', 'binh');
	await p.waitForSelector('input[name=password]'); /* a new password ends every session */
	const login = async () => {
		await p.fill('input[name=user]', 'binh');
		await p.fill('input[name=password]', PASSWORD);
		await p.click('form button.main');
	};
	await login();
	await go(who, `cases/${id}`, '.reply textarea');
	await p.fill('.reply textarea', 'Hợp tác xã nạo vét trong tuần này.');
	for (const s of gateway.json('session', 'list').filter((one) => one.user === 'binh')) gateway.json('session', 'revoke', String(s.id));
	await p.waitForSelector('input[name=password]', { timeout: 60000 });
	await login();
	await p.waitForSelector('.reply textarea');
	holds(p.url().endsWith(`#/cases/${id}`), `it goes on elsewhere: ${p.url()}`);
	same(await p.inputValue('.reply textarea'), 'Hợp tác xã nạo vét trong tuần này.', 'the text');
	await p.click('text=Gửi trả lời');
	await p.waitForSelector('.facts .casestate-answered, .facts .casestate-notified');
	same(answers(world, id), ['Hợp tác xã nạo vét trong tuần này.'], 'the answer');
}

/** The gateway does it, its answer is lost on the way: the page asks again under the same key. */
export async function lostAnswerIsNoSecondOne(world) {
	const id = await complaint(world, numbers[32], 'loa phat thanh thon ba bi hong'), p = world.hoa.page, keys = [];
	await go(world.hoa, `cases/${id}`, '.reply textarea');
	await p.route('**/reply', async (route) => {
		keys.push(route.request().headers()['idempotency-key']);
		if (keys.length > 1) return route.continue();
		await route.fetch();
		return route.abort('connectionreset');
	});
	await p.fill('.reply textarea', 'Xã sửa loa trong tuần.');
	await p.click('text=Gửi trả lời');
	await until('the page asks again', () => keys.length > 1);
	await p.waitForFunction(() => document.querySelector('.reply textarea').value === '');
	await p.unroute('**/reply');
	same([keys.length, new Set(keys).size], [2, 1], 'requests and keys');
	same(answers(world, id), ['Xã sửa loa trong tuần.'], 'answers');
}

/** Away before it is sent, also while the page is opened anew. */
export async function draftsOutliveTheLine(world) {
	const p = world.lan.page, words = 'Họp thôn tối thứ Bảy. Từ chối: TC', before = world.gateway.json('campaign', 'list').length;
	await go(world.lan, 'campaigns/new', 'textarea[name=text]');
	await p.fill('input[name=name]', 'Họp thôn');
	await p.fill('textarea[name=text]', words);
	await p.selectOption('select[name=group]', 'thon-nam');
	await world.lan.context.setOffline(true);
	await p.click('text=Lưu bản nháp');
	await p.waitForSelector('.offline');
	await p.waitForSelector(`.trouble >> text=${word('vi', 'rule.offline')}`);
	same(await p.inputValue('textarea[name=text]'), words, 'the text while the line is away');
	await world.lan.context.setOffline(false);
	await p.reload();
	await p.waitForSelector('textarea[name=text]');
	same(await p.inputValue('textarea[name=text]'), words, 'the text after the page was opened anew');
	await p.click('text=Lưu bản nháp');
	await p.waitForSelector('.campaign-draft');
	same(world.gateway.json('campaign', 'list').length, before + 1, 'campaigns');
}

export async function listsChangeWithoutEvents(world) {
	const who = await arrive(world, 'hoa'), p = who.page;
	await p.route('**/api/v1/events', (route) => route.abort());
	await p.reload();
	await go(who, 'cases', '.list .rows li');
	await complaint(world, numbers[33], 'bien bao truoc cong truong bi do');
	await p.waitForSelector('.list >> text=bien bao truoc cong truong', { timeout: 60000 });
	await who.context.close();
}

export async function wrongAddressLeadsHome(world) {
	const p = world.hoa.page, lost = await world.hoa.context.newPage();
	const answer = await lost.goto(`${world.gateway.url}/khong-co`);
	same(answer.status(), 404, 'its status');
	await lost.click('text=Về trang đầu');
	await lost.waitForSelector('.who');
	await lost.close();
	for (const hash of ['khong-co', 'cases/999999', 'administration', 'campaigns/999999', 'people/x%00', 'inbox/-1']) {
		await go(world.hoa, hash, 'main h1, main .trouble');
		holds((await p.locator('main a[href^="#/"], main button').count()) > 0, `#/${hash} leads nowhere`);
	}
	same(world.hoa.errors, [], 'errors');
}

/** A number that is no number, a day that is none: said beside the field, and what was typed stays. */
export async function wrongFieldsAreToldBesideThem(world) {
	const p = world.hoa.page;
	await go(world.hoa, 'cases/new', 'textarea[name=text]');
	await p.fill('textarea[name=text]', 'nhà bà Lù dột');
	await p.fill('input[name=number]', `${national(numbers[3])}0`);
	await p.click('form.composer button.main');
	await p.waitForSelector('.field:has(input[name=number]) .wrong');
	same([await p.inputValue('textarea[name=text]'), await p.getAttribute('input[name=number]', 'aria-invalid')], ['nhà bà Lù dột', 'true'], 'what stays');
	await p.fill('input[name=number]', '');
	await p.fill('textarea[name=text]', '');
}
