// SPDX-License-Identifier: GPL-3.0-or-later
// Who works here: added with a role and a territory, and let in by a link that works once.
import { useState } from 'preact/hooks';
import { may, me, post } from '../api';
import { useAction, useList } from '../data';
import { useDraft } from '../draft';
import { named, t } from '../i18n';
import { Choice, ShowList, Sure, Table, Text, Trouble } from '../parts';

interface User { name: string; role: string; unit: string | null; disabled: boolean; totp: boolean }
const ROLES = ['outreach', 'approver', 'reviewer', 'secretary', 'administrator', 'auditor', 'operator'];
const roleOptions = ROLES.map((r) => [r, named('role', r)] as [string, string]);

function Link({ of }: { of: string }) {
	const [link, setLink] = useState<string>(), act = useAction();
	const make = () => act.run(async () => {
		const token = await post<{ token: string }>('token', { user: of, scopes: 'login', name: 'login link', days: 1 });
		setLink(`${location.origin}/#/login?token=${token.token}`);
	});
	if (link) return <label class="once">{t('users.link.once')}<input readOnly value={link} onFocus={(e) => e.currentTarget.select()} /></label>;
	return <><button type="button" disabled={act.busy} onClick={make}>{t('users.link')}</button><Trouble problem={act.problem} /></>;
}

function Role({ of, done }: { of: User; done: () => void }) {
	const [role, setRole] = useState(of.role), act = useAction();
	return <details><summary>{t('users.role')}</summary><form class="inline" onSubmit={(e) => { e.preventDefault(); act.run(async () => { await post(`user/${of.name}/role`, { role }); done(); }); }}>
		<Choice label={`${t('user.role')}: ${of.name}`} name="role" value={role} set={setRole} options={roleOptions} problem={act.problem} /><button type="submit" disabled={act.busy}>{t('account.save')}</button></form>
		{act.problem && act.problem.field !== 'role' && <Trouble problem={act.problem} />}</details>;
}

function Add({ done }: { done: () => void }) {
	const [d, set, clear] = useDraft('user', { name: '', role: 'reviewer', unit: '' }), act = useAction();
	const submit = (e: Event) => {
		e.preventDefault();
		act.run(async () => {
			await post('user', { name: d.name, role: d.role, unit: d.unit });
			clear();
			done();
		});
	};
	return <details class="card"><summary>{t('users.add')}</summary><form onSubmit={submit}>
		<Text label={t('login.user')} name="name" value={d.name} set={(name) => set({ name })} hint={t('users.name.hint')} problem={act.problem} required />
		<Choice label={t('user.role')} name="role" value={d.role} set={(role) => set({ role })} options={roleOptions} problem={act.problem} />
		<Text label={t('user.unit')} name="unit" value={d.unit} set={(unit) => set({ unit })} hint={t('users.unit.hint')} problem={act.problem} />
		{act.problem && ['name', 'role', 'unit'].indexOf(act.problem.field) < 0 && <Trouble problem={act.problem} />}
		<button type="submit" class="main" disabled={act.busy}>{t('add')}</button></form></details>;
}

export function Users() {
	const list = useList<User>('user', {}, ['user']), act = useAction();
	const shut = (name: string) => act.run(async () => {
		await post(`user/${name}/disable`);
		list.reload();
	});
	const todo = (u: User) => (u.disabled || u.name === me.value!.user ? '–' : <div class="actions">
		{may('token.add') && <Link of={u.name} />}{may('user.role') && <Role key={u.role} of={u} done={list.reload} />}
		{may('user.disable') && <Sure label={t('users.shut')} question={t('users.shut.sure', { name: u.name })} act={() => shut(u.name)} busy={act.busy} danger />}</div>);
	return <>{may('user.add') && <Add done={list.reload} />}
		<section class="card"><h2>{t('users')}</h2><Trouble problem={act.problem} /><ShowList of={list} empty="–">{(items) => <Table label={t('users')} rows={items} keyOf={(u) => u.name}
			heads={[t('login.user'), t('user.role'), t('user.unit'), t('case.state'), t('users.todo')]}
			cells={(u) => [u.name, named('role', u.role), u.unit || t('user.everywhere'), u.disabled ? t('users.disabled') : t('users.open'), todo(u)]} />}</ShowList></section></>;
}
