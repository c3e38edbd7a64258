// SPDX-License-Identifier: GPL-3.0-or-later
// What every import of a file shares: choosing it, waiting for it, and what came of it with each complaint beside its row.
import { useState } from 'preact/hooks';
import { Args, finish, newKey, Problem, upload } from '../api';
import { useAction } from '../data';
import { count } from '../format';
import { named, t } from '../i18n';
import { Field, Table, Trouble } from '../parts';

interface Refused { row: number; column: string; value: string | null; reason: string; detail?: string | null }
export interface Outcome { rows: number; added: number; updated?: number; unchanged?: number; duplicates?: number; refused: Refused[]; reasons: Record<string, number> }
export interface Import { busy: boolean; problem: Problem | undefined; outcome: Outcome | undefined; good: boolean; send: (args: Args, file: File, then?: () => void) => void; clear: () => void; rows: number | undefined }

/** A browser gives nothing of a file that was changed since it was chosen; it looks like a lost line then. */
async function assertReadable(file: File): Promise<void> {
	try {
		await new Response(file.slice(0, 1)).text();
	} catch (e) {
		throw new Problem(0, 'file_changed', 'file', '', {});
	}
}

/** One file under way; a refused one keeps what was found out by then. */
export function useImport(path: string): Import {
	const act = useAction(), [outcome, setOutcome] = useState<Outcome>(), [rows, setRows] = useState<number>();
	const send = (args: Args, file: File, then?: () => void) => act.run(async () => {
		setOutcome(undefined);
		try {
			await assertReadable(file);
			setOutcome(await finish<Outcome>(await upload<Outcome | { job: number }>(path, args, file, newKey()), setRows));
			if (then) then();
		} catch (p) {
			if (p instanceof Problem && p.args.refused) setOutcome(p.args as unknown as Outcome);
			throw p;
		} finally {
			setRows(undefined);
		}
	});
	return { busy: act.busy, problem: act.problem, outcome, good: !!outcome && !act.problem && !outcome.refused.length, send, clear: () => { setOutcome(undefined); act.clear(); }, rows };
}

export function Pick({ set, problem, hint }: { set: (file: File | undefined) => void; problem: Problem | undefined; hint: string }) {
	return <Field label={t('import.file')} name="file" problem={problem} hint={hint}>{(p) =>
		<input {...p} type="file" accept=".csv,.txt,.tsv,.xlsx" required onClick={(e) => { e.currentTarget.value = ''; set(undefined); }} onChange={(e) => set(e.currentTarget.files ? e.currentTarget.files[0] : undefined)} />}</Field>;
}

function why(r: Refused): string {
	return named('refusal', r.reason) + (r.detail && r.detail !== r.reason ? `: ${named('refusal', r.detail)}` : '');
}

function Figures({ o }: { o: Outcome }) {
	const all: [string, number | undefined][] = [[t('import.rows'), o.rows], [t('import.added'), o.added], [t('import.updated'), o.updated],
		[t('import.unchanged'), o.unchanged], [t('import.duplicates'), o.duplicates]];
	return <dl class="figures">{all.filter(([, n]) => n !== undefined).map(([head, n]) => <div key={head}><dt>{head}</dt><dd>{count(n)}</dd></div>)}</dl>;
}

/** done: it was taken in, not only looked at. */
export function Told({ take, done }: { take: Import; done: boolean }) {
	const o = take.outcome;
	return <>
		{take.problem && ['file', 'group', 'basis'].indexOf(take.problem.field) < 0 && <Trouble problem={take.problem} />}
		{take.rows !== undefined && <p role="status">{t('import.progress', { n: count(take.rows) })}</p>}
		{o && <section class="card" aria-label={t('import.result')} aria-live="polite">
			<h2>{!take.good ? t('import.refused') : done ? t('import.done') : t('import.fine')}</h2>
			<Figures o={o} />
			{Object.keys(o.reasons || {}).map((r) => <p key={r}>{named('refusal', r)}: {count(o.reasons[r])}</p>)}
			{o.refused && o.refused.length > 0 && <Table label={t('import.refused')} rows={o.refused} keyOf={(r) => `${r.row} ${r.column}`}
				heads={[t('import.row'), t('import.column'), t('import.value'), t('campaign.reason')]} cells={(r) => [r.row, r.column, r.value || '–', why(r)]} />}
		</section>}
	</>;
}
