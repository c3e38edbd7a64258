// SPDX-License-Identifier: GPL-3.0-or-later
// Administrative units as the gateway knows them: what a territory may be.
import { useList } from '../data';
import { t } from '../i18n';
import { ShowList, Table } from '../parts';

interface Unit { code: string; name: string; kind: string | null; parent: string | null; from: string | null; to: string | null }

export function Units() {
	const list = useList<Unit>('unit', { limit: 200 }, []);
	return <section class="card"><h2>{t('units')}</h2><ShowList of={list} empty={t('units.none')}>{(items) => <Table label={t('units')} rows={items} keyOf={(u) => u.code}
		heads={[t('units.code'), t('units.name'), t('units.parent')]} cells={(u) => [<code>{u.code}</code>, u.name, u.parent || '–']} />}</ShowList></section>;
}
