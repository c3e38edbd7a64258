/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the modem and the network do later: a short list of moments, each with a function. Equal moments fire in the
 * order of their adding. */
#ifndef CAUNOI_SIM_MODEM_TIMERS_H
#define CAUNOI_SIM_MODEM_TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/clock.h"

struct modem;
typedef void timer_fire(struct modem *m, void *data);

struct timer {
	int64_t due_ms;
	timer_fire *fire;
	void *data;
};
struct timers {
	const struct clock *clock;
	struct timer *list;
	size_t n, room;
};

void timers_done(struct timers *t);
/* data is heap memory or NULL, and is freed behind the call or when cancelled. */
void timers_add(struct timers *t, int64_t after_ms, timer_fire *fire, void *data);
/* True when there was one. */
bool timers_cancel(struct timers *t, timer_fire *fire);
/* Milliseconds until the next one, for poll(); -1 when there is none. */
int timers_wait_ms(const struct timers *t);
/* Fires what is due. */
void timers_run(struct timers *t, struct modem *m);

#endif
