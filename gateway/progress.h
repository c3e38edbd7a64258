/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far long work is that runs without a core: one line on standard error that is written over, when that is a terminal. */
#ifndef CAUNOI_GATEWAY_PROGRESS_H
#define CAUNOI_GATEWAY_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/clock.h"

struct progress {
	const char *verb; /* "copying" */
	const struct clock *clock;
	bool shown;       /* to a terminal */
	bool begun;
	int64_t at_ms;
};

struct progress progress_begin(const char *verb, const struct clock *clock);
/* As copier_watch.step, arg a struct progress; always 0. */
int progress_step(void *arg, const char *what, int64_t done, int64_t total);
/* Takes the line away. */
void progress_end(struct progress *p);

#endif
