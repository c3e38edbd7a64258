// SPDX-License-Identifier: GPL-3.0-or-later
// One's own account: password, one-time codes and the places where one is logged in.
import { useState } from 'preact/hooks';
import { me, post } from '../api';
import { useAction } from '../data';
import { named, t } from '../i18n';
import { Notice, Page, Text, Trouble } from '../parts';
import { Secret, SecretOnce } from './secret';
import { Sessions } from './sessions';

function Password() {
	const [password, setPassword] = useState(''), [old, setOld] = useState(''), [said, setSaid] = useState<string>();
	const change = useAction();
	const submit = (e: Event) => {
		e.preventDefault();
		change.run(async () => {
			await post('user/passwd', { name: me.value!.user, password, ...(old ? { 'old-password': old } : {}) });
			setSaid(t('account.changed'));
			me.value = null; /* a new password ends every session, this one too */
		});
	};
	return <form class="card" onSubmit={submit}>
		<h2>{t('account.password')}</h2>
		<Text label={t('account.new')} name="password" type="password" value={password} set={setPassword} problem={change.problem} hint={t('account.hint')} autoComplete="new-password" required />
		<Text label={t('account.old')} name="old-password" type="password" value={old} set={setOld} problem={change.problem} hint={t('account.old.hint')} autoComplete="current-password" />
		{change.problem && change.problem.field !== 'password' && change.problem.field !== 'old-password' && <Trouble problem={change.problem} />}
		<button type="submit" class="main" disabled={change.busy}>{t('account.save')}</button>
		<Notice text={said} />
	</form>;
}

function Codes() {
	const [secret, setSecret] = useState<Secret>(), [code, setCode] = useState(''), act = useAction(), { user: name, totp } = me.value!;
	const begin = () => act.run(async () => setSecret(await post<Secret>('user/totp', { name })));
	const confirm = (e: Event) => {
		e.preventDefault();
		act.run(async () => {
			await post('user/totp', { name, code: code.replace(/\s/g, '') });
			setSecret(undefined);
			me.value = { ...me.value!, totp: true };
		});
	};
	return <section class="card">
		<h2>{t('totp')}</h2>
		{totp ? <p role="status">{t('totp.on')}</p> : <p>{t('totp.why')}</p>}
		{secret && <><SecretOnce of={secret} /><form onSubmit={confirm}>
			<Text label={t('totp.code')} name="code" value={code} set={setCode} problem={act.problem} autoComplete="one-time-code" required />
			<button type="submit" class="main" disabled={act.busy}>{t('totp.confirm')}</button></form></>}
		{act.problem && act.problem.field !== 'code' && <Trouble problem={act.problem} />}
		{!secret && !totp && <button type="button" disabled={act.busy} onClick={begin}>{t('totp.begin')}</button>}
	</section>;
}

export function Account() {
	const who = me.value!;
	return <Page title={t('account')}>
		<dl class="facts"><dt>{t('login.user')}</dt><dd>{who.user}</dd><dt>{t('user.role')}</dt><dd>{named('role', who.role)}</dd>
			<dt>{t('user.unit')}</dt><dd>{who.unit || t('user.everywhere')}</dd></dl>
		<Password />
		<Codes />
		<Sessions own />
	</Page>;
}
