/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Long messages between two of their parts. A modem gets one segment at a time, and whoever is more urgent goes in between: a
 * campaign's message rests while answers wait, any message while the channel's pace allows no segment. Its parts stay in order, and
 * after a minute it goes on whatever waits. Nothing is kept here: a part that waits is an attempt that was not handed over. */
#ifndef CAUNOI_GATEWAY_RESTING_H
#define CAUNOI_GATEWAY_RESTING_H

#include "gateway/tick.h"

struct channel;

struct resting_part {
	int64_t attempt, message;
	int part;
};

/* Called when a part is settled and the next one waits: hands it over, or lets it rest. */
MUST_CHECK int resting_next(struct tick *t, struct channel *ch, int64_t flow, const struct resting_part *next);
/* Called by the claim, before messages of the lane are claimed: one part goes on where the channel has room for it beside
 * the used frames of this tick. *ret_went says so. The rest of a message whose channel may not go on is settled as not sent. */
MUST_CHECK int resting_go_on(struct tick *t, struct channel *ch, int lane, int used, bool *ret_went);

extern const struct sql_module resting_module;

#endif
