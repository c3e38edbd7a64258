// SPDX-License-Identifier: GPL-3.0-or-later
// sign.js MODULES FILE: one callback a line in FILE, {"url","params"} or {"url","body"}; prints "URL SIGNATURE" for each.
'use strict';
const [modules, file] = process.argv.slice(2);
const twilio = require(require.resolve('twilio/lib/webhooks/webhooks', { paths: [modules] }));
const token = '0123456789abcdef0123456789abcdef';
const lines = require('fs').readFileSync(file, 'utf8').split('\n').filter(Boolean);
process.stdout.write(lines.map((line) => {
	const call = JSON.parse(line);
	const url = call.body === undefined ? call.url : `${call.url}&bodySHA256=${twilio.getExpectedBodyHash(call.body)}`;
	return `${url} ${twilio.getExpectedTwilioSignature(token, url, call.params || {})}\n`;
}).join(''));
