// SPDX-License-Identifier: GPL-3.0-or-later
// Every page of every user: no violation of accessibility, in both languages, wide and narrow; and no number in any form for those who
// must not see one.
import { isFit, numbers, same, shoot } from './desk.mjs';

export const PAGES = { lan: ['', 'inbox', 'campaigns', 'campaigns/1', 'campaigns/new', 'campaigns/facts', 'people', 'people/1', 'people/import', 'people/record', 'channels', 'phone', 'phone/ussd', 'account'],
	hoa: ['', 'cases', 'cases/1', 'cases/new', 'signups', 'inbox', 'inbox/1', 'campaigns', 'campaigns/1', 'people', 'people/1', 'channels', 'account', 'nowhere'],
	thu: ['', 'cases', 'signups', 'surveys', 'surveys/2', 'reports', 'account'],
	admin: ['', 'channels', 'administration/users', 'administration/sessions', 'administration/units', 'administration/tokens', 'administration/words', 'administration/templates', 'administration/webhooks', 'administration/settings', 'administration/audit', 'administration/jobs', 'administration/backup'] };

export async function everyPage(world, name, lang, width) {
	const who = world[name], p = who.page, wrong = [];
	await p.setViewportSize({ width, height: width < 400 ? 640 : 900 });
	for (const hash of PAGES[name]) {
		await p.goto(`${world.gateway.url}/${lang === 'en' ? '?lang=en' : ''}#/${hash}`);
		await p.waitForSelector('main h1');
		await p.waitForFunction(() => !document.querySelector('.waiting'));
		await isFit(world, who, `#/${hash}`).catch((e) => wrong.push(e.message));
		same(await p.getAttribute('html', 'lang'), lang, 'lang');
		await shoot(p, `${name}-${hash.replace(/\//g, '_') || 'today'}-${lang}-${width}`);
	}
	if (wrong.length) throw new Error(wrong.join('\n         '));
}

/** In the encodings that a page or an answer could carry it. */
function formsOf(number) {
	const plain = number.slice(1), national = `0${number.slice(3)}`;
	return [number, national, number.slice(3), Buffer.from(number).toString('base64').replace(/=+$/, ''), Buffer.from(national).toString('hex'),
		`${national.slice(0, 4)} ${national.slice(4, 7)} ${national.slice(7)}`, encodeURIComponent(number), [...plain].reverse().join('')];
}

export async function reviewerSeesNoNumber(world) {
	const who = world.hoa, text = who.heard.join('\n') + (await who.page.content());
	if (who.heard.length < 50) throw new Error(`only ${who.heard.length} answers were heard`);
	const leaks = numbers.flatMap(formsOf).filter((form) => text.includes(form));
	same(leaks, [], 'numbers');
	const staff = world.lan.heard.join('\n');
	if (!numbers.some((n) => staff.includes(n))) throw new Error('the staff saw no number either: the test looks at nothing');
}

