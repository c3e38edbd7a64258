// SPDX-License-Identifier: GPL-3.0-or-later
// How long somebody waits on a line of 150 kbit/s and 300 ms, logged in and with nothing in the cache: until the first list stands there.
// Prints the time and judges what came over the line by then, which no other work on the machine changes. Run: node slow.mjs BUILD
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { startGateway, until } from './gateway.mjs';

const build = resolve(process.argv[2] || 'build');
const { chromium } = createRequire(join(build, 'pages-work', 'package.json'))('playwright-core');
const LINE = { offline: false, latency: 300, downloadThroughput: 150000 / 8, uploadThroughput: 150000 / 8 };
const CASES = 60, LIMIT_MS = 60000;
const MOST_BYTES = 44000, MOST_ANSWERS = 12; /* 2.35 s of that line, beside two times 300 ms */
const PLACES = { cases: '.list .rows li', '': '.card .rows li', inbox: '.list .rows li' };

async function seed(gateway) {
	for (let i = 0; i < CASES; i++)
		gateway.json('loopback', 'say', '--from', `091200${String(1000 + i)}`, '--text', `PA đường thôn ${1 + i} hỏng cả tháng nay, xe không đi được, mong xã xem giúp lần thứ ${i}`);
	await until('all cases are there', () => gateway.json('status').cases_open === CASES);
	gateway.json('user', 'add', 'hoa', '--role', 'reviewer');
}

async function logIn(page, gateway) {
	const token = gateway.json('token', 'add', '--user', 'hoa', '--scopes', 'login').token;
	await page.goto(`${gateway.url}/#/login?token=${token}`);
	await page.click('button.main');
	await page.waitForSelector('.who');
}

/** Milliseconds until the first row is there, and what came over the line by then. */
async function firstList(context, gateway, place) {
	const page = await context.newPage(), line = await context.newCDPSession(page);
	let bytes = 0, answers = 0;
	line.on('Network.loadingFinished', (e) => { bytes += e.encodedDataLength; answers++; });
	await line.send('Network.enable');
	await line.send('Network.clearBrowserCache');
	await line.send('Network.emulateNetworkConditions', LINE);
	await page.addInitScript((row) => { /* the page's own clock, from the navigation on */
		new MutationObserver((_, observer) => {
			if (!document.querySelector(row)) return;
			window.firstRowAfter = performance.now();
			observer.disconnect();
		}).observe(document, { childList: true, subtree: true });
	}, PLACES[place]);
	await page.goto(`${gateway.url}/#/${place}`, { waitUntil: 'commit' });
	const took = await (await page.waitForFunction(() => window.firstRowAfter, null, { timeout: LIMIT_MS })).jsonValue();
	await page.close();
	return { took: Math.round(took), bytes, answers };
}

const gateway = await startGateway(build);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] });
let passed = 0, failed = 0;
try {
	await seed(gateway);
	const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
	await logIn(await context.newPage(), gateway);
	for (const place of Object.keys(PLACES)) {
		const { took, bytes, answers } = await firstList(context, gateway, place);
		const few = bytes <= MOST_BYTES && answers <= MOST_ANSWERS;
		few ? passed++ : failed++;
		console.log(`  ${few ? 'ok  ' : 'FAIL'} /#/${place}: first list after ${took} ms, ${bytes} bytes in ${answers} answers (aim: 3000 ms at 150 kbit/s and 300 ms)`);
	}
} catch (e) {
	failed++;
	console.log(`  FAIL slow line: ${e.stack || e}`);
} finally {
	await browser.close();
	await gateway.stop();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
