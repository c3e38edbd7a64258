/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What main.c hands down to the core: calls upward go through this table and nothing else. */
#ifndef CAUNOI_GATEWAY_WIRING_H
#define CAUNOI_GATEWAY_WIRING_H

#include "gateway/duty.h"
#include "gateway/intake.h"
#include "gateway/job.h"
#include "gateway/registry.h"

struct wiring {
	const struct registry *registry;
	const struct duty *duties; /* besides the gateway's own */
	size_t n_duties;
	const struct job_kind *jobs;
	size_t n_jobs;
	intake_fn intake;
	intake_ahead_fn intake_ahead; /* NULL nothing */
	/* Around what the handlers do, whatever door it came through: what a campaign asks of the sender becomes an open question; what they did
	 * counts for that campaign. NULL: nobody asks, nobody counts. */
	int (*invite)(struct tick *t, const struct inbound *in);
	int (*respond)(struct tick *t, const struct inbound *in, const struct handled *h);
	/* One input of a USSD session, as the web process read it: *ret is what is shown, {"text","more"}. NULL: nobody listens. */
	int (*ussd)(struct tick *t, const json_t *step, json_t **ret, struct refusal *why);
	/* The code of the topic that said means, upper or lower case; NULL when there is none. Itself NULL: topics are not looked at. */
	const char *(*topic)(const struct scope *in, const char *said);
	/* The code of the topic that a text of ours speaks of, NULL for none. Itself NULL: texts are not looked at. */
	int (*about)(const struct scope *in, const char *text, const char **ret);
	/* The topic of a programme that people sign up for; NULL when there is none of that name. Itself NULL: names are not looked at. */
	const char *(*programme)(const struct scope *in, const char *name);
};

#endif
