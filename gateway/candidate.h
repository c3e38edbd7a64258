/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A message that is ready, with what the claim must know to judge it: its number's consent, the Do-Not-Call list, what was sent to that
 * number lately. Read for dispatch.c; claim.c decides. */
#ifndef CAUNOI_GATEWAY_CANDIDATE_H
#define CAUNOI_GATEWAY_CANDIDATE_H

#include "gateway/message.h"
#include "gateway/tick.h"

#define CANDIDATES_MAX 256 /* read at once */
#define CANDIDATE_DAY_MS (INT64_C(24) * 3600000)

struct candidate {
	int64_t id, address, due_at, expires_at;
	enum message_class class;
	enum message_state state;
	int tries, udh_ref;
	bool begun;      /* a part of it was accepted or is unclear */
	bool dnc;        /* an advert to somebody on the Do-Not-Call list */
	bool crowded;    /* bulk, and its number got something of that kind within the last day */
	const char *bad; /* why no frame can be made of it: it must not hold up the others; NULL = none */
	char *topic, *sender, *text, *number, *off, *unreachable;
};

/* Up to where a channel took what was due of a flow with a pin: a server walks through what it has not cleared away yet, the longer the
 * more was taken. A hint for two seconds; what is due from earlier on is seen behind them, or when somebody says so. */
struct candidate_mark {
	int64_t flow, due_at, id, until_mono_ms;
	char pin[40];
};

/* The first n candidates of the flow with this pin for the channel of this index, those due first before the others; no more than most of
 * them are given out. Negative: err of the store, E_NOMEM, E_CORRUPT; the *ret_n that were read by then are the caller's in any case. */
MUST_CHECK int candidates_read(struct tick *t, int channel, int64_t flow, const char *pin, int n, int most, struct candidate *ret, int *ret_n);
/* Says that this will be read, with the same n. */
void candidates_ahead(struct tick *t, int channel, int64_t flow, const char *pin, int n);
/* The channel took all of them up to c. */
MUST_CHECK int candidates_passed(struct tick *t, int channel, int64_t flow, const char *pin, const struct candidate *c);
/* Does such a hint stand for this flow and pin? The channel took there last. */
bool candidates_marked(const struct tick *t, int channel, int64_t flow, const char *pin);
/* Something may have become due from earlier on. */
void candidates_look_again(struct core *core);
void candidate_done(struct candidate *c);

/* How many of its kind the number got within the last day, what is claimed in this tick included, and when the first of them. */
MUST_CHECK int candidate_count_24h(struct tick *t, const struct candidate *c, int64_t *ret_count, int64_t *ret_oldest);
/* Says that this will be asked for each of them. */
void candidates_count_ahead(struct tick *t, const struct candidate *rows, int n);
/* It was claimed: others to its number have one more before them. */
void candidate_claimed(struct tick *t, const struct candidate *c);

extern const struct sql_module candidate_module;

#endif
