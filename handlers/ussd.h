/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One input of a USSD session, in one tick: understood against what came before, acted on once, its answer kept, so that the network may ask
 * again. Called with what the web process read from a callback, and with what somebody types into the simulator. */
#ifndef CAUNOI_HANDLERS_USSD_H
#define CAUNOI_HANDLERS_USSD_H

#include "gateway/duty.h"
#include "gateway/tick.h"
#include "handlers/conversation.h"

#define USSD_RESUME_MS (INT64_C(15) * 60 * 1000) /* a dropped session is offered again for so long */
#define USSD_INPUT_BYTES 600			 /* all that a session puts in; more is no telephone's doing */

/* How an input came. */
struct ussd_step {
	const char *door, *menu;
	const char *session; /* the network's id */
	int64_t address;     /* 0: a rehearsal, nothing is done */
	const char *input;  /* cumulative: all inputs of the session, joined by "*" */
	bool cumulative;
	bool first, says_first; /* it opens the session; the door says which ones do */
	int64_t sequence;	/* its number in the session; -1 = not told */
	bool once;		/* whoever asks takes care that nothing is asked twice */
};
struct ussd_answer {
	char text[CONVERSATION_SAID_BYTES];
	bool more; /* the session goes on */
};

/* 0 also for what cannot be used: then the answer says so and nothing was written. E_NOT_FOUND: no such menu. */
MUST_CHECK int ussd_take(struct tick *t, const struct ussd_step *s, struct ussd_answer *ret);
/* Words of forsaken sessions become cases; rows of yesterday go. */
extern const struct duty ussd_duty;

#endif
