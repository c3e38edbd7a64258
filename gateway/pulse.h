/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long ticks took that had many frames to handle, counted by the millisecond. Noted by core.c; told when the core ends. */
#ifndef CAUNOI_GATEWAY_PULSE_H
#define CAUNOI_GATEWAY_PULSE_H

#include <stddef.h>
#include <stdint.h>

#define PULSE_FRAMES 200   /* a tick with fewer is not noted */
#define PULSE_SPANS 1024   /* whatever took longer counts as the last */

struct pulse {
	uint32_t by_ms[PULSE_SPANS];
	int64_t n;
};

void pulse_note(struct pulse *p, size_t n_frames, int64_t took_ms);
/* The span that percent of them did not pass, in ms; 0 when none was noted. */
int64_t pulse_percentile(const struct pulse *p, int percent);

#endif
