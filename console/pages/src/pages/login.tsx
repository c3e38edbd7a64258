// SPDX-License-Identifier: GPL-3.0-or-later
// Logging in, by name and password or by a one-time link ("#/login?token=…"). What was open before stays in the address.
import { useEffect, useState } from 'preact/hooks';
import { logIn, Problem } from '../api';
import { useAction } from '../data';
import { t } from '../i18n';
import { Text, Trouble } from '../parts';
import { go, route } from '../route';
import { Language } from '../app';

export function Login() {
	const [user, setUser] = useState(''), [password, setPassword] = useState(''), [code, setCode] = useState(''), [asked, setAsked] = useState(false);
	const login = useAction(), token = route.value.path[0] === 'login' ? route.value.query.token : undefined;
	useEffect(() => { document.title = `${t('login')} · Cầu Nối`; }, []);
	const byLink = () => login.run(async () => {
		await logIn({ token });
		go('account');
	});
	const byPassword = (e: Event) => {
		e.preventDefault();
		login.run(async () => {
			try {
				await logIn({ user: user.trim(), password, ...(code && { code: code.replace(/\s/g, '') }) });
			} catch (e) {
				setCode('');
				if (!(e instanceof Problem) || e.rule !== 'totp' || asked) throw e;
				return setAsked(true);
			}
			if (route.value.path[0] === 'login') go('');
		});
	};
	return <main class="alone">
		<h1>Cầu Nối</h1>
		<p class="sub">{t('login.sub')}</p>
		{token && <section class="card"><h2>{t('login.link')}</h2><p>{t('login.link.text')}</p>
			<button type="button" class="main" disabled={login.busy} onClick={byLink}>{t('login.link.go')}</button></section>}
		<form class="card" onSubmit={byPassword}>
			<Text label={t('login.user')} name="user" value={user} set={setUser} autoComplete="username" required />
			<Text label={t('login.password')} name="password" type="password" value={password} set={setPassword} autoComplete="current-password" required />
			{asked && <Text label={t('login.code')} name="code" value={code} set={setCode} hint={t('login.code.hint')} problem={login.problem} autoComplete="one-time-code" required />}
			{!(login.problem && login.problem.field === 'code') && <Trouble problem={login.problem} />}
			<button type="submit" class="main" disabled={login.busy}>{login.busy ? t('working') : t('login')}</button>
		</form>
		<p><Language /></p>
	</main>;
}
