// SPDX-License-Identifier: GPL-3.0-or-later
// Pieces that every page is made of: what it shows while it waits, when there is nothing, when something went wrong; fields with their
// error beside them; badges and tables.
import { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Problem } from './api';
import { List, Loaded } from './data';
import { moment } from './format';
import { named, t } from './i18n';

/** In words of this language where they are known, else the gateway's own. */
export function wordsOf(p: Problem): string {
	const words = named('rule', p.rule);
	if (words === p.rule || !words) return p.detail || t('problem.failed');
	return words.replace(/\{(\w+)\}/g, (all, name) => (p.args[name] !== undefined ? String(p.args[name]) : all));
}

export function Trouble({ problem, retry }: { problem: Problem | undefined; retry?: () => void }) {
	if (!problem) return null;
	return <div class="trouble" role="alert">
		<p>{wordsOf(problem)}{problem.field && problem.rule !== 'login' ? <small> ({problem.field})</small> : null}</p>
		{retry && <button type="button" onClick={retry}>{t('again')}</button>}
	</div>;
}

/** What is read: while it comes, when it failed, when it is empty, and else what children make of it. */
export function Show<T>({ of, empty, children }: { of: Loaded<T>; empty?: (data: T) => ComponentChildren | false; children: (data: T) => ComponentChildren }) {
	if (of.data === undefined) return of.problem ? <Trouble problem={of.problem} retry={of.reload} /> : <p class="waiting" role="status">{t('loading')}</p>;
	const nothing = empty && empty(of.data);
	return <>
		<Trouble problem={of.problem} retry={of.reload} />
		{nothing ? <p class="empty">{nothing}</p> : children(of.data)}
	</>;
}

export function ShowList<T>({ of, empty, children }: { of: List<T>; empty: ComponentChildren; children: (items: T[]) => ComponentChildren }) {
	return <Show of={of} empty={() => (of.items.length ? false : empty)}>{() => <>
		{children(of.items)}
		{of.more && <p><button type="button" onClick={of.more}>{t('more')}</button></p>}
	</>}</Show>;
}

export function Page({ title, actions, children }: { title: string; actions?: ComponentChildren; children: ComponentChildren }) {
	const heading = useRef<HTMLHeadingElement>(null);
	useEffect(() => {
		document.title = `${title} · Cầu Nối`;
		if (heading.current && document.activeElement === document.body) heading.current.focus();
	}, [title]);
	return <>
		<header class="page-head"><h1 ref={heading} tabIndex={-1}>{title}</h1>{actions && <div class="actions">{actions}</div>}</header>
		{children}
	</>;
}

export function Badge({ kind, code }: { kind: string; code: string | null }) {
	return code ? <span class={`badge ${kind.replace(/\./g, '-')}-${code}`}>{named(kind, code)}</span> : null;
}

export function When({ at }: { at: string | null | undefined }) {
	return at ? <time dateTime={at}>{moment(at)}</time> : <>–</>;
}

let ids = 0;

interface FieldProps { label: string; name: string; problem?: Problem; hint?: string; children: (props: { id: string; name: string; 'aria-describedby'?: string; 'aria-invalid'?: boolean }) => ComponentChildren }

/** A label, what is typed, and beside it what is wrong with it. */
export function Field({ label, name, problem, hint, children }: FieldProps) {
	const [id] = useState(() => `f${++ids}`);
	const wrong = problem && problem.field === name;
	return <div class="field">
		<label for={id}>{label}</label>
		{children({ id, name, 'aria-describedby': wrong ? `${id}e` : hint ? `${id}h` : undefined, 'aria-invalid': wrong || undefined })}
		{hint && <small id={`${id}h`} class="hint">{hint}</small>}
		{wrong && <p id={`${id}e`} class="wrong" role="alert">{wordsOf(problem!)}</p>}
	</div>;
}

interface TextProps { label: string; name: string; value: string; set: (value: string) => void; problem?: Problem; hint?: string; type?: string; list?: string[]; required?: boolean; rows?: number; autoComplete?: string }

export function Text({ label, name, value, set, problem, hint, type, list, required, rows, autoComplete }: TextProps) {
	const change = (e: JSX.TargetedEvent<HTMLInputElement | HTMLTextAreaElement>) => set(e.currentTarget.value);
	return <Field label={label} name={name} problem={problem} hint={hint}>{(props) => rows
		? <textarea {...props} rows={rows} value={value} onInput={change} required={required} spellcheck={false} />
		: <>
			<input {...props} type={type || 'text'} value={value} onInput={change} required={required} list={list ? `${props.id}l` : undefined} autoComplete={autoComplete || 'off'} spellcheck={false} />
			{list && <datalist id={`${props.id}l`}>{list.map((v) => <option value={v} />)}</datalist>}
		</>}</Field>;
}

export function Choice({ label, name, value, set, options, problem, hint }: { label: string; name: string; value: string; set: (value: string) => void; options: [string, string][]; problem?: Problem; hint?: string }) {
	return <Field label={label} name={name} problem={problem} hint={hint}>{(props) =>
		<select {...props} value={value} onChange={(e) => set(e.currentTarget.value)}>{options.map(([v, text]) => <option value={v} selected={v === value}>{text}</option>)}</select>}</Field>;
}

/** A table that becomes cards on a narrow screen: each cell carries its heading. */
export function Table<T>({ heads, rows, cells, keyOf, label }: { heads: string[]; rows: T[]; cells: (row: T) => ComponentChildren[]; keyOf: (row: T) => string | number; label: string }) {
	return <table class="cards" aria-label={label}>
		<thead><tr>{heads.map((h) => <th scope="col">{h}</th>)}</tr></thead>
		<tbody>{rows.map((row) => <tr key={keyOf(row)}>{cells(row).map((cell, i) => <td data-head={heads[i]}>{cell}</td>)}</tr>)}</tbody>
	</table>;
}

/** Asks once more, in the page, before something that cannot be taken back. */
export function Sure({ label, question, act, busy, danger }: { label: string; question: string; act: () => void; busy?: boolean; danger?: boolean }) {
	const [open, setOpen] = useState(false);
	const yes = useRef<HTMLButtonElement>(null);
	useEffect(() => { if (open && yes.current) yes.current.focus(); }, [open]);
	if (!open) return <button type="button" class={danger ? 'danger' : ''} disabled={busy} onClick={() => setOpen(true)}>{label}</button>;
	return <span class="sure" role="group" aria-label={question}>
		<span>{question}</span>
		<button type="button" ref={yes} class={danger ? 'danger' : 'main'} disabled={busy} onClick={() => { setOpen(false); act(); }}>{t('yes')}</button>
		<button type="button" onClick={() => setOpen(false)}>{t('no')}</button>
	</span>;
}

export function Notice({ text }: { text: string | undefined }) {
	return <div role="status" aria-live="polite">{text && <p class="notice">{text}</p>}</div>;
}
