// SPDX-License-Identifier: GPL-3.0-or-later
// Pages that are not needed for the first look: fetched when one of them is opened, or once the line is quiet. Whoever works with
// cases over a slow line waits for none of it.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Problem } from './api';
import { t } from './i18n';
import { Trouble } from './parts';

type Office = typeof import('./office');

const office = signal<Office | undefined>(undefined), failed = signal(false);
const QUIET_MS = 4000;

function fetchOffice(): void {
	if (office.value) return;
	import('./office').then((pages) => {
		office.value = pages;
		failed.value = false;
	}, () => { failed.value = true; });
}

/** Before anybody asks for it: what is there already is not waited for. */
export function fetchWhenQuiet(): () => void {
	const timer = setTimeout(fetchOffice, QUIET_MS);
	return () => clearTimeout(timer);
}

function Wait() {
	useEffect(fetchOffice, []);
	/* a newer release has other names, which only a new page knows */
	if (failed.value) return <Trouble problem={new Problem(0, 'offline', '', '', {})} retry={() => location.reload()} />;
	return <p class="waiting" role="status">{t('loading')}</p>;
}

/** The page of that name, as soon as it is there. */
export function later(name: keyof Office) {
	return function Later() {
		const Page = office.value && office.value[name];
		return Page ? <Page /> : <Wait />;
	};
}
