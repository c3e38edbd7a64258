// SPDX-License-Identifier: GPL-3.0-or-later
// What the build makes of the dictionaries (words.mjs).
declare module 'words:first' {
	const words: import('./words/vi').Words;
	export default words;
}
declare module 'words:later' {
	const words: Partial<import('./words/vi').Words>;
	export default words;
}
