// SPDX-License-Identifier: GPL-3.0-or-later
// Bars of counts, drawn; what they say stands in the table beside them.
export interface Bar { label: string; value: number }

const ROW = 22;

export function Bars({ bars, label }: { bars: Bar[]; label: string }) {
	const most = bars.reduce((max, b) => Math.max(max, b.value), 0);
	if (!most) return null;
	return <svg class="chart" role="img" aria-label={label} viewBox={`0 0 460 ${bars.length * ROW}`} width="460" height={bars.length * ROW}>
		{bars.map((b, i) => <g key={b.label} transform={`translate(0 ${i * ROW})`}>
			<rect class="bar-value" x="0" y="3" width={Math.max(2, (200 * b.value) / most)} height={ROW - 8} rx="3" />
			<text x={Math.max(2, (200 * b.value) / most) + 6} y={ROW - 8}>{b.value} · {b.label.length > 24 ? `${b.label.slice(0, 23)}…` : b.label}</text>
		</g>)}
	</svg>;
}
