// SPDX-License-Identifier: GPL-3.0-or-later
// Who works here: added with a role and a territory, and let in by a link that works once.
import { useState } from 'preact/hooks';
import { may, me, post } from '../api';
import { useAction, useList } from '../data';
import { useDraft } from '../draft';
import { named, t } from '../i18n';
import { Secret, SecretOnce } from './secret';
import { Choice, ShowList, Sure, Table, Text, Trouble } from '../parts';

interface User { name: string; role: string; unit: string | null; disabled: boolean; totp: boolean }
const ROLES = ['outreach', 'approver', 'reviewer', 'secretary', 'administrator', 'auditor', 'operator'];
const rolesToGive = () => ROLES.filter((r) => r !== 'operator' || me.value!.role === 'operator').map((r) => [r, named('role', r)] as [string, string]);

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
	const [role, setRole] = useState(of.role), [unit, setUnit] = useState(of.unit || ''), act = useAction();
	const submit = (e: Event) => {
		e.preventDefault();
		act.run(async () => {
			await post(`user/${of.name}/role`, { role, unit: unit || null });
			done();
		});
	};
	return <details><summary>{t('users.role')}</summary><form class="inline" onSubmit={submit}>
		<Choice label={`${t('user.role')}: ${of.name}`} name="role" value={role} set={setRole} options={rolesToGive()} problem={act.problem} />
		<Text label={`${t('user.unit')}: ${of.name}`} name="unit" value={unit} set={setUnit} problem={act.problem} /><button type="submit" disabled={act.busy}>{t('account.save')}</button></form>
		{act.problem && ['role', 'unit'].indexOf(act.problem.field) < 0 && <Trouble problem={act.problem} />}</details>;
}

/** In person: the other one scans what is shown, or has lost the telephone. */
function Codes({ of, done }: { of: User; done: () => void }) {
	const [secret, setSecret] = useState<Secret>(), act = useAction(), name = of.name;
	const give = () => act.run(async () => setSecret(await post<Secret>(`user/${name}/totp`)));
	const take = () => act.run(async () => {
		await post(`user/${name}/totp`, { off: true });
		setSecret(undefined);
		done();
	});
	return <details><summary>{t('users.totp')}</summary>
		{secret ? <><p>{t('users.totp.once')}</p><SecretOnce of={secret} /></> : <Sure label={t('users.totp.new')} question={t('users.totp.sure', { name })} act={give} busy={act.busy} />}
		{of.totp && <Sure label={t('users.totp.off')} question={t('users.totp.off.sure', { name })} act={take} busy={act.busy} danger />}
		<Trouble problem={act.problem} /></details>;
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
		<Choice label={t('user.role')} name="role" value={d.role} set={(role) => set({ role })} options={rolesToGive()} problem={act.problem} />
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
	const open = (name: string) => act.run(async () => {
		await post(`user/${name}/enable`);
		list.reload();
	});
	const governs = (u: User) => u.name !== me.value!.user && (u.role !== 'operator' || me.value!.role === 'operator') && may('user.role');
	const todo = (u: User) => (!governs(u) ? '–' : u.disabled ? <button type="button" disabled={act.busy} onClick={() => open(u.name)}>{t('users.enable')}</button> : <div class="actions">
		{may('token.add') && <Link of={u.name} />}<Role key={u.role} of={u} done={list.reload} /><Codes of={u} done={list.reload} />
		{may('user.disable') && <Sure label={t('users.shut')} question={t('users.shut.sure', { name: u.name })} act={() => shut(u.name)} busy={act.busy} danger />}</div>);
	return <>{may('user.add') && <Add done={list.reload} />}
		<section class="card"><h2>{t('users')}</h2><Trouble problem={act.problem} /><ShowList of={list} empty="–">{(items) => <Table label={t('users')} rows={items} keyOf={(u) => u.name}
			heads={[t('login.user'), t('user.role'), t('user.unit'), t('case.state'), t('users.todo')]}
			cells={(u) => [u.name, named('role', u.role), u.unit || t('user.everywhere'), u.disabled ? t('users.disabled') : t('users.open'), todo(u)]} />}</ShowList></section></>;
}
