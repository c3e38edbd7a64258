/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One call carried to the core or the query process and its result brought back and printed. */
#ifndef CAUNOI_CONSOLE_TERMINAL_ERRAND_H
#define CAUNOI_CONSOLE_TERMINAL_ERRAND_H

#include "config/config.h"
#include "console/terminal/arguments.h"
#include "console/terminal/desk.h"
#include "gateway/base/clock.h"
#include "gateway/base/random.h"

struct errand {
	const struct desk *desk;
	const struct config *config; /* socket paths */
	const struct arguments *said;
	json_t *args; /* owned by the caller: files read in place */
	const struct clock *clock;
	struct random *random;
};

/* Carries out a command, query or disclosure and gives the exit code. E_UNAVAILABLE negative when the core cannot be reached and
 * nothing was printed yet: the caller may have another way (backup), or says so. */
int errand_run(struct errand *e);
/* Carries out a command: 0 with *ret its result, the caller's; else an exit code, everything said; E_UNAVAILABLE as above. */
MUST_CHECK int errand_ask(struct errand *e, json_t **ret);

#endif
