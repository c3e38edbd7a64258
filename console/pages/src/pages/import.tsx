// SPDX-License-Identifier: GPL-3.0-or-later
// Taking in a list of people: choose the file, say what its columns are, have it checked, take it in. All or nothing.
import { useState } from 'preact/hooks';
import { useList } from '../data';
import { t } from '../i18n';
import { Page, Text } from '../parts';
import { hrefOf } from '../route';
import { Group } from '../shapes';
import { Columns, mapOf } from './columns';
import { Pick, Told, useImport } from './imported';

const MEANINGS = ['phone', 'name', 'unit', 'hamlet', 'language'];

export function ImportPeople() {
	const [file, setFile] = useState<File>(), [map, setMap] = useState<string[]>([]), [group, setGroup] = useState(''), [basis, setBasis] = useState(''), [done, setDone] = useState(false);
	const take = useImport('contact/import'), groups = useList<Group>('group', { limit: 200 }, ['group']);
	const change = <T,>(set: (v: T) => void) => (v: T) => { set(v); take.clear(); setDone(false); };
	const send = (dry: boolean) => take.send({ group, basis, map: mapOf(map), 'dry-run': dry }, file!, () => setDone(!dry));
	return <Page title={t('import')}>
		<p><a href="#/people">← {t('nav.people')}</a></p>
		<form class="composer" onSubmit={(e) => { e.preventDefault(); send(true); }}>
			<Pick set={change((f) => { setFile(f); setMap([]); })} problem={take.problem} hint={t('import.hint')} />
			{file && <Columns file={file} map={map} set={change(setMap)} meanings={MEANINGS} />}
			<Text label={t('people.group')} name="group" value={group} set={change(setGroup)} list={groups.items.map((g) => g.name)} hint={t('import.group.hint')} problem={take.problem} required />
			<Text label={t('people.basis')} name="basis" value={basis} set={change(setBasis)} hint={t('import.basis.hint')} problem={take.problem} required />
			<button type="submit" class={take.good ? '' : 'main'} disabled={take.busy || !file}>{take.busy ? t('working') : t('import.look')}</button>
			{take.good && !done && <button type="button" class="main" disabled={take.busy} onClick={() => send(false)}>{t('import.go')}</button>}
		</form>
		<Told take={take} done={done} />
		{done && <p><a class="button" href={hrefOf('people', { group })}>{t('import.see')}</a></p>}
	</Page>;
}
