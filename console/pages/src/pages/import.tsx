// SPDX-License-Identifier: GPL-3.0-or-later
// Taking in a list of people, in two steps: looked at first, then taken in. All or nothing; each complaint with its row.
import { useState } from 'preact/hooks';
import { finish, newKey, upload } from '../api';
import { useAction, useList } from '../data';
import { count } from '../format';
import { named, t } from '../i18n';
import { Field, Page, Table, Text, Trouble } from '../parts';
import { hrefOf } from '../route';
import { Group } from '../shapes';

interface Refused { row: number; column: string; value: string | null; reason: string }
interface Outcome { rows: number; added: number; updated: number; unchanged: number; refused: Refused[]; reasons: Record<string, number> }

function Told({ o, done }: { o: Outcome; done: boolean }) {
	const refused = Object.keys(o.reasons || {}).reduce((n, k) => n + (k === 'duplicate' ? 0 : o.reasons[k]), 0);
	return <section class="card" aria-label={t('import.result')} aria-live="polite">
		<h2>{refused ? t('import.refused') : done ? t('import.done') : t('import.fine')}</h2>
		<dl class="figures">
			<div><dt>{t('import.rows')}</dt><dd>{count(o.rows)}</dd></div><div><dt>{t('import.added')}</dt><dd>{count(o.added)}</dd></div>
			<div><dt>{t('import.updated')}</dt><dd>{count(o.updated)}</dd></div><div><dt>{t('import.unchanged')}</dt><dd>{count(o.unchanged)}</dd></div></dl>
		{Object.keys(o.reasons || {}).map((r) => <p>{named('refusal', r)}: {count(o.reasons[r])}</p>)}
		{o.refused && o.refused.length > 0 && <Table label={t('import.refused')} rows={o.refused} keyOf={(r) => `${r.row} ${r.column}`}
			heads={[t('import.row'), t('import.column'), t('import.value'), t('campaign.reason')]} cells={(r) => [r.row, r.column, r.value || '–', named('refusal', r.reason)]} />}
	</section>;
}

export function ImportPeople() {
	const [file, setFile] = useState<File>(), [group, setGroup] = useState(''), [basis, setBasis] = useState('');
	const [seen, setSeen] = useState<Outcome>(), [done, setDone] = useState(false), [progress, setProgress] = useState<number>();
	const act = useAction(), groups = useList<Group>('group', { limit: 200 }, ['group']);
	const send = (dry: boolean) => act.run(async () => {
		setSeen(undefined);
		try {
			setSeen(await finish<Outcome>(await upload<Outcome | { job: number }>('contact/import', { group, basis, 'dry-run': dry }, file!, newKey()), setProgress));
			setDone(!dry);
		} catch (p) {
			const args = (p as { args?: Partial<Outcome> }).args;
			if (args && args.refused) setSeen(args as Outcome);
			throw p;
		} finally {
			setProgress(undefined);
		}
	});
	const change = <T,>(set: (v: T) => void) => (v: T) => { set(v); setSeen(undefined); setDone(false); };
	const good = seen && !(seen.refused && seen.refused.length);
	return <Page title={t('import')}>
		<p><a href="#/people">← {t('nav.people')}</a></p>
		<form class="composer" onSubmit={(e) => { e.preventDefault(); send(true); }}>
			<Field label={t('import.file')} name="file" problem={act.problem} hint={t('import.hint')}>{(p) =>
				<input {...p} type="file" accept=".csv,.txt,.tsv,.xlsx" required onChange={(e) => change(setFile)(e.currentTarget.files ? e.currentTarget.files[0] : undefined)} />}</Field>
			<Text label={t('people.group')} name="group" value={group} set={change(setGroup)} list={groups.items.map((g) => g.name)} hint={t('import.group.hint')} problem={act.problem} required />
			<Text label={t('people.basis')} name="basis" value={basis} set={change(setBasis)} hint={t('import.basis.hint')} problem={act.problem} required />
			{act.problem && ['file', 'group', 'basis'].indexOf(act.problem.field) < 0 && <Trouble problem={act.problem} />}
			<button type="submit" class={good ? '' : 'main'} disabled={act.busy || !file}>{act.busy ? t('working') : t('import.look')}</button>
			{good && !done && <button type="button" class="main" disabled={act.busy} onClick={() => send(false)}>{t('import.go')}</button>}
			{progress !== undefined && <p role="status">{t('import.progress', { n: count(progress) })}</p>}
		</form>
		{seen && <Told o={seen} done={done} />}
		{done && <p><a class="button" href={hrefOf('people', { group })}>{t('import.see')}</a></p>}
	</Page>;
}
