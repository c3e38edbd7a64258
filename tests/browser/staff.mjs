// SPDX-License-Identifier: GPL-3.0-or-later
// Outreach staff, an approver and a villager: a list with mistakes is corrected and taken in, a text is written and tried, it is returned,
// changed and approved; people answer it, complain and refuse. Told in a language and for a width.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { arrive, go, holds, isFit, national, same, shoot, word } from './desk.mjs';
import { until } from './gateway.mjs';

const ACCENTED = 'Thẻ BHYT của {{họ tên}} hết hạn 30/11. Trả lời 1=đã gia hạn 2=cần giúp. Từ chối nhận tin: TC';

/** story: { lang, width, tag, people: numbers, refused: one of them } */
async function imports(world, who, story) {
	const p = who.page, w = (key) => word(story.lang, key), file = join(world.gateway.dir, `${story.tag}.csv`);
	const write = (wrong) => writeFileSync(file, ['số điện thoại,họ tên,thôn', ...story.people.map((n, i) => `${i === 1 && wrong ? '0912x' : national(n)},Người ${i + 1},Thôn ${1 + (i % 5)}`)].join('\n'));
	const choose = async () => {
		await p.setInputFiles('input[type=file]', []);
		await p.setInputFiles('input[type=file]', file);
		await p.click(`text=${w('import.look')}`);
	};
	await go(who, 'people/import', 'input[type=file]');
	await p.fill('input[name=group]', story.tag);
	await p.fill('input[name=basis]', 'Nghị định 91/2020');
	write(true);
	await choose();
	await p.waitForSelector(`table[aria-label="${w('import.refused')}"]`);
	same((await p.locator(`table[aria-label="${w('import.refused')}"] tbody td`).allInnerTexts()).slice(0, 3), ['3', 'số điện thoại', '0912x'], 'row, column and value');
	same(world.gateway.json('group', 'list').filter((g) => g.name === story.tag && g.members), [], 'what a refused file leaves');
	await isFit(world, who, 'a refused file');
	same(await p.inputValue('input[name=basis]'), 'Nghị định 91/2020', 'what was typed');
	write(false);
	await choose();
	await p.click(`button:text-is("${w('import.go')}")`);
	await p.waitForSelector(`text=${w('import.done')}`);
	same(world.gateway.json('group', 'show', story.tag).members, story.people.length, 'members');
}

/** One has refused; the texts of two who share a number differ by the name. */
async function composes(world, who, story) {
	const p = who.page, w = (key) => word(story.lang, key);
	world.gateway.json('consent', 'opt-out', story.refused, '--proof', 'gọi điện');
	await go(who, 'campaigns/new', 'textarea[name=text]');
	await p.fill('input[name=name]', `Gia hạn BHYT ${story.tag}`);
	await p.selectOption('select[name=group]', story.tag);
	await p.waitForSelector(`.tally >> text=${story.people.length - 1}`); /* before there is a text */
	await p.fill('textarea[name=text]', ACCENTED);
	await p.waitForSelector('.versions .version');
	same((await p.locator('.version .sms').allInnerTexts()).map((text) => /[ẻếạờ]/.test(text)), [true, false], 'with accents and without, side by side');
	const segments = (await p.locator('.version .badge').allInnerTexts()).map((text) => Number(/\d+/.exec(text)[0]));
	same(segments, [2, 1], 'their segments');
	await p.click('.tally details summary');
	same(await p.locator('.tally details tbody td').allInnerTexts(), [`Người ${story.people.indexOf(story.refused) + 1}`, (await p.innerText('.tally table tbody td')).trim()], 'who is left out');
	await p.selectOption('select[name=topic]', 'BHYT');
	await isFit(world, who, 'the composer');
	await shoot(p, `composer-${story.lang}-${story.width}`);
	await p.click(`button >> text=${w('meter.use')}`);
	await p.waitForFunction(() => !/[ạảã]/.test(document.querySelector('textarea[name=text]').value));
	await p.click(`text=${w('composer.save')}`);
	await p.waitForSelector('.campaign-draft');
	story.id = String(world.gateway.json('campaign', 'list')[0].id);
}

async function triesAndSubmits(world, who, story) {
	const p = who.page, w = (key) => word(story.lang, key), own = '0916000777';
	await p.click(`summary >> text=${w('campaign.test')}`);
	await p.fill('input[name=to]', '12');
	await p.click(`button:text-is("${w('campaign.test.go')}")`);
	await p.waitForSelector('.wrong');
	await p.fill('input[name=to]', own);
	await p.click(`button:text-is("${w('campaign.test.go')}")`);
	await until('the test is on the phone', () => world.gateway.json('loopback', 'heard', own).some((m) => /The BHYT/.test(m.text)));
	await p.click(`button:text-is("${w('step.submit')}")`);
	await p.waitForSelector('.campaign-submitted');
}

export async function staffImportsWritesAndSubmits(world, story) {
	const who = (story.staff = await arrive(world, 'lan', story));
	await imports(world, who, story);
	await composes(world, who, story);
	await triesAndSubmits(world, who, story);
	same(who.errors, [], 'errors');
}

export async function approverReturnsStaffChangesApproverApproves(world, story) {
	const w = (key) => word(story.lang, key), minh = (story.approver = await arrive(world, 'minh', story)), p = minh.page, s = story.staff.page;
	await go(minh, '');
	await p.click(`text=Gia hạn BHYT ${story.tag}`);
	await p.waitForSelector('.samples li');
	same(await p.innerText('.samples li'), 'The BHYT cua Nguoi 1 het han 30/11. Tra loi 1=da gia han 2=can giup. Tu choi nhan tin: TC', 'what the first one gets');
	same((await p.locator('section[aria-label] .figures dd').allInnerTexts()).slice(0, 2).map(Number), [story.people.length, story.people.length - 1], 'people, and who gets it');
	await isFit(world, minh, 'the approval');
	await shoot(p, `approval-${story.lang}-${story.width}`);
	await p.click(`summary >> text=${w('campaign.return')}`);
	await p.fill('textarea[name=why]', 'Thiếu nơi gia hạn');
	await p.click(`form button:text-is("${w('campaign.return')}")`);
	await p.waitForSelector('.campaign-returned');
	await s.waitForSelector('text=Thiếu nơi gia hạn');
	await s.click(`a:text-is("${w('campaign.edit')}")`);
	await s.waitForFunction(() => /BHYT/.test((document.querySelector('textarea[name=text]') || {}).value));
	same(await s.inputValue('select[name=group]'), story.tag, 'the list stays chosen');
	await s.fill('textarea[name=text]', 'The BHYT cua {{họ tên}} het han 30/11. Gia han tai Ban Lau. Tra loi 1=da gia han 2=can giup. Tu choi: TC');
	await s.click(`text=${w('campaign.edit.save')}`);
	await s.waitForSelector('.campaign-returned');
	await s.click(`button:text-is("${w('step.submit')}")`);
	await s.waitForSelector('.campaign-submitted');
	await go(minh, `campaigns/${story.id}`, '.samples li >> text=Ban Lau');
	await p.click(`button:text-is("${w('step.approve')}")`);
	await p.click('.sure button.main');
	await p.waitForSelector('.campaign-approved');
	await p.fill('input[name=confirm]', String(story.people.length));
	await p.click(`form.inline button:text-is("${w('campaign.start')}")`);
	await until('everything is delivered', () => world.gateway.json('campaign', 'show', story.id).counts.delivered === story.people.length - 1);
	await p.waitForSelector('.campaign-done');
	same(world.gateway.json('campaign', 'show', story.id).approved_by, 'user:minh', 'who approved');
	same([...story.staff.errors, ...minh.errors], [], 'errors');
}

/** Writes as a villager on the virtual phone and waits for as many answers. */
async function says(p, w, text, answers = 1) {
	const before = await p.locator('.talk .staff').count();
	await p.fill('textarea[name=text]', text);
	await p.click(`button:text-is("${w('phone.send')}")`);
	await p.waitForFunction((n) => document.querySelectorAll('.talk .staff').length >= n, before + answers, { timeout: 60000 });
	return p.locator('.talk .staff .sms').last().innerText();
}

async function takesPhone(p, w, number) {
	await p.fill('input[name=number]', national(number));
	await p.click(`text=${w('phone.take')}`);
	await p.waitForSelector('.talk .staff');
}

export async function villagerAnswersComplainsAndRefuses(world, story) {
	const w = (key) => word(story.lang, key), p = story.staff.page, [first, second] = story.villagers;
	await go(story.staff, 'phone', 'input[name=number]');
	await takesPhone(p, w, first);
	same(/Ban Lau/.test(await p.innerText('.talk')), true, 'what came');
	await says(p, w, '1.');
	await until('the answer counts', () => world.gateway.json('campaign', 'show', story.id).replies >= 1);
	const receipt = await says(p, w, `PA đường ${story.tag} hỏng cả tháng nay xe không đi được ${story.payload}`);
	holds(/PA\d{6}/.test(receipt), `no receipt with a code: ${receipt}`);
	story.code = /PA\d{6}/.exec(receipt)[0];
	await isFit(world, story.staff, 'the phone');
	await takesPhone(p, w, second);
	await says(p, w, 'tu choi');
	same(world.gateway.json('consent', 'show', second).scopes.map((s) => [s.scope, s.state]), [['campaign', 'opted_out']], 'the refusal');
}
