/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may be done with a case in the state it is in: one table, asked by every verb before it acts and shown with the case, so that
 * a page offers exactly what would be accepted. */
#ifndef CAUNOI_HANDLERS_CASERULE_H
#define CAUNOI_HANDLERS_CASERULE_H

#include <jansson.h>

#include "gateway/verb.h"
#include "handlers/casefile.h"

enum case_act {
	ACT_REPLY,
	ACT_ASK,
	ACT_ASSIGN,
	ACT_MOVE,
	ACT_VERIFY,
	ACT_FORWARD,
	ACT_EXTEND,
	ACT_REFER,
	ACT_ACCEPT,
	ACT_RETURN,
	ACT_RESTRICT,
	ACT_MERGE,
	ACT_TOPIC,
	ACT_CRITIQUE,
	ACT_CLOSE,
	ACT_NOTE,
	ACT_LOCK,
	ACT_UNLOCK,
	ACT_REVEAL,
	ACT_COUNT,
};

/* 0, or E_REFUSED with *why (409, "case_state" and the like). territory: of whoever asks. */
MUST_CHECK int caserule_check(const struct scope *in, const struct casefile *c, enum case_act act, const char *territory, struct refusal *why);
/* Does it need the case to itself: is it refused while somebody else writes an answer? */
bool caserule_needs_lock(enum case_act act);
/* May a person move it there by hand? What is told, forwarded or asked has a verb of its own that says more. */
bool caserule_may_move(const struct casefile *c, enum case_state to);
/* ["reply","assign",…], what caserule_check lets through; NULL on no memory. */
json_t *caserule_acts(const struct scope *in, const struct casefile *c, const char *territory);
/* The states of `case move`. */
json_t *caserule_moves(const struct casefile *c);

#endif
