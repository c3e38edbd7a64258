/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One message taken by one channel: may it go now, in which shape, and what is written before it does. Called by dispatch.c. */
#ifndef CAUNOI_GATEWAY_CLAIM_H
#define CAUNOI_GATEWAY_CLAIM_H

#include "gateway/candidate.h"
#include "gateway/core.h"
#include "gateway/lineup.h"

/* What holds for the whole claim of one tick. */
struct claim {
	struct tick *t;
	struct lineup lineup;
	int room[CHANNELS_MAX], used[CHANNELS_MAX], segments[CHANNELS_MAX];
	int left;
	struct candidate *rows; /* CANDIDATES_MAX */
	int64_t written; /* changes when the lanes were asked for */
	int local_min;
	int64_t quiet_ends_at;
};

/* Claims it for the channel, or moves it to where its policy says. The day's quota reached: no room is left. */
MUST_CHECK int claim_one(struct claim *k, int index, int64_t flow, const struct candidate *c);

extern const struct sql_module claim_module;

#endif
