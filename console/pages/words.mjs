// SPDX-License-Identifier: GPL-3.0-or-later
// Which words the first look needs: those whose keys stand in a source of it, alone or as the beginning of keys. The others travel with
// the pages that come later. A plugin of the bundler gives both as modules, "words:first" and "words:later".
import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import ts from 'typescript';

/** The whole dictionary of a language. */
async function dictionaryOf(lang) {
	const { outputFiles } = await build({ entryPoints: [`src/words/${lang}.ts`], bundle: true, write: false, format: 'esm', outdir: 'out' });
	return (await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`))[lang];
}

/** What the sources of the first look hold between quotes: a key, a kind of codes ("casestate") or a key's beginning ("handle."). */
function literalsOf(sources) {
	const found = new Set();
	const look = (node) => {
		if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) found.add(node.text);
		ts.forEachChild(node, look);
	};
	for (const path of sources) look(ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, false, path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS));
	return found;
}

/** Tables of reports come in Vietnamese: nothing is told twice. */
const told = (lang, key) => lang === 'vi' && /^report\.(sheet|column)\./.test(key);

function split(words, literals) {
	const first = {}, later = {};
	for (const key of Object.keys(words)) {
		const beginnings = [...key.matchAll(/\./g)].flatMap((m) => [key.slice(0, m.index), key.slice(0, m.index + 1)]);
		(literals.has(key) || beginnings.some((b) => literals.has(b)) ? first : later)[key] = words[key];
	}
	return { first, later };
}

/** sources: of the first look; NULL = not known yet, then all words are of it. */
export async function wordsPlugin(lang, sources) {
	const all = await dictionaryOf(lang), words = Object.fromEntries(Object.entries(all).filter(([key]) => !told(lang, key)));
	const parts = sources ? split(words, literalsOf(sources)) : { first: words, later: {} };
	return { name: 'words', setup({ onResolve, onLoad }) {
		onResolve({ filter: /^words:/ }, ({ path }) => ({ path: path.slice('words:'.length), namespace: 'words' }));
		onLoad({ filter: /.*/, namespace: 'words' }, ({ path }) => ({ contents: JSON.stringify(parts[path]), loader: 'json' }));
	} };
}
