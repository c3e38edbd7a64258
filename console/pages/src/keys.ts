// SPDX-License-Identifier: GPL-3.0-or-later
// Single keys for those who read hundreds of messages: never while somebody types, nor beside Ctrl, Alt and the like.
import { useEffect } from 'preact/hooks';

function isTyping(target: EventTarget | null): boolean {
	return target instanceof HTMLElement && (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable);
}

export function useKeys(keys: Record<string, () => void>): void {
	useEffect(() => {
		const press = (e: KeyboardEvent) => {
			const act = keys[e.key];
			if (!act || e.isComposing || e.ctrlKey || e.altKey || e.metaKey || isTyping(e.target)) return;
			e.preventDefault();
			act();
		};
		addEventListener('keydown', press);
		return () => removeEventListener('keydown', press);
	});
}

/** The id behind (or before) the one that is open; the first when none is. */
export function neighbour<T extends { id: number }>(items: T[], id: number | undefined, step: 1 | -1): T | undefined {
	const at = items.findIndex((i) => i.id === id);
	return at < 0 ? items[0] : items[at + step];
}
