/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time as an argument. now_ms is wall time (Unix ms, UTC), mono_ms never goes back. The real clock reads the
 * system; a simulated one is set by its owner. Only programs' mains and tests make one; logic is handed it. */
#ifndef CAUNOI_BASE_CLOCK_H
#define CAUNOI_BASE_CLOCK_H

#include <stdint.h>

struct clock {
	int64_t (*now_ms)(const struct clock *self);
	int64_t (*mono_ms)(const struct clock *self);
	int64_t sim_now_ms;  /* simulated clock only */
	int64_t sim_mono_ms; /* simulated clock only */
};

struct clock clock_real(void);
struct clock clock_simulated(int64_t now_ms);
/* Moves both times of a simulated clock forward by after_ms. */
void clock_advance(struct clock *c, int64_t after_ms);

static inline int64_t clock_now_ms(const struct clock *c)
{
	return c->now_ms(c);
}
static inline int64_t clock_mono_ms(const struct clock *c)
{
	return c->mono_ms(c);
}

#endif
