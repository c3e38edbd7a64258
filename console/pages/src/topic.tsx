// SPDX-License-Identifier: GPL-3.0-or-later
// Choosing a topic, or a person who handles a case, from what there is: nobody has to know a code or a user name.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get, Page, Problem } from './api';
import { useData } from './data';
import { lang, named, t } from './i18n';
import { Choice } from './parts';

interface Topic { code: string; vi: string; en: string; restricted: boolean }

const topics = signal<Topic[] | undefined>(undefined);

function load(): void {
	if (!topics.value) get<Page<Topic>>('topic').then((page) => { topics.value = page.items; }, () => undefined);
}

interface Props { label: string; name: string; value: string; set: (value: string) => void; problem?: Problem; hint?: string; none?: string }

/** What is chosen already stays choosable when the gateway knows it no more, or cannot be asked just now. */
export function TopicChoice({ value, none, ...rest }: Props) {
	useEffect(load, []);
	const known = (topics.value || []).map((one) => [one.code, lang === 'en' ? one.en : one.vi] as [string, string]);
	if (value && !known.some(([code]) => code === value)) known.push([value, named('topic', value)]);
	return <Choice {...rest} value={value} options={[['', none || t('topic.none')] as [string, string]].concat(known)} />;
}

/** of: the case that would be theirs. */
export function WorkerChoice({ of, value, ...rest }: Props & { of: number }) {
	const list = useData<Page<{ name: string; unit: string | null }>>(`case/${of}/workers`, {}, ['user']);
	const known = (list.data ? list.data.items : []).map((w) => [w.name, w.unit ? `${w.name} · ${w.unit}` : t('worker.everywhere', { name: w.name })] as [string, string]);
	return <Choice {...rest} value={value} options={[['', t('worker.none')] as [string, string]].concat(known)} />;
}
