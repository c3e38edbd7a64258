/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What to try next with a modem that cannot be brought up, one rung after the other: wait and open it anew (each try asks AT and
 * initialises), restart its radio part where that is allowed, ask the core for its power, begin again. Pure. */
#ifndef CAUNOI_DRIVERS_GAMMU_LADDER_H
#define CAUNOI_DRIVERS_GAMMU_LADDER_H

#include <stdbool.h>
#include <stdint.h>

enum ladder_rung {
	LADDER_PERSON, /* only a person can help: PIN, rights, another program; looked at again now and then */
	LADDER_REOPEN,
	LADDER_RESET,  /* AT+CFUN=1,1 */
	LADDER_POWER,  /* its power, which only the core can switch */
};

struct ladder {
	bool may_reset;
	int failures;
	int64_t wait_ms; /* before the next try */
};

/* One try failed with error; opened: the device itself could be opened. */
enum ladder_rung ladder_next(struct ladder *l, int error, bool opened);
/* "ladder.reopen" and the like: the event of the rung's log line. */
const char *ladder_event(enum ladder_rung r);

#endif
