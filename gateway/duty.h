/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Work that is due by time: each duty does a bounded piece in the tick and says when it wants to be called again. */
#ifndef CAUNOI_GATEWAY_DUTY_H
#define CAUNOI_GATEWAY_DUTY_H

#include "gateway/tick.h"

struct duty {
	const char *name;
	/* *ret_due_at: Unix ms of the next call; ≤ t->in.now_ms means in the next tick. Times come from rows, not from memory. */
	int (*run)(struct tick *t, int64_t *ret_due_at);
	/* Asks ahead for what run will read first (store_ahead); NULL nothing. What is written in between makes it forgotten. */
	void (*ahead)(struct tick *t);
};

#endif
