// SPDX-License-Identifier: GPL-3.0-or-later
// node build.mjs OUT VERBS: bundles the pages for an old Chrome into the folder OUT, each file beside its compressed form. VERBS is
// the registry as `caunoi verbs --json` prints it: what a page offers is what the registry has. Ends with the sizes.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const [out, verbsFile] = process.argv.slice(2);
const FIRST_PAGE_BYTES = 60 * 1024;

/** "campaign.new" → the roles that may, as the registry says. */
function rolesByVerb(file) {
	const map = {};
	for (const v of JSON.parse(readFileSync(file, 'utf8')))
		if (v.kind !== 'local') map[v.noun ? `${v.noun}.${v.verb}` : v.verb] = v.roles;
	return map;
}

const result = await build({
	entryPoints: ['src/main.tsx', 'src/style.css'], bundle: true, minify: true, write: false, outdir: 'out', format: 'iife', charset: 'utf8',
	target: ['chrome71'], jsx: 'automatic', jsxImportSource: 'preact', define: { VERBS: JSON.stringify(rolesByVerb(verbsFile)) },
	legalComments: 'none', logLevel: 'warning',
});
const bundle = (end) => result.outputFiles.find((f) => f.path.endsWith(end)).contents;
const named = (stem, end, data) => `${stem}-${createHash('sha256').update(data).digest('hex').slice(0, 10)}${end}`;

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
let total = 0;
function put(name, data) {
	const packed = gzipSync(data, { level: 9 });
	writeFileSync(`${out}/${name}`, data);
	writeFileSync(`${out}/${name}.gz`, packed);
	return packed.length;
}

const js = bundle('.js'), css = bundle('.css'), icon = readFileSync('src/icon.svg');
const names = { JS: named('app', '.js', js), CSS: named('app', '.css', css), ICON: named('icon', '.svg', icon) };
total += put(names.JS, js) + put(names.CSS, css);
put(names.ICON, icon);
const fill = (text, lang) => text.replace(/\{\{(\w+)\}\}/g, (_, key) => ({ ...names, LANG: lang })[key]);
for (const lang of ['vi', 'en']) total += put(`index.${lang}.html`, fill(readFileSync('src/index.html', 'utf8'), lang));
put('lost.html', fill(readFileSync('src/lost.html', 'utf8'), 'vi'));
console.log(`  pages: ${total} bytes compressed, script ${js.length} bytes before`);
if (total > FIRST_PAGE_BYTES) {
	console.error(`pages: the first page has ${total} bytes compressed; ${FIRST_PAGE_BYTES} is the most`);
	process.exit(1);
}
