// SPDX-License-Identifier: GPL-3.0-or-later
// A telephone that dials: a menu screen by screen, as a network shows it. Hanging up only forgets the session, as a network does; the gateway
// keeps it for whoever dials again.
import { useEffect, useState } from 'preact/hooks';
import { post } from '../api';
import { useAction } from '../data';
import { t } from '../i18n';
import { Choice, Text, Trouble } from '../parts';

interface Answer { session: string; text: string; more: boolean; rehearsal: boolean }

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'], LIMITS_S = ['', '20', '60'];

export function Handset() {
	const [menu, setMenu] = useState('main'), [from, setFrom] = useState(''), [limit, setLimit] = useState(''), [input, setInput] = useState('');
	const [shown, setShown] = useState<Answer>(), [said, setSaid] = useState<string>(), act = useAction(), open = !!shown && shown.more;
	const step = (args: { session?: string; input?: string }) => act.run(async () => {
		const answer = await post<Answer>('ussd/try', { menu, from, ...args });
		setShown(answer);
		setInput('');
		setSaid(answer.more ? undefined : t('ussd.over'));
	});
	const end = (words: string) => { setShown(undefined); setSaid(words); };
	useEffect(() => {
		if (!open || !limit) return;
		const timer = setTimeout(() => end(t('ussd.expired')), Number(limit) * 1000);
		return () => clearTimeout(timer);
	}, [shown, input, limit]);
	const beside = act.problem && ['menu', 'from', 'input'].indexOf(act.problem.field) >= 0;
	return <>
		<p>{t('ussd.what')}</p>
		<form class="inline even" onSubmit={(e) => { e.preventDefault(); step({}); }}>
			<Text label={t('ussd.menu')} name="menu" value={menu} set={setMenu} hint={t('ussd.menu.hint')} problem={act.problem} required />
			<Text label={t('ussd.from')} name="from" type="tel" value={from} set={setFrom} hint={t('ussd.from.hint')} problem={act.problem} />
			<Choice label={t('ussd.limit')} name="limit" value={limit} set={setLimit} options={LIMITS_S.map((s) => [s, s ? t('ussd.limit.some', { n: s }) : t('ussd.limit.none')] as [string, string])} />
			<button type="submit" class="main" disabled={act.busy || open}>{t('ussd.dial')}</button></form>
		<section class="phone" aria-label={t('ussd.screen')}>
			<div class="screen" aria-live="polite">{shown ? <p class="sms">{shown.text}</p> : <p class="empty">{t('ussd.idle')}</p>}</div>
			{shown && <small class="hint">{t('ussd.characters', { n: shown.text.length })}{shown.rehearsal && <> · {t('ussd.rehearsal')}</>}</small>}
			<div role="status">{said && <p class="notice">{said}</p>}</div>
			{open && <form onSubmit={(e) => { e.preventDefault(); step({ session: shown!.session, input }); }}>
				<Text label={t('ussd.input')} name="input" value={input} set={setInput} problem={act.problem} />
				<div class="keypad" role="group" aria-label={t('ussd.input')}>{KEYS.map((k) => <button type="button" key={k} onClick={() => setInput(input + k)}>{k}</button>)}</div>
				<p class="actions"><button type="submit" class="main" disabled={act.busy}>{t('ussd.send')}</button>
					<button type="button" class="danger" onClick={() => end(t('ussd.hung'))}>{t('ussd.hangup')}</button></p></form>}
			{!beside && <Trouble problem={act.problem} />}
		</section></>;
}
