// SPDX-License-Identifier: GPL-3.0-or-later
// How long a text is as the network counts, with accents and without, while it is being written. The gateway counts; nothing is
// counted twice in two ways.
import { useEffect, useState } from 'preact/hooks';
import { get } from './api';
import { count } from './format';
import { t } from './i18n';
import { Measure } from './shapes';

const PAUSE_MS = 250;

export function useMeasure(text: string, cls: string): Measure | undefined {
	const [state, set] = useState<{ of: string; measure?: Measure }>({ of: '' });
	useEffect(() => {
		if (!text) return;
		let wanted = true;
		const timer = setTimeout(() => {
			get<Measure>('text/measure', { text, class: cls }).then((measure) => { if (wanted) set({ of: text, measure }); }, () => undefined);
		}, PAUSE_MS);
		return () => { wanted = false; clearTimeout(timer); };
	}, [text, cls]);
	return text ? state.measure : undefined;
}

function Version({ title, text, segments, detail }: { title: string; text: string; segments: number; detail: string }) {
	return <div class="version"><h2>{title} <span class={segments > 1 ? 'badge warn' : 'badge good'}>{t('meter.segments', { n: segments })}</span></h2>
		<p class="sms">{text}</p><small>{detail}</small></div>;
}

export function Meter({ text, cls, use, both }: { text: string; cls: string; use: (text: string) => void; both?: boolean }) {
	const m = useMeasure(text, cls);
	if (!m) return <p class="meter" aria-live="polite">{text ? t('meter.counting') : t('meter.empty')}</p>;
	const saves = m.folded.segments < m.segments;
	return <div class="meter">
		<p aria-live="polite"><b>{t('meter.segments', { n: m.segments })}</b> · {t('meter.characters', { n: count(m.characters) })} · {t('meter.left', { n: m.left })}
			{m.encoding === 'ucs2' && <> · {t('meter.ucs2')}</>}</p>
		{both && <div class="versions">
			<Version title={t('meter.accented')} text={text} segments={m.segments} detail={m.encoding === 'ucs2' ? t('meter.ucs2') : t('meter.gsm7')} />
			<Version title={t('meter.folded')} text={m.folded.text} segments={m.folded.segments} detail={t('meter.gsm7')} /></div>}
		{m.sense.length > 0 && <p class="warn">{t('meter.sense')} {m.sense.map((s, i) => <>{i ? '; ' : ''}<b>{s.word}</b> → {s.plain} ({s.reads.join(', ')})</>)}</p>}
		{m.folded.text !== text && <button type="button" onClick={() => use(m.folded.text)}>{saves ? t('meter.use.saves', { n: m.segments - m.folded.segments }) : t('meter.use')}</button>}
	</div>;
}
