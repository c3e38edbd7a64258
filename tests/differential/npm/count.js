// SPDX-License-Identifier: GPL-3.0-or-later
// count.js MODULES FILE: one JSON string a line in FILE; prints "gsm7|ucs2 SEGMENTS" for each.
'use strict';
const [modules, file] = process.argv.slice(2);
const { SegmentedMessage } = require(require.resolve('sms-segments-calculator', { paths: [modules] }));
const lines = require('fs').readFileSync(file, 'utf8').split('\n').filter(Boolean);
process.stdout.write(lines.map((line) => {
	const counted = new SegmentedMessage(JSON.parse(line));
	return `${counted.encodingName === 'GSM-7' ? 'gsm7' : 'ucs2'} ${counted.segmentsCount}\n`;
}).join(''));
