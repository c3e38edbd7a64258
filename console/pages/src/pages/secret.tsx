// SPDX-License-Identifier: GPL-3.0-or-later
// The secret of one-time codes, shown once: as a picture to scan and as a key to type. The gateway sends the picture as rows of block
// letters, two rows in each, light on dark.
import { t } from '../i18n';

export interface Secret { uri: string; qr: string[] }

function darkPath(rows: string[]): string {
	let path = '';
	rows.forEach((row, y) => Array.from(row).forEach((block, x) => {
		if (block === '▄' || block === ' ') path += `M${x} ${2 * y}h1v1h-1z`;
		if (block === '▀' || block === ' ') path += `M${x} ${2 * y + 1}h1v1h-1z`;
	}));
	return path;
}

export function SecretOnce({ of }: { of: Secret }) {
	const key = /secret=(\w+)/.exec(of.uri)![1]!;
	return <figure class="secret">
		<svg role="img" aria-label={t('totp.picture')} viewBox={`0 0 ${Array.from(of.qr[0]!).length} ${2 * of.qr.length}`} shape-rendering="crispEdges"><path d={darkPath(of.qr)} /></svg>
		<figcaption><p>{t('totp.scan')}</p><code>{key.replace(/(.{4})(?=.)/g, '$1 ')}</code></figcaption>
	</figure>;
}
