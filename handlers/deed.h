/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a dialogue does: opens a case, tells a status, stops messages. Done by the handlers that do it for an SMS, so that consent, receipts,
 * danger and accusations are one thing whatever door somebody came through. */
#ifndef CAUNOI_HANDLERS_DEED_H
#define CAUNOI_HANDLERS_DEED_H

#include "gateway/tick.h"
#include "handlers/chain.h"
#include "handlers/dialogue.h"

/* Who does something, where. */
struct deed {
	int64_t address;
	const char *channel; /* the door, as the inbox names it */
	const char *key;     /* unique on the channel: done once */
	const json_t *menu, *place;
};

/* A turn as an SMS of these words would have, with a row of the inbox; in and h stay as long as turn. Ends with deed_close, which has the row
 * handled. */
MUST_CHECK int deed_open(struct tick *t, const struct deed *d, const char *text, struct inbound *in, struct handled *h, struct turn *turn);
MUST_CHECK int deed_close(struct turn *turn);
/* Does the action of the place's step in a turn that is open. */
MUST_CHECK int deed_act(struct turn *turn, const struct deed *d);
/* All of it for somebody who looks at a screen: ret is the last one, its values filled in. */
MUST_CHECK int deed_do(struct tick *t, const struct deed *d, char ret[MENU_SCREEN_BYTES]);
/* The same with nothing done: a code of zeros stands in its screen. */
void deed_rehearse(const struct deed *d, char ret[MENU_SCREEN_BYTES]);
/* How to go on by SMS, to whom the menu was no help; the loop guard counts it. */
MUST_CHECK int deed_help(struct tick *t, const struct deed *d);
/* The words of a place that came to no end and would have opened a case, "" none; borrowed. */
const char *deed_unsaved(const json_t *menu, const json_t *place);
/* They open it now, receipted by SMS. */
MUST_CHECK int deed_save(struct tick *t, const struct deed *d);

#endif
