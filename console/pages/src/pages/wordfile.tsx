// SPDX-License-Identifier: GPL-3.0-or-later
// The files that messages are read by: changed here, tried with sentences, and only then put in force.
import { useRef, useState } from 'preact/hooks';
import { get, may, post } from '../api';
import { useAction, useData } from '../data';
import { useDraft } from '../draft';
import { named, t } from '../i18n';
import { Choice, Field, Notice, Show, Sure, Table, Text, Trouble } from '../parts';
import { saveFile } from '../save';
import { Key } from '../words/vi';

interface WordFile { name: string; path: string; own: boolean; writable: boolean; digest: string; text: string; older: string[] }
interface Reading { kind: string; topic: string | null; answer: string | null }
export interface Mistake { line: number; column: number; field: string | null; rule: string | null; text: string }
interface Tried { ok: boolean; mistake: Mistake | null; sentences: { text: string; now: Reading | null; then: Reading | null }[] }

const FILES: Key[] = ['settings.keywords', 'settings.topics', 'settings.accusation', 'settings.spelling', 'settings.sense', 'settings.templates'];
const CONTEXTS = ['NONE', 'C-BHYT', 'C-BHXH', 'C-NHAO', 'S-BHYT', 'S-NHAO', 'S-SAT', 'S-YN', 'CASE-NEEDINFO', 'OPTED-OUT'];
const nameOf = (file: Key) => file.split('.')[1]!;
/** "20261122-173000" as people write it. */
const stampOf = (s: string) => s.replace(/^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)$/, '$3/$2/$1 $4:$5:$6');

const said = (r: Reading | null) => (r ? [named('kind', r.kind), r.topic ? named('topic', r.topic) : '', r.answer || ''].filter((w) => w).join(' · ') : '–');

function Sentences({ of }: { of: Tried }) {
	if (!of.sentences.length) return null;
	const then = (s: Tried['sentences'][0]) => (!s.then ? '–' : said(s.then) === said(s.now) ? <small>{t('words.same')}</small> : <b class="warn">{said(s.then)}</b>);
	return <Table label={t('words.say')} rows={of.sentences} keyOf={(s) => s.text} heads={[t('words.sentence'), t('words.now'), t('words.then')]} cells={(s) => [s.text, said(s.now), then(s)]} />;
}

/** What the checker refuses, where it stands, and the line itself. */
export function MistakeBox({ of, text, go }: { of: Mistake; text: string; go?: () => void }) {
	const line = of.line > 0 ? text.split('\n')[of.line - 1] : undefined, words = of.rule ? named('mistake', of.rule) : '';
	return <div class="trouble" role="alert"><p><b>{t('words.line', { line: of.line })}{of.column > 0 && t('words.column', { column: of.column })}</b>{of.field && <> · <code>{of.field}</code></>}
		{words && words !== of.rule && <>: {words}</>}</p>
		<p lang="en"><small>{of.text}</small></p>
		{line !== undefined && <pre tabIndex={0} aria-label={t('words.line', { line: of.line })}>{line}</pre>}
		{go && of.line > 0 && <button type="button" onClick={go}>{t('words.goto')}</button>}</div>;
}

function selectLine(box: HTMLTextAreaElement, line: number): void {
	const lines = box.value.split('\n'), from = lines.slice(0, line - 1).reduce((n, l) => n + l.length + 1, 0);
	box.focus();
	box.setSelectionRange(from, from + (lines[line - 1] || '').length);
	box.scrollTop = Math.max(0, (box.scrollHeight / lines.length) * (line - 4));
}

function Older({ of, use }: { of: WordFile; use: (text: string) => void }) {
	const act = useAction();
	if (!of.older.length) return null;
	const read = (older: string) => act.run(async () => use((await get<{ text: string }>(`setting/${of.name}/file`, { older })).text));
	return <><Choice label={t('words.older')} name="older" value="" set={(older) => { if (older) read(older); }} options={[['', t('words.older.none')] as [string, string]].concat(of.older.map((o) => [o, stampOf(o)] as [string, string]))} />
		<Trouble problem={act.problem} /></>;
}

function Take({ of, text, done }: { of: { name: string; digest: string }; text: string; done: () => void }) {
	const [note, setNote] = useState(''), act = useAction(), p = act.problem, mistake = p && p.args.mistake as Mistake | undefined;
	const take = () => act.run(async () => {
		await post(`setting/${of.name}/take`, { content: text, digest: of.digest, note });
		done();
	});
	return <><Text label={t('words.note')} name="note" value={note} set={setNote} hint={t('words.note.hint')} problem={p} required />
		{mistake ? <MistakeBox of={mistake} text={text} /> : p && p.field !== 'note' && <Trouble problem={p} />}
		<Sure label={t('words.take')} question={t('words.take.sure')} act={take} busy={act.busy} /></>;
}

function Edit({ of, reload }: { of: WordFile; reload: () => void }) {
	const [d, set, clear] = useDraft(`words:${of.name}`, { text: '', digest: '' });
	const [say, setSay] = useState(''), [context, setContext] = useState('NONE'), [tried, setTried] = useState<{ of: string; is: Tried }>(), [note, setNote] = useState<string>();
	const act = useAction(), box = useRef<HTMLDivElement>(null), text = d.digest ? d.text : of.text, seen = tried && tried.of === text ? tried.is : undefined;
	const change = (next: string) => { setNote(undefined); set({ text: next, digest: d.digest || of.digest }); };
	const check = (e: Event) => {
		e.preventDefault();
		act.run(async () => setTried({ of: text, is: await post<Tried>(`setting/${of.name}/try`, { content: text, say, context }) }));
	};
	const area = () => box.current && box.current.querySelector<HTMLTextAreaElement>('textarea[name=content]');
	const upload = (file: File | undefined) => { if (file) act.run(async () => change(await new Response(file).text())); };
	return <div ref={box}>
		<p>{t('words.where')}: <code>{of.path}</code> ({of.own ? t('words.own') : t('words.shipped')})</p>
		{!of.writable && <p class="notice warn">{t('words.locked')}</p>}
		{d.digest && d.digest !== of.digest && <p class="trouble" role="alert">{t('words.changed')}</p>}
		<form onSubmit={check}>
			<Text label={t('words.text')} name="content" value={text} set={change} rows={18} problem={act.problem} required />
			<div class="filters"><Field label={t('words.upload')} name="file">{(props) => <input {...props} type="file" accept=".conf,.txt,text/plain" onChange={(e) => upload(e.currentTarget.files![0])} />}</Field>
				<Older of={of} use={change} /></div>
			<Text label={t('words.say')} name="say" value={say} set={setSay} rows={4} hint={t('words.say.hint')} problem={act.problem} />
			<Choice label={t('words.context')} name="context" value={context} set={setContext} options={CONTEXTS.map((c) => [c, named('context', c)] as [string, string])} />
			<p class="actions"><button type="submit" class="main" disabled={act.busy}>{act.busy ? t('working') : t('words.try')}</button>
				<button type="button" onClick={() => saveFile(of.path.replace(/^.*\//, ''), new Blob([text], { type: 'text/plain' }))}>{t('words.download')}</button>
				{d.digest && <button type="button" onClick={() => { clear(); setTried(undefined); }}>{t('words.reset')}</button>}</p>
			{act.problem && ['content', 'say'].indexOf(act.problem.field) < 0 && <Trouble problem={act.problem} />}
		</form>
		<div role="status">{seen && seen.ok && <p class="notice">{t('words.good')}</p>}</div>
		{seen && seen.mistake && <MistakeBox of={seen.mistake} text={text} go={() => { const a = area(); if (a) selectLine(a, seen.mistake!.line); }} />}
		{seen && <Sentences of={seen} />}
		{may('setting.take') && of.writable && d.digest && d.text !== of.text && (seen && seen.ok
			? <Take of={{ name: of.name, digest: d.digest }} text={text} done={() => { clear(); setTried(undefined); setNote(t('words.taken')); reload(); }} /> : <p class="hint">{t('words.first')}</p>)}
		<Notice text={note} /></div>;
}

export function Words() {
	const [name, setName] = useState('keywords'), file = useData<WordFile>(`setting/${name}/file`, {}, ['setting']);
	return <section class="card"><h2>{t('words')}</h2><p>{t('words.how')}</p>
		<div class="filters"><Choice label={t('settings.file')} name="file" value={name} set={setName} options={FILES.map((f) => [nameOf(f), t(f)] as [string, string])} /></div>
		<Show of={file}>{(f) => (may('setting.try') ? <Edit key={f.name} of={f} reload={file.reload} /> : <pre tabIndex={0} aria-label={t('words.text')}>{f.text}</pre>)}</Show></section>;
}
