// SPDX-License-Identifier: GPL-3.0-or-later
// The administrator changes what words mean: a mistake is told with its line, sentences are tried before, what is taken reads the next
// message; a template is written, refused beside its words, offered to the reviewer and withdrawn.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { go, holds, isFit, numbers, same, word } from './desk.mjs';
import { UNREACHABLE, until } from './gateway.mjs';

/** Its reader begins anew with the new words: away for a moment. */
const readAnew = (gateway, ...words) => {
	try {
		return gateway.json(...words);
	} catch (e) {
		if (e.status === UNREACHABLE) return undefined;
		throw e;
	}
};

const SENTENCE = 'quay xe di em';

export async function administratorChangesWords(world) {
	const admin = world.admin, p = admin.page, { gateway } = world, box = 'textarea[name=content]';
	await go(admin, 'administration/words', box);
	const shipped = await p.inputValue(box), list = shipped.indexOf('[', shipped.indexOf('optout_whole')) + 1;
	const changed = `${shipped.slice(0, list)} "${SENTENCE}",${shipped.slice(list)}`, broken = changed.replace('\n', '\n)\n');
	await p.fill(box, broken);
	await p.click(`button.main >> text=${word('vi', 'words.try')}`);
	await p.waitForSelector('.trouble pre');
	same(await p.innerText('.trouble pre'), ')', 'the line that is wrong');
	await p.click(`.trouble button >> text=${word('vi', 'words.goto')}`);
	same(await p.evaluate((b) => { const a = document.querySelector(b); return a.value.slice(a.selectionStart, a.selectionEnd); }, box), ')', 'what is marked');
	await isFit(world, admin, 'the refused words');
	await p.fill(box, changed);
	same(await p.locator(`button >> text=${word('vi', 'words.take')}`).count(), 0, 'ways to take what was not tried');
	await p.fill('textarea[name=say]', `${SENTENCE}\nduong thon 5 hong qua`);
	await p.click(`button.main >> text=${word('vi', 'words.try')}`);
	await p.waitForSelector(`tr:has-text("${SENTENCE}") b >> text=${word('vi', 'kind.optout')}`);
	await p.waitForSelector(`tr:has-text("duong thon 5") >> text=${word('vi', 'words.same')}`);
	await p.fill('input[name=note]', 'bà con xã mình hay nói vậy');
	await isFit(world, admin, 'the tried words');
	await p.click(`button >> text=${word('vi', 'words.take')}`);
	await p.click('.sure button.main');
	await p.waitForSelector(`.notice >> text=${word('vi', 'words.taken').slice(0, 16)}`);
	await until('the next message is read by it', () => gateway.json('text', 'classify', SENTENCE).kind === 'optout');
	gateway.json('loopback', 'say', '--from', numbers[44], '--text', SENTENCE);
	await until('who says so is left alone', () => (readAnew(gateway, 'consent', 'show', numbers[44]) || { scopes: [] }).scopes.length > 0);
	holds(existsSync(join(gateway.dir, 'keywords', 'keywords.conf')), 'the file is not beside the configuration');
	holds((await until('the reader is there', () => readAnew(gateway, 'audit', 'list'))).some((e) => e.verb === 'setting.take' && e.actor === 'user:admin'), 'the audit says nothing of it');
	await go(admin, 'administration/audit', 'td >> text=setting.take');
	same(admin.errors, [], 'errors');
}

export async function administratorWritesATemplate(world) {
	const admin = world.admin, p = admin.page, { gateway } = world;
	await go(admin, 'administration/templates', 'form textarea[name=text]');
	await p.fill('input[name=name]', 'hen-gap');
	await p.fill('input[name=title]', 'Hẹn gặp');
	await p.fill('textarea[name=text]', 'Mời ông bà đến nhà văn hóa');
	await p.click('form.composer button.main');
	await p.waitForSelector('.field:has(textarea[name=text]) .wrong');
	same(await p.inputValue('textarea[name=text]'), 'Mời ông bà đến nhà văn hóa', 'what was typed');
	await p.fill('textarea[name=text]', 'Moi ong/ba den nha van hoa luc ... ngay ...');
	await p.click('form.composer button.main');
	await p.waitForSelector('tr:has-text("hen-gap")');
	await until('the reviewer is offered it', () => (readAnew(gateway, 'case', 'templates') || []).some((one) => one.name === 'hen-gap'));
	await p.click('tr:has-text("hen-gap") .actions button:first-child');
	await p.fill('input[name=title]', 'Hẹn gặp ở thôn');
	await p.click('form.composer button.main');
	await p.waitForSelector('tr:has-text("Hẹn gặp ở thôn")');
	await isFit(world, admin, 'the templates');
	await p.click('tr:has-text("hen-gap") button.danger');
	await p.click('tr:has-text("hen-gap") .sure button.danger');
	await p.waitForSelector('tr:has-text("hen-gap")', { state: 'detached' });
	same((await until('the reader is there again', () => readAnew(gateway, 'audit', 'list'))).filter((e) => /^template\./.test(e.verb)).map((e) => e.verb).sort(), ['template.set', 'template.set', 'template.withdraw'], 'the audit');
	holds(readdirSync(join(gateway.dir, 'topics')).filter((f) => f.startsWith('phrasebook.conf.')).length >= 1, 'no older one was kept');
	same(admin.errors, [], 'errors');
}
