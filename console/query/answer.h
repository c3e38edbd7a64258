/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One query from its frame to its reply: caller, role, arguments, a short read transaction, rows. */
#ifndef CAUNOI_QUERY_ANSWER_H
#define CAUNOI_QUERY_ANSWER_H

#include <sys/types.h>

#include "gateway/registry.h"
#include "gateway/scope.h"

#define USED_TICKETS 256

/* Tickets answered already, until they have expired by themselves. */
struct used_tickets {
	uint8_t digest[USED_TICKETS][32];
	int64_t until[USED_TICKETS];
};

struct answerer {
	const struct scope *in; /* now_ms is set per query by the caller; db is the store itself */
	const struct registry *registry;
	struct store *replica;  /* read instead of the store as long as it is not too far behind; NULL = none */
	struct used_tickets used;
	struct scope now;       /* of the query in hand: what it reads */
	const struct verb *audited; /* the last query's verb when what it read is to be written down, else NULL */
	char actor[80];             /* and who asked */
	const struct verb *asked;   /* what it asked, NULL before that is known */
	char attempt[40];           /* "case:7": it asked for that in vain, and nobody but the audit is told; "" = nothing */
};

/* *ret is {"op":"rows",…}, with "as_of_ms" and "stale_ms" where a replica is known, or {"op":"reply",…,"ok":false}; NULL only on no memory. */
json_t *answer_query(struct answerer *a, uid_t uid, bool is_web, const json_t *frame);

#endif
