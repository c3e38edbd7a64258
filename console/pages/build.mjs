// SPDX-License-Identifier: GPL-3.0-or-later
// node build.mjs OUT VERBS: bundles the pages for an old Chrome into the folder OUT, each file beside its compressed form. VERBS is
// the registry as `caunoi verbs --json` prints it: what a page offers is what the registry has. Ends with the sizes.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const [out, verbsFile] = process.argv.slice(2);
const FIRST_PAGE_BYTES = 60 * 1024, ALL_BYTES = 150 * 1024;

/** "campaign.new" → the roles that may, as the registry says. */
function rolesByVerb(file) {
	const map = {};
	for (const v of JSON.parse(readFileSync(file, 'utf8')))
		if (v.kind !== 'local') map[v.noun ? `${v.noun}.${v.verb}` : v.verb] = v.roles;
	return map;
}

/** One bundle a language: a page carries the words of no other. */
async function bundleOf(lang) {
	return (await build({
		entryPoints: ['src/main.tsx', 'src/style.css'], bundle: true, minify: true, write: false, outdir: 'out', format: 'iife', charset: 'utf8',
		target: ['chrome71'], jsx: 'automatic', jsxImportSource: 'preact', define: { VERBS: JSON.stringify(rolesByVerb(verbsFile)), LANG: JSON.stringify(lang) },
		legalComments: 'none', logLevel: 'warning',
	})).outputFiles;
}
const named = (stem, end, data) => `${stem}-${createHash('sha256').update(data).digest('hex').slice(0, 10)}${end}`;

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
function put(name, data) {
	const packed = gzipSync(data, { level: 9 });
	writeFileSync(`${out}/${name}`, data);
	writeFileSync(`${out}/${name}.gz`, packed);
	return packed.length;
}

const icon = readFileSync('src/icon.svg'), fill = (text, names) => text.replace(/\{\{(\w+)\}\}/g, (_, key) => names[key]);
const names = { ICON: named('icon', '.svg', icon) };
put(names.ICON, icon);
let all = 0;
for (const lang of ['vi', 'en']) {
	const files = await bundleOf(lang), of = (end) => files.find((f) => f.path.endsWith(end)).contents, js = of('.js'), css = of('.css');
	Object.assign(names, { JS: named('app', '.js', js), CSS: named('app', '.css', css), LANG: lang });
	const script = put(names.JS, js), sheet = put(names.CSS, css), first = script + sheet + put(`index.${lang}.html`, fill(readFileSync('src/index.html', 'utf8'), names));
	all += first;
	console.log(`  pages: ${first} bytes compressed in ${lang}, script ${js.length} bytes before`);
	if (first > FIRST_PAGE_BYTES) {
		console.error(`pages: the first page has ${first} bytes compressed; ${FIRST_PAGE_BYTES} is the most`);
		process.exit(1);
	}
}
all += put('lost.html', fill(readFileSync('src/lost.html', 'utf8'), names));
if (all > ALL_BYTES) {
	console.error(`pages: all of them have ${all} bytes compressed; ${ALL_BYTES} is the most`);
	process.exit(1);
}
