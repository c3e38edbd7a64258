// SPDX-License-Identifier: GPL-3.0-or-later
// Refusals and agreements of everybody, newest first, and the Do-Not-Call list that a new file replaces.
import { useState } from 'preact/hooks';
import { may } from '../api';
import { useList } from '../data';
import { t } from '../i18n';
import { Choice, Page, ShowList } from '../parts';
import { filter, route } from '../route';
import { Columns, mapOf } from './columns';
import { Line, Lines } from './consent';
import { Pick, Told, useImport } from './imported';

function DoNotCall() {
	const [file, setFile] = useState<File>(), [map, setMap] = useState<string[]>([]), take = useImport('consent/dnc-import');
	const pick = (f: File | undefined) => { setFile(f); setMap([]); take.clear(); };
	return <section class="card"><h2>{t('dnc')}</h2><p>{t('dnc.what')}</p>
		<form class="composer" onSubmit={(e) => { e.preventDefault(); take.send({ map: mapOf(map) }, file!); }}>
			<Pick set={pick} problem={take.problem} hint={t('dnc.hint')} />
			{file && <Columns file={file} map={map} set={(m) => { setMap(m); take.clear(); }} meanings={['phone']} />}
			<button type="submit" class="main" disabled={take.busy || !file}>{take.busy ? t('working') : t('dnc.go')}</button></form>
		<Told take={take} done /></section>;
}

export function ConsentRecord() {
	const state = route.value.query.state || '', list = useList<Line>('consent', { state }, ['consent']);
	return <Page title={t('record')}><p><a href="#/people">← {t('nav.people')}</a></p>
		{may('consent.dnc-import') && <DoNotCall />}
		<section class="card"><h2>{t('record.said')}</h2>
			<div class="filters" role="search" aria-label={t('filters')}><Choice label={t('case.state')} name="state" value={state} set={(v) => filter({ state: v })}
				options={[['', t('any')], ['opted_out', t('consentstate.opted_out')], ['opted_in', t('consentstate.opted_in')]]} /></div>
			<ShowList of={list} empty={t('record.none')}>{(items) => <Lines label={t('record.said')} lines={items} who />}</ShowList></section></Page>;
}
