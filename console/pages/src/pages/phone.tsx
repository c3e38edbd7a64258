// SPDX-License-Identifier: GPL-3.0-or-later
// A villager's phone on the simulated network, for training: what one writes goes the whole way, and what comes back is shown.
import { useEffect, useState } from 'preact/hooks';
import { may, newKey, post } from '../api';
import { useAction } from '../data';
import { t } from '../i18n';
import { changes } from '../live';
import { Notice, Page, Text, Trouble, When } from '../parts';
import { hrefOf, route } from '../route';
import { Handset } from './handset';

interface Heard { at: string; channel: string; text: string; parts: number; message: number | string }
interface Line { at: string; text: string; mine: boolean }

function useHeard(number: string): { heard: Heard[]; problem: ReturnType<typeof useAction>['problem']; look: () => void } {
	const [heard, setHeard] = useState<{ of: string; list: Heard[] }>({ of: '', list: [] }), act = useAction();
	const look = () => { if (number) act.run(async () => { setHeard({ of: number, list: await post<Heard[]>(`loopback/${encodeURIComponent(number)}/heard`) }); }); };
	useEffect(look, [number, changes.value['']]);
	return { heard: heard.of === number ? heard.list : [], problem: act.problem, look };
}

/** What was said here stays for the visit; what was heard the simulated phone keeps. */
function Sms() {
	const [typed, setTyped] = useState('0916000105'), [number, setNumber] = useState('0916000105'), [text, setText] = useState('');
	const [mine, setMine] = useState<Line[]>([]), [said, setSaid] = useState<string>();
	const { heard, problem, look } = useHeard(number), send = useAction();
	const lines = heard.map((h) => ({ at: h.at, text: h.text, mine: false })).concat(mine).sort((a, b) => (a.at < b.at ? -1 : 1));
	const submit = (e: Event) => {
		e.preventDefault();
		send.run(async () => {
			const answer = await post<{ at: string }>('loopback/say', { from: number, text }, newKey());
			setMine(mine.concat({ at: answer.at, text, mine: true }));
			setText('');
			setSaid(t('phone.sent'));
			look();
		});
	};
	return <>
		<p>{t('phone.what')}</p>
		<form class="inline" onSubmit={(e) => { e.preventDefault(); setNumber(typed.trim()); setMine([]); }}>
			<Text label={t('phone.number')} name="number" type="tel" value={typed} set={setTyped} problem={problem} required /><button type="submit">{t('phone.take')}</button></form>
		{problem && problem.field !== 'number' && <Trouble problem={problem} retry={look} />}
		<section class="phone" aria-label={number}>
			<ol class="talk" aria-live="polite" tabIndex={0} aria-label={t('phone.talk')}>{lines.map((l) => <li class={l.mine ? 'villager' : 'staff'}><p class="meta">{l.mine ? t('phone.villager') : t('phone.gateway')} · <When at={l.at} /></p><p class="sms">{l.text}</p></li>)}
				{!lines.length && <li class="empty">{t('phone.empty')}</li>}</ol>
			<form onSubmit={submit}><Text label={t('phone.text')} name="text" value={text} set={setText} rows={2} problem={send.problem} required />
				{send.problem && send.problem.field !== 'text' && <Trouble problem={send.problem} />}
				<button type="submit" class="main" disabled={send.busy || !text.trim()}>{t('phone.send')}</button><Notice text={said} /></form>
		</section>
	</>;
}

export function Phone() {
	const dials = route.value.path[1] === 'ussd';
	return <Page title={t('nav.phone')}>
		{may('ussd.try') && <nav class="tabs" aria-label={t('nav.phone')}><a href={hrefOf('phone')} aria-current={dials ? undefined : 'page'}>{t('phone.sms')}</a><a href={hrefOf('phone/ussd')} aria-current={dials ? 'page' : undefined}>{t('phone.ussd')}</a></nav>}
		{dials ? <Handset /> : <Sms />}
	</Page>;
}
