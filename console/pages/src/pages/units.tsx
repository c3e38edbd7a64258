// SPDX-License-Identifier: GPL-3.0-or-later
// Administrative units as a tree that opens step by step; adding one, taking in the whole list.
import { useState } from 'preact/hooks';
import { may, post } from '../api';
import { useAction, useList } from '../data';
import { named, t } from '../i18n';
import { Choice, Notice, ShowList, Text, Trouble } from '../parts';
import { Pick, Told, useImport } from './imported';

interface Unit { code: string; name: string; kind: string | null; parent: string | null; from: string | null; to: string | null; successor: string | null }

const KINDS = ['', 'province', 'commune', 'ward', 'special_zone', 'hamlet'];
const EMPTY = { code: '', name: '', kind: '', parent: '', from: '', to: '', successor: '' };

function Days({ u }: { u: Unit }) {
	const written = (day: string) => day.split('-').reverse().join('/');
	return <small>{u.kind && ` · ${named('unitkind', u.kind)}`}{u.from && ` · ${t('units.since', { day: written(u.from) })}`}{u.to && ` · ${t('units.till', { day: written(u.to) })}`}
		{u.successor && ` → ${u.successor}`}</small>;
}

function Branch({ u }: { u: Unit }) {
	const [open, setOpen] = useState(false), line = <><code>{u.code}</code> {u.name}<Days u={u} /></>;
	/* below a hamlet there is nothing */
	if (u.code.indexOf('.') > 0) return <li>{line}</li>;
	return <li><details onToggle={(e) => setOpen(e.currentTarget.open)}><summary>{line}</summary>{open && <Below parent={u.code} />}</details></li>;
}

function Below({ parent }: { parent: string }) {
	const list = useList<Unit>('unit', { parent, limit: 200 }, []);
	return <ShowList of={list} empty={t('units.below.none')}>{(items) => <ul class="tree">{items.map((u) => <Branch key={u.code} u={u} />)}</ul>}</ShowList>;
}

/** Those above which nothing is known stand at the top. */
function Tops() {
	const list = useList<Unit>('unit', { limit: 1000 }, []);
	return <ShowList of={list} empty={t('units.none')}>{(items) => {
		const known = new Set(items.map((u) => u.code));
		return <ul class="tree">{items.filter((u) => !u.parent || !known.has(u.parent)).map((u) => <Branch key={u.code} u={u} />)}</ul>;
	}}</ShowList>;
}

function Add({ done }: { done: () => void }) {
	const [d, setD] = useState(EMPTY), [said, setSaid] = useState<string>(), act = useAction(), p = act.problem;
	const set = (name: keyof typeof EMPTY) => (value: string) => setD({ ...d, [name]: value });
	const submit = (e: Event) => {
		e.preventDefault();
		act.run(async () => {
			const u = await post<Unit>('unit', { ...d });
			setSaid(t('units.added', { name: u.name, code: u.code }));
			setD(EMPTY);
			done();
		});
	};
	return <details class="card"><summary>{t('units.add')}</summary><form class="composer" onSubmit={submit}>
		<div class="pair"><Text label={t('units.code')} name="code" value={d.code} set={set('code')} hint={t('units.code.hint')} problem={p} required />
			<Text label={t('units.name')} name="name" value={d.name} set={set('name')} problem={p} required /></div>
		<div class="pair"><Choice label={t('case.kind')} name="kind" value={d.kind} set={set('kind')} problem={p} options={KINDS.map((k) => [k, k ? named('unitkind', k) : t('units.kind.code')])} />
			<Text label={t('units.parent')} name="parent" value={d.parent} set={set('parent')} hint={t('units.parent.hint')} problem={p} /></div>
		<div class="pair"><Text label={t('facts.from')} name="from" type="date" value={d.from} set={set('from')} problem={p} /><Text label={t('facts.until')} name="to" type="date" value={d.to} set={set('to')} problem={p} /></div>
		<Text label={t('units.successor')} name="successor" value={d.successor} set={set('successor')} problem={p} />
		{p && !(p.field in EMPTY) && <Trouble problem={p} />}
		<button type="submit" class="main" disabled={act.busy}>{t('add')}</button><Notice text={said} /></form></details>;
}

function Import({ done }: { done: () => void }) {
	const [file, setFile] = useState<File>(), take = useImport('unit/import');
	return <details class="card"><summary>{t('units.import')}</summary>
		<form class="composer" onSubmit={(e) => { e.preventDefault(); take.send({}, file!, done); }}>
			<Pick set={(f) => { setFile(f); take.clear(); }} problem={take.problem} hint={t('units.import.hint')} />
			<button type="submit" class="main" disabled={take.busy || !file}>{take.busy ? t('working') : t('import.go')}</button></form>
		<Told take={take} done /></details>;
}

export function Units() {
	const [seen, setSeen] = useState(0), again = () => setSeen(seen + 1);
	return <><section class="card"><h2>{t('units')}</h2><Tops key={seen} /></section>
		{may('unit.add') && <Add done={again} />}{may('unit.import') && <Import done={again} />}</>;
}
