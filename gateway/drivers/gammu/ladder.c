/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts tries. Called by the worker after each one that failed; a modem that came up begins at the bottom again. */
#include "gateway/drivers/gammu/ladder.h"

#include "gateway/base/err.h"

#define FIRST_MS 500
#define MOST_MS 30000
#define RESET_AT 3
#define POWER_AT 5
#define POWER_EVERY 10 /* the core decides how often it follows */

/* Another program, missing rights, a path to something else: nothing of that is the modem's fault. */
static bool is_its_fault(int error, bool opened)
{
	return opened ? error != E_REFUSED : error == E_NOT_FOUND || error == E_IO;
}

enum ladder_rung ladder_next(struct ladder *l, int error, bool opened)
{
	l->wait_ms = l->failures ? l->wait_ms * 2 : FIRST_MS;
	if (l->wait_ms > MOST_MS || error == E_REFUSED)
		l->wait_ms = MOST_MS;
	l->failures++;
	if (!is_its_fault(error, opened))
		return LADDER_PERSON;
	if (l->may_reset && opened && l->failures % POWER_EVERY == RESET_AT)
		return LADDER_RESET;
	return l->failures % POWER_EVERY == POWER_AT ? LADDER_POWER : LADDER_REOPEN;
}

const char *ladder_event(enum ladder_rung r)
{
	static const char *const events[] = {
		[LADDER_PERSON] = "ladder.person", [LADDER_REOPEN] = "ladder.reopen",
		[LADDER_RESET] = "ladder.reset",   [LADDER_POWER] = "ladder.power",
	};
	return events[r];
}
