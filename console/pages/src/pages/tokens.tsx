// SPDX-License-Identifier: GPL-3.0-or-later
// Tokens for machines: shown once, ended by one click.
import { useState } from 'preact/hooks';
import { may, post } from '../api';
import { useAction, useList } from '../data';
import { t } from '../i18n';
import { Choice, ShowList, Sure, Table, Text, Trouble, When } from '../parts';

interface Token { id: number; user: string; name: string | null; scopes: string; token: string | null; expires_at: string | null; revoked: boolean }

function Add({ done }: { done: () => void }) {
	const [user, setUser] = useState(''), [name, setName] = useState(''), [scopes, setScopes] = useState('read'), [made, setMade] = useState<string>(), act = useAction();
	const submit = (e: Event) => {
		e.preventDefault();
		act.run(async () => {
			setMade((await post<Token>('token', { user, name, scopes })).token || undefined);
			done();
		});
	};
	return <details class="card"><summary>{t('tokens.add')}</summary><form onSubmit={submit}>
		<Text label={t('login.user')} name="user" value={user} set={setUser} problem={act.problem} required />
		<Text label={t('tokens.name')} name="name" value={name} set={setName} problem={act.problem} />
		<Choice label={t('tokens.scopes')} name="scopes" value={scopes} set={setScopes} options={[['read', t('tokens.read')], ['all', t('tokens.all')]]} problem={act.problem} />
		{act.problem && !act.problem.field && <Trouble problem={act.problem} />}
		<button type="submit" class="main" disabled={act.busy}>{t('add')}</button>
		{made && <label class="once">{t('tokens.once')}<input readOnly value={made} onFocus={(e) => e.currentTarget.select()} /></label>}</form></details>;
}

export function Tokens() {
	const list = useList<Token>('token', {}, ['token']), act = useAction();
	const end = (id: number) => act.run(async () => {
		await post(`token/${id}/revoke`);
		list.reload();
	});
	return <>{may('token.add') && <Add done={list.reload} />}
		<section class="card"><h2>{t('tokens')}</h2><Trouble problem={act.problem} /><ShowList of={list} empty={t('tokens.none')}>{(items) => <Table label={t('tokens')} rows={items.filter((k) => !k.revoked)} keyOf={(k) => k.id}
			heads={[t('login.user'), t('tokens.name'), t('tokens.scopes'), t('tokens.until'), t('users.todo')]}
			cells={(k) => [k.user, k.name || '–', k.scopes, <When at={k.expires_at} />, may('token.revoke') ? <Sure label={t('tokens.end')} question={t('sessions.sure')} act={() => end(k.id)} busy={act.busy} danger /> : '–']} />}</ShowList></section></>;
}
