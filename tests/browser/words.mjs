// SPDX-License-Identifier: GPL-3.0-or-later
// Every code that the programs may answer with has words in both languages: the codes are read from where the programs give them, the
// words from the pages' dictionaries. Run: node words.mjs BUILD, from the root of the sources; ends with "N passed, N failed".
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dictionary, module } from './desk.mjs';

const sources = (folder, name = /\.c$/) => readdirSync(folder, { recursive: true }).filter((f) => name.test(f)).map((f) => readFileSync(join(folder, f), 'utf8'));

/** What stands between the commas of a call, one level deep. */
function argumentsOf(text, from) {
	const found = [''];
	for (let i = from, depth = 0, quoted = false; i < text.length; i++) {
		const c = text[i];
		if (c === '"' && text[i - 1] !== '\\') quoted = !quoted;
		if (!quoted && c === '(') depth++;
		if (!quoted && c === ')' && depth-- === 0) break;
		if (!quoted && depth === 0 && c === ',') found.push('');
		else found[found.length - 1] += c;
	}
	return found;
}

/** The codes that stand at one place of the calls of a function. */
function codesAt(texts, call, place) {
	return texts.flatMap((text) => [...text.matchAll(new RegExp(`\\b${call}\\(`, 'g'))].flatMap((m) =>
		[...(argumentsOf(text, m.index + m[0].length)[place] || '').matchAll(/"([a-z][a-z_0-9]*)"/g)].map((code) => code[1])));
}

const matched = (texts, pattern) => texts.flatMap((text) => [...text.matchAll(pattern)].map((m) => m[1]));
const core = ['gateway', 'campaigns', 'handlers', 'console/query'].flatMap((f) => sources(f)), campaigns = sources('campaigns');
const answered = [...campaigns, ...sources('gateway', /^unit\.c$/), ...sources('gateway/base', /^csv\.c$/)];

const CODES = {
	rule: [...codesAt(core, 'refuse', 3).filter((rule) => rule !== 'rule'), ...codesAt(core, 'caserule_refuse', 1), ...codesAt(answered, 'complaint_set', 2),
		...codesAt(sources('console/web'), '[a-z_]*refuse[a-z_]*', 2), ...codesAt(sources('console/web'), 'visit_problem', 2)],
	reason: [...matched(sources('campaigns', /^recipient\.c$/), /reason = (?:[^";]*\? )?"([a-z_0-9]+)"/g), ...matched(sources('gateway', /^policy\.c$/), /POLICY_[A-Z]+, "([a-z_0-9]+)"/g),
		...matched(core, /\.reason = (?:[^",;]*: )?"([a-z_0-9]+)"/g), ...codesAt(core, 'outbox_cancel_flow', 2)],
	lint: matched(sources('campaigns', /^lint\.c$/), /^\t\{ "([a-z_0-9]+)", (?:true|false),/gm),
	refusal: [...codesAt(sources('campaigns', /^window\.c$/), 'refuse_row', 3), ...matched(sources('campaigns', /^window\.c$/), /(?:return|\?) "([a-z_]+)"/g),
		...codesAt(sources('gateway', /^unit\.c$/), 'complaint_set', 2), ...matched(sources('gateway/base', /^phone\.c$/), /(?:return|[?:]) "([a-z_]+)"/g),
		...matched(sources('gateway/base', /^phone\.c$/), /\[PHONE_[A-Z]+\] = "([a-z]+)"/g).filter((kind) => kind !== 'mobile')],
};

/** Fewer than these would mean that the programs are written in another way now. */
const LEAST = { rule: 60, reason: 10, lint: 12, refusal: 12, setting: 90 };

let passed = 0, failed = 0;
for (const lang of ['vi', 'en']) {
	const words = await dictionary(lang);
	for (const kind of Object.keys(CODES)) {
		const codes = [...new Set(CODES[kind])].sort(), missing = codes.filter((code) => !words[`${kind}.${code}`]);
		const law = `every_${kind}_has_words_in_${lang}`;
		if (codes.length < LEAST[kind]) missing.push(`only ${codes.length} codes were found: the sources are read wrongly`);
		if (missing.length) failed++;
		else passed++;
		console.log(missing.length ? `  FAIL ${law}: ${missing.join(' ')}` : `  ok   ${law} (${codes.length})`);
	}
}
/* settings: as the printed page of their table has them */
const { settingsVi } = await module('console/pages/src/words/settings.ts');
const paths = [...new Set([...readFileSync('docs/settings.md', 'utf8').matchAll(/^\| ([a-z_0-9.[\]*]+) \|.*\| [^|]+ \|$/gm)].map((m) => m[1]).filter((path) => path !== 'path'))];
const untold = paths.filter((path) => !settingsVi[path]).concat(Object.keys(settingsVi).filter((path) => paths.indexOf(path) < 0));
if (paths.length < LEAST.setting) untold.push(`only ${paths.length} settings were found`);
if (untold.length) failed++;
else passed++;
console.log(untold.length ? `  FAIL every_setting_has_words_in_vi: ${untold.join(' ')}` : `  ok   every_setting_has_words_in_vi (${paths.length})`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
