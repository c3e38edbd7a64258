// SPDX-License-Identifier: GPL-3.0-or-later
// Settings and the words that people's messages are read by: as they stand in their files, and whether the files would be taken.
// Nothing is changed here: the files belong to the machine.
import { useState } from 'preact/hooks';
import { get } from '../api';
import { useAction, useList } from '../data';
import { t } from '../i18n';
import { Choice, ShowList, Table, Text, Trouble } from '../parts';
import { settingsVi } from '../words/settings';
import { Key } from '../words/vi';

declare const LANG: 'vi' | 'en'; /* the bundle in English leaves the words out */

interface Setting { path: string; value: unknown; default: string | null; unit: string | null; help: string | null; source: string | null }
interface Mistake { file: string | null; line: number; field: string | null; text: string }
interface Checked { ok: boolean; mistake: Mistake | null; warnings: Mistake[] }

const FILES: Key[] = ['settings.caunoi', 'settings.keywords', 'settings.accusation', 'settings.spelling', 'settings.sense', 'settings.topics', 'settings.templates'];
const nameOf = (file: Key) => file.split('.')[1]!;
const said = (m: Mistake) => `${m.file ? `${m.file.replace(/^.*\//, '')}:${m.line} ` : ''}${m.field ? `${m.field}: ` : ''}${m.text}`;

function Check() {
	const act = useAction(), [found, setFound] = useState<Checked>();
	return <div><button type="button" disabled={act.busy} onClick={() => act.run(async () => setFound(await get<Checked>('setting/check')))}>{act.busy ? t('working') : t('settings.check')}</button>
		<div role="status">{found && <p class={found.ok ? 'notice' : 'wrong'}>{found.ok ? t('settings.good') : said(found.mistake!)}</p>}
			{found && found.warnings.length > 0 && <ul>{found.warnings.map((w) => <li>{said(w)}</li>)}</ul>}</div>
		<Trouble problem={act.problem} /></div>;
}

/** In words of this language: the gateway tells it in English. */
function helpOf(s: Setting): string | null {
	const path = s.path.replace(/\[\d+\]/g, '[]');
	return LANG === 'en' ? s.help : settingsVi[path] || settingsVi[path.replace(/[^.]+$/, '*')] || s.help;
}

function valueOf(s: Setting): string {
	if (s.value === null) return s.default || '–';
	return Array.isArray(s.value) ? s.value.join(' · ') : String(s.value);
}

export function Settings() {
	const [file, setFile] = useState('caunoi'), [search, setSearch] = useState('');
	const list = useList<Setting>('setting', { file, limit: 1000 }, []);
	const found = (items: Setting[]) => items.filter((s) => `${s.path} ${valueOf(s)}`.toLowerCase().indexOf(search.toLowerCase()) >= 0);
	return <section class="card"><h2>{t('settings')}</h2><p>{t('settings.how')}</p><Check />
		<div class="filters"><Choice label={t('settings.file')} name="file" value={file} set={setFile} options={FILES.map((f) => [nameOf(f), t(f)] as [string, string])} />
			<Text label={t('search')} name="search" value={search} set={setSearch} /></div>
		<ShowList of={list} empty="–">{(items) => <Table label={t('settings')} rows={found(items)} keyOf={(s) => s.path}
			heads={[t('settings.name'), t('settings.value'), t('settings.source')]}
			cells={(s) => [<><code>{s.path}</code>{helpOf(s) && <small class="hint"> {helpOf(s)}</small>}</>, <>{valueOf(s)}{s.unit ? ` ${s.unit}` : ''}</>, s.source ? s.source.replace(/^.*\//, '') : t('settings.default')]} />}</ShowList></section>;
}
