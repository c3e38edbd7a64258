// SPDX-License-Identifier: GPL-3.0-or-later
// A person sets a password, turns one-time codes on and logs in with one; the telephone is played by the standard's own arithmetic.
import { createHmac } from 'node:crypto';

const STEP_S = 30, PASSWORD = 'nắng lên trên bản';

/** RFC 6238 with SHA-1 and six digits; key in base32. */
function codeOf(key, step) {
	const bits = [...key].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
	const secret = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2))), counter = Buffer.alloc(8);
	counter.writeBigUInt64BE(BigInt(step));
	const mac = createHmac('sha1', secret).update(counter).digest(), at = mac[19] & 15;
	return String((mac.readUInt32BE(at) & 0x7fffffff) % 1e6).padStart(6, '0');
}

const stepNow = () => Math.floor(Date.now() / 1000 / STEP_S);

async function logIn(p, code) {
	await p.fill('input[name=user]', 'tam');
	await p.fill('input[name=password]', PASSWORD);
	await p.click('form button.main');
	await p.waitForSelector('input[name=code]');
	await p.fill('input[name=code]', code);
	await p.click('form button.main');
}

/** who: logged in as "tam" by a link. look(page): what else is to be looked at while the key is shown. */
export async function codesAreAskedFor(who, url, look) {
	const p = who.page;
	await p.goto(`${url}/#/account`);
	await p.fill('input[name=password]', PASSWORD);
	await p.click('text=Lưu');
	await p.waitForSelector('input[name=user]');
	await p.fill('input[name=user]', 'tam');
	await p.fill('input[name=password]', PASSWORD);
	await p.click('form button.main');
	await p.waitForSelector('text=Bật mã xác thực');
	await p.click('text=Bật mã xác thực');
	const key = (await p.innerText('.secret code')).replace(/\s/g, '');
	await look(p);
	await p.fill('input[name=code]', '000000');
	await p.click('text=Xác nhận');
	await p.waitForSelector('.wrong');
	const used = stepNow();
	await p.fill('input[name=code]', codeOf(key, used));
	await p.click('text=Xác nhận');
	await p.waitForSelector('text=Đang bật');
	await p.click('text=Đăng xuất');
	await p.waitForSelector('input[name=user]');
	await logIn(p, codeOf(key, used)); /* it was taken already */
	await p.waitForSelector('.wrong');
	await p.fill('input[name=code]', codeOf(key, used + 1));
	await p.click('form button.main');
	await p.waitForSelector('.who');
}
