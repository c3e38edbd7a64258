// SPDX-License-Identifier: GPL-3.0-or-later
// What somebody types is kept in the browser until it is sent: a lost line, a closed window or an ended session takes nothing.
// Kept by user: who logs in next does not see it.
import { useEffect, useState } from 'preact/hooks';
import { me } from './api';

function nameOf(name: string): string {
	return `draft:${me.value ? me.value.user : ''}:${name}`;
}

function read<T extends object>(name: string, empty: T): T {
	try {
		const text = localStorage.getItem(nameOf(name));
		return text ? { ...empty, ...JSON.parse(text) } : empty;
	} catch (e) {
		return empty;
	}
}

function write(name: string, value: object | null): void {
	try {
		if (value) localStorage.setItem(nameOf(name), JSON.stringify(value));
		else localStorage.removeItem(nameOf(name));
	} catch (e) {
		/* a browser without room or leave to keep: the form works, its text lives as long as the page */
	}
}

/** [value, set, clear] of a form; the empty one is what it begins with. */
export function useDraft<T extends object>(name: string, empty: T): [T, (part: Partial<T>) => void, () => void] {
	const [value, setValue] = useState<T>(() => read(name, empty));
	useEffect(() => { setValue(read(name, empty)); }, [name]);
	const set = (part: Partial<T>) => setValue((was) => {
		const next = { ...was, ...part };
		write(name, next);
		return next;
	});
	const clear = () => { write(name, null); setValue(empty); };
	return [value, set, clear];
}

/** Logging out by hand: nothing stays on a shared computer. */
export function forgetDrafts(): void {
	try {
		Object.keys(localStorage).filter((k) => k.indexOf(nameOf('')) === 0).forEach((k) => localStorage.removeItem(k));
	} catch (e) {
		/* nothing was kept */
	}
}
