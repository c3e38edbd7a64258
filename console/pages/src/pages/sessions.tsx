// SPDX-License-Identifier: GPL-3.0-or-later
// Who is logged in, and ending it.
import { me, post } from '../api';
import { useAction, useList } from '../data';
import { t } from '../i18n';
import { ShowList, Sure, Table, Trouble, When } from '../parts';

interface Session { id: number; user: string; created_at: string; seen_at: string; expires_at: string; current: boolean }

export function Sessions({ own }: { own?: boolean }) {
	const list = useList<Session>('session', {}, ['session']), end = useAction();
	const shown = (items: Session[]) => (own ? items.filter((s) => s.user === me.value!.user) : items);
	const revoke = (id: number) => end.run(async () => {
		await post(`session/${id}/revoke`);
		list.reload();
	});
	return <section class="card">
		<h2>{t('sessions')}</h2>
		<Trouble problem={end.problem} />
		<ShowList of={list} empty={t('sessions.none')}>{(items) =>
			<Table label={t('sessions')} heads={[t('login.user'), t('sessions.since'), t('sessions.seen'), t('users.todo')]} rows={shown(items)} keyOf={(s) => s.id}
				cells={(s) => [s.user, <When at={s.created_at} />, <When at={s.seen_at} />,
					s.current ? t('sessions.this') : <Sure label={t('sessions.end')} question={t('sessions.sure')} act={() => revoke(s.id)} busy={end.busy} />]} />}
		</ShowList>
	</section>;
}
