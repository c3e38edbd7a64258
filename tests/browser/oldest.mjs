// SPDX-License-Identifier: GPL-3.0-or-later
// What the pages ask of a browser: nothing that Chrome 71 has not got. The built scripts are parsed as that browser reads them, calls of
// younger functions are looked for in the tree, younger features in the sheets. Run: node oldest.mjs BUILD; ends with "N passed, N failed".
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const build = resolve(process.argv[2] || 'build'), pages = join(build, 'pages');
const { parse } = createRequire(join(build, 'pages-work', 'package.json'))('acorn');

/* Methods by the first Chrome that has them. */
const METHODS = { allSettled: 76, any: 85, arrayBuffer: 76, at: 92, checkVisibility: 105, findLast: 97, findLastIndex: 97, fromEntries: 73, getSetCookie: 113, groupBy: 117, hasOwn: 93, matchAll: 73,
	randomUUID: 92, replaceAll: 85, replaceChildren: 86, requestSubmit: 76, showPicker: 99, startViewTransition: 111, stream: 76, throwIfAborted: 100, toReversed: 110, toSorted: 110,
	toSpliced: 110, union: 122, waitAsync: 87, with: 110, withResolvers: 119 };
const GLOBALS = { AggregateError: 85, CompressionStream: 80, Sanitizer: 105, URLPattern: 95, WeakRef: 84, FinalizationRegistry: 84, cookieStore: 87, reportError: 95, scheduler: 94, structuredClone: 98 };
const STATICS = { 'AbortSignal.timeout': 103, 'AbortSignal.any': 116, 'Intl.DisplayNames': 81, 'Intl.ListFormat': 72, 'Intl.Segmenter': 87, 'Response.json': 105, 'URL.canParse': 120 };
const OPTIONS = { dateStyle: 76, timeStyle: 76, notation: 77, fractionalSecondDigits: 84, dayPeriod: 92 }; /* of Intl */
const SYNTAX = { ChainExpression: 80, PrivateIdentifier: 74, PropertyDefinition: 72, StaticBlock: 94 };
const SHEETS = [[/:is\(/, 88], [/:where\(/, 88], [/:has\(/, 105], [/:focus-visible/, 86], [/aspect-ratio\s*:/, 88], [/[;{]\s*inset(-inline|-block)?\s*:/, 87], [/color-mix\(/, 111], [/\b(min|max|clamp)\(/, 79],
	[/@(container|layer|scope|property)\b/, 85], [/\d(dvh|svh|lvh|cqw|lh)\b/, 108], [/(margin|padding|border)-(inline|block)\s*:/, 87], [/[;{]\s*&/, 112], [/overflow(-[xy])?\s*:\s*clip/, 90],
	[/(ok)?(lch|lab)\(/, 111], [/text-wrap\s*:/, 114], [/content-visibility\s*:/, 85], [/@media[^{]*\(\s*[\w-]+\s*[<>]/, 104], [/translate\s*:|rotate\s*:|scale\s*:/, 104]];
const OLDEST = 71;

const nameOf = (node) => (node.computed ? node.property.value : node.property.name);
const young = (table, name) => Object.prototype.hasOwnProperty.call(table, name) && table[name] > OLDEST && `${name} (Chrome ${table[name]})`;

function faultOf(node) {
	switch (node.type) {
	case 'CallExpression': return node.callee.type === 'MemberExpression' && young(METHODS, nameOf(node.callee));
	case 'Identifier': return young(GLOBALS, node.name);
	case 'MemberExpression': return node.object.type === 'Identifier' && young(STATICS, `${node.object.name}.${nameOf(node)}`);
	case 'Property': return young(OPTIONS, node.key.name || node.key.value);
	case 'LogicalExpression': return node.operator === '??' && '?? (Chrome 80)';
	case 'AssignmentExpression': return ['??=', '||=', '&&='].includes(node.operator) && `${node.operator} (Chrome 85)`;
	default: return young(SYNTAX, node.type);
	}
}

/** What of a script is younger; the newest grammar is read, so that every fault has a name. */
export function faultsOfScript(text) {
	const found = new Set();
	const walk = (node) => {
		const fault = faultOf(node);
		if (fault) found.add(fault);
		for (const value of Object.values(node)) for (const child of Array.isArray(value) ? value : [value]) if (child && typeof child.type === 'string') walk(child);
	};
	walk(parse(text, { ecmaVersion: 2025, sourceType: 'module' }));
	return [...found];
}

/** gap is older in a grid than in a flexible box. */
function flexGaps(text) {
	return [...text.matchAll(/\{([^{}]*)\}/g)].filter(([, rule]) => /display:\s*(inline-)?flex/.test(rule) && /(^|;)\s*(row-|column-)?gap:/.test(rule)).map(() => 'gap in a flex (Chrome 84)');
}

export function faultsOfSheet(text) {
	return [...SHEETS.filter(([pattern]) => pattern.test(text)).map(([pattern, since]) => `${pattern} (Chrome ${since})`), ...flexGaps(text)];
}

let passed = 0, failed = 0;
function law(name, faults) {
	faults.length ? failed++ : passed++;
	console.log(`  ${faults.length ? 'FAIL' : 'ok  '} ${name}${faults.length ? `: ${faults.join(', ')}` : ''}`);
}

/* The eye is tried first: each of these has one fault that must be seen. */
const PLANTED = ['[1].at(-1)', 'structuredClone({})', '"a".replaceAll("a", "b")', 'AbortSignal.timeout(5)', 'crypto.randomUUID()', 'a?.b', 'a ?? b', 'a ||= b', 'class A { x = 1 }',
	'new Intl.DateTimeFormat("vi", { dateStyle: "short" })', 'Object.fromEntries([])'];
const PLANTED_SHEETS = ['.a{display:flex;gap:1rem}', 'a:is(b,c){color:red}', '.a{aspect-ratio:1}', '.a{top:0;inset:0}', '.a{color:color-mix(in srgb,red,blue)}', '.a{width:min(10px,5vw)}', 'a:focus-visible{outline:0}'];
law('younger things are seen', [...PLANTED.filter((text) => faultsOfScript(text).length !== 1), ...PLANTED_SHEETS.filter((text) => faultsOfSheet(text).length !== 1)]);
law('older things are let through', [...faultsOfScript('import("./a.js"); const { a, ...b } = c; for await (const x of y) x.flat().flatMap(String); new ResizeObserver(f); try { f() } catch { g() }'),
	...faultsOfSheet('.a{display:grid;grid-gap:1rem;box-shadow:inset 0 0 red;grid-template-columns:minmax(1rem,auto) 1fr}')]);
const files = readdirSync(pages);
law('there are scripts and a sheet', files.filter((f) => f.endsWith('.js')).length > 3 && files.some((f) => f.endsWith('.css')) ? [] : ['none']);
for (const file of files.filter((f) => f.endsWith('.js'))) law(file, faultsOfScript(readFileSync(join(pages, file), 'utf8')));
for (const file of files.filter((f) => f.endsWith('.css'))) law(file, faultsOfSheet(readFileSync(join(pages, file), 'utf8')));
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
