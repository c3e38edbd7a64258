/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A message that is due, as the claim reads it: with its number and what its address wants. Called by dispatch.c and claim.c. */
#ifndef CAUNOI_GATEWAY_CANDIDATE_H
#define CAUNOI_GATEWAY_CANDIDATE_H

#include "gateway/message.h"
#include "gateway/store/store.h"
#include "gateway/tick.h"

#define CANDIDATE_BATCH 64 /* read at once */
#define CANDIDATE_DAY_MS (INT64_C(24) * 3600000)

struct candidate {
	int64_t id, address, expires_at, claimed_at;
	enum message_class class;
	enum message_state state;
	int tries, parts, udh_ref;
	bool begun;      /* a part of it was accepted or is unclear */
	bool dnc;        /* an advert to somebody on the Do-Not-Call list */
	const char *bad; /* why no frame can be made of it: it must not hold up the others; NULL = none */
	char *topic, *sender, *text, *number, *off, *unreachable;
};

/* Those due of a flow and pin. Asks for as many as the channel has room for in the tick, whatever is used of it: an answer asked ahead
 * fits then, too. */
struct statement *candidate_ready(struct tick *t, int64_t flow, const char *pin, int room);
/* At most n of them; each of *ret_n wants candidate_done, also after a failure. */
MUST_CHECK int candidate_read(struct tick *t, struct statement *st, int n, struct candidate *ret, int *ret_n);
/* Asks ahead for candidate_count_24h. Only the first of a number: what that one does counts for the others. */
void candidate_ask_ahead(struct tick *t, const struct candidate *rows, int n);
/* How many of the kind that is capped the number got within a day, and when the first of them. */
MUST_CHECK int candidate_count_24h(struct tick *t, const struct candidate *c, int64_t *ret_count, int64_t *ret_oldest);
void candidate_done(struct candidate *c);

extern const struct sql_module candidate_module;

#endif
