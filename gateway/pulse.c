/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts only; reads no clock. Called by core.c and when the core ends. */
#include "gateway/pulse.h"

void pulse_note(struct pulse *p, size_t n_frames, int64_t took_ms)
{
	if (n_frames < PULSE_FRAMES)
		return;
	int64_t span = took_ms < 0 ? 0 : took_ms < PULSE_SPANS ? took_ms : PULSE_SPANS - 1;
	p->by_ms[span]++;
	p->n++;
}

int64_t pulse_percentile(const struct pulse *p, int percent)
{
	int64_t rank = (p->n * percent + 99) / 100, seen = 0;
	for (int64_t ms = 0; p->n && ms < PULSE_SPANS; ms++) {
		seen += p->by_ms[ms];
		if (seen >= rank)
			return ms;
	}
	return 0;
}
