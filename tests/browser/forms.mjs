// SPDX-License-Identifier: GPL-3.0-or-later
// Every form with something wrong in it: told beside the field, in words of the reader's language, and what was typed stays.
import { holds, isFit, same } from './desk.mjs';

/* who, page, whether the form has to be opened, what is typed, its button, the field that is wrong */
const FORMS = [
	['lan', 'campaigns/new', false, { name: 'Họp thôn', text: 'Moi hop. Tu choi: TC', audience: 'group:' }, 'form.composer button.main', 'audience'],
	['lan', 'campaigns/facts', false, { name: 'han the', value: '30/11', from: '2026-12-31', until: '2026-01-01' }, 'form.composer button.main', 'until'],
	['lan', 'phone', false, { number: '12x' }, 'form.inline button', 'number'],
	['hoa', 'cases/new', false, { text: 'nhà dột', number: '12' }, 'form.composer button.main', 'number'],
	['hoa', 'signups', true, { head: 'Giàng A Páo', hamlet: 'Nà Lang', programme: 'khong-co' }, 'form.composer button.main', 'programme'],
	['admin', 'administration/units', true, { code: 'xx', name: 'Xã mới' }, 'main form button[type=submit]', 'code'],
	['admin', 'administration/tokens', true, { user: 'không có' }, 'main form button[type=submit]', 'user'],
];

export async function wrongInputIsToldBesideItsField(world, lang) {
	for (const [name, hash, open, fields, button, wrong] of FORMS) {
		const who = world[name], p = who.page, at = (field) => `main [name=${field}]`;
		await p.goto(`${world.gateway.url}/${lang === 'en' ? '?lang=en' : ''}#/${hash}`);
		const summary = `main details:has([name=${wrong}]) > summary`;
		await p.waitForSelector(open ? summary : at(wrong));
		if (open) await p.click(summary);
		for (const field of Object.keys(fields)) await p.locator(at(field)).first().fill(fields[field]);
		await p.locator(button).first().click();
		await p.waitForSelector(`.field:has([name=${wrong}]) .wrong`);
		holds((await p.innerText(`.field:has([name=${wrong}]) .wrong`)).length > 8, `${hash}: no words`);
		same(await p.locator(at(wrong)).first().getAttribute('aria-invalid'), 'true', `${hash}: its mark`);
		for (const field of Object.keys(fields)) same(await p.locator(at(field)).first().inputValue(), fields[field], `${hash}: what was typed into ${field}`);
		if (lang === 'vi') await isFit(world, who, `${hash} with something wrong`);
		await p.evaluate(() => localStorage.clear()); /* no draft of it for the next story */
	}
	for (const name of ['lan', 'hoa', 'admin']) same(world[name].errors, [], `errors of ${name}`);
}
