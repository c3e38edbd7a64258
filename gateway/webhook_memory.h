/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What webhook.c and webhook_upkeep.c share. Private to them. */
#ifndef CAUNOI_GATEWAY_WEBHOOK_MEMORY_H
#define CAUNOI_GATEWAY_WEBHOOK_MEMORY_H

#include "gateway/core.h"

#define WEBHOOK_FAILURES 5 /* in a row: the receiver is down, and one event at a time is tried */
#define WEBHOOK_LIVES_MS (INT64_C(24) * 3600000)

static inline int64_t webhook_place(const struct tick *t, const struct webhook *w)
{
	return w - t->core->webhooks;
}

/* For tick_after: so many more wait, were given up. */
void webhook_count_waiting(struct core *core, int64_t place, int64_t by);
void webhook_count_given_up(struct core *core, int64_t place, int64_t by);
/* Hands its program what is due, as far as there is room. */
MUST_CHECK int webhook_give_out(struct tick *t, struct webhook *w);

#endif
