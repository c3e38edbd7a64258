// SPDX-License-Identifier: GPL-3.0-or-later
// node build.mjs OUT VERBS: bundles the pages for an old Chrome into the folder OUT, each file beside its compressed form. VERBS is
// the registry as `caunoi verbs --json` prints it: what a page offers is what the registry has. Ends with the sizes.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { wordsPlugin } from './words.mjs';

const [out, verbsFile] = process.argv.slice(2);
const FIRST_PAGE_BYTES = 60 * 1024, ALL_BYTES = 150 * 1024;

/** "campaign.new" → the roles that may, as the registry says. */
function rolesByVerb(file) {
	const map = {};
	for (const v of JSON.parse(readFileSync(file, 'utf8')))
		if (v.kind !== 'local') map[v.noun ? `${v.noun}.${v.verb}` : v.verb] = v.roles;
	return map;
}

const withoutWords = (path) => path.startsWith('src/') && !path.startsWith('src/words/');

/** The sources of what comes first: everything that is not in the part that is fetched later. */
function firstSources({ metafile }) {
	const later = Object.values(metafile.outputs).find((o) => o.entryPoint === 'src/office.ts');
	return Object.keys(metafile.inputs).filter((path) => withoutWords(path) && !(path in later.inputs));
}

/** A page carries the words of no other language. What is not needed for the first look is a part of its own, fetched later. */
async function bundleOf(lang, sources) {
	return build({ plugins: [await wordsPlugin(lang, sources)],
		entryPoints: ['src/main.tsx', 'src/style.css'], bundle: true, minify: true, write: false, outdir: 'out', format: 'esm', splitting: true, charset: 'utf8',
		entryNames: '[name]-[hash]', chunkNames: '[name]-[hash]', metafile: true,
		target: ['chrome71'], jsx: 'automatic', jsxImportSource: 'preact', define: { VERBS: JSON.stringify(rolesByVerb(verbsFile)), LANG: JSON.stringify(lang) },
		legalComments: 'none', logLevel: 'warning',
	});
}

/** What runs before the pages are there, whole by itself. */
async function earlyOf(roles) {
	const { outputFiles } = await build({ entryPoints: ['src/early.ts'], bundle: true, minify: true, write: false, outdir: 'out', format: 'esm', charset: 'utf8', target: ['chrome71'],
		define: { CASE_READERS: JSON.stringify(roles['case.list']) }, legalComments: 'none', logLevel: 'warning' });
	return outputFiles[0].contents;
}

/** Names of the files by what they are: the page, its sheet, what it shares with the part that comes later. */
function partsOf({ metafile }) {
	const outputs = Object.entries(metafile.outputs), of = (entry) => outputs.find(([, o]) => o.entryPoint === entry), base = ([path]) => path.slice('out/'.length);
	const main = of('src/main.tsx'), shared = main[1].imports.filter((i) => i.kind === 'import-statement').map((i) => i.path.slice('out/'.length));
	if (shared.length !== 1) throw new Error(`the first page has ${shared.length} shared parts; index.html names one`);
	return { JS: base(main), CSS: base(of('src/style.css')), SHARED: shared[0] };
}
const named = (stem, end, data) => `${stem}-${createHash('sha256').update(data).digest('hex').slice(0, 10)}${end}`;

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
function put(name, data) {
	const packed = gzipSync(data, { level: 9 });
	writeFileSync(`${out}/${name}`, data);
	writeFileSync(`${out}/${name}.gz`, packed);
	writeFileSync(`${out}/${name}.br`, brotliCompressSync(data)); /* a tenth less, over TLS */
	return packed.length;
}

const early = await earlyOf(rolesByVerb(verbsFile)), icon = readFileSync('src/icon.svg'), fill = (text, names) => text.replace(/\{\{(\w+)\}\}/g, (_, key) => names[key]);
const names = { ICON: named('icon', '.svg', icon), EARLY: named('early', '.js', early) };
put(names.ICON, icon);
const earlyBytes = put(names.EARLY, early);
const written = {}; /* what both languages share is one file */
for (const lang of ['vi', 'en']) {
	const bundle = await bundleOf(lang, firstSources(await bundleOf(lang))), sizes = {};
	for (const file of bundle.outputFiles) {
		const name = file.path.split('/').pop();
		sizes[name] = put(name, file.contents);
	}
	Object.assign(names, partsOf(bundle), { LANG: lang });
	const html = put(`index.${lang}.html`, fill(readFileSync('src/index.html', 'utf8'), names)), later = Object.keys(sizes).reduce((n, k) => n + sizes[k], 0);
	const first = html + earlyBytes + sizes[names.JS] + sizes[names.CSS] + sizes[names.SHARED];
	Object.assign(written, sizes, { [`index.${lang}.html`]: html });
	console.log(`  pages: ${first} bytes compressed in ${lang}, ${html + earlyBytes + later - first} more when they are asked for`);
	if (first > FIRST_PAGE_BYTES) {
		console.error(`pages: the first page has ${first} bytes compressed; ${FIRST_PAGE_BYTES} is the most`);
		process.exit(1);
	}
}
const all = Object.values(written).reduce((n, bytes) => n + bytes, earlyBytes) + put('lost.html', fill(readFileSync('src/lost.html', 'utf8'), names));
if (all > ALL_BYTES) {
	console.error(`pages: all of them have ${all} bytes compressed; ${ALL_BYTES} is the most`);
	process.exit(1);
}
