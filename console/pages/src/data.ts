// SPDX-License-Identifier: GPL-3.0-or-later
// What a page shows, read from the gateway and read again when one of its nouns changed.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Args, get, Page, Problem } from './api';
import { changes } from './live';

export interface Loaded<T> { data: T | undefined; problem: Problem | undefined; loading: boolean; reload: () => void }

function asProblem(e: unknown): Problem {
	return e instanceof Problem ? e : new Problem(0, 'failed', '', String(e), {});
}

/** path null = nothing to read. While something is read again the old data stays. */
export function useData<T>(path: string | null, args: Args, nouns: string[]): Loaded<T> {
	const [state, setState] = useState<{ path: string | null; data?: T; problem?: Problem; loading: boolean }>({ path: null, loading: true });
	const [again, setAgain] = useState(0);
	const asked = useRef(0);
	const name = path === null ? null : `${path} ${JSON.stringify(args)}`;
	const version = nouns.map((n) => changes.value[n] || 0).join() + ':' + (changes.value['*'] || 0);
	useEffect(() => {
		if (path === null || name === null) return;
		const mine = ++asked.current;
		const settle = (part: { data?: T; problem?: Problem }) => {
			if (mine === asked.current) setState((was) => ({ path: name, data: 'data' in part ? part.data : was.path === name ? was.data : undefined, problem: part.problem, loading: false }));
		};
		get<T>(path, args).then((data) => settle({ data }), (e) => settle({ problem: asProblem(e) }));
	}, [name, version, again]);
	const current = state.path === name;
	return { data: current ? state.data : undefined, problem: current ? state.problem : undefined, loading: name !== null && !current, reload: () => setAgain(again + 1) };
}

export interface List<T> extends Loaded<Page<T>> { items: T[]; more: (() => void) | undefined }

/** A list by pages; further ones are added behind, and gone again when the list is read anew. */
export function useList<T>(path: string | null, args: Args, nouns: string[]): List<T> {
	const first = useData<Page<T>>(path, { limit: 50, ...args }, nouns);
	const [rest, setRest] = useState<{ of: Page<T> | undefined; items: T[]; next: number | null }>({ of: undefined, items: [], next: null });
	const mine = rest.of === first.data && first.data ? rest : { of: first.data, items: [], next: first.data ? first.data.next : null };
	const more = mine.next === null || path === null ? undefined : () => {
		get<Page<T>>(path, { limit: 50, ...args, after: mine.next }).then((page) => setRest({ of: first.data, items: mine.items.concat(page.items), next: page.next }), () => first.reload());
	};
	return { ...first, items: first.data ? first.data.items.concat(mine.items) : [], more };
}

/** A command under way: runs once at a time, keeps its problem for the form to show. */
export function useAction(): { busy: boolean; problem: Problem | undefined; run: (what: () => Promise<void>) => void; clear: () => void } {
	const [state, setState] = useState<{ busy: boolean; problem?: Problem }>({ busy: false });
	const alive = useRef(true), busy = useRef(false);
	useEffect(() => () => { alive.current = false; }, []);
	const run = (what: () => Promise<void>) => {
		if (busy.current) return;
		busy.current = true;
		setState({ busy: true });
		what().then(() => undefined, asProblem).then((problem) => {
			busy.current = false;
			if (alive.current) setState({ busy: false, problem });
		});
	};
	return { busy: state.busy, problem: state.problem, run, clear: () => setState({ busy: state.busy }) };
}
