/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is writing an answer to a case: a row that lasts five minutes. Others read on, see who it is, and may take over; what they
 * would change meanwhile is refused. */
#ifndef CAUNOI_HANDLERS_CASELOCK_H
#define CAUNOI_HANDLERS_CASELOCK_H

#include "gateway/store/store.h"
#include "gateway/verb.h"
#include "gateway/tick.h"

#define CASE_LOCK_MS (INT64_C(300) * 1000)

struct caselock {
	int64_t casefile, until_at;
	char holder[80]; /* an actor, "user:hoa" */
};

/* The lock that holds now; E_NOT_FOUND. */
MUST_CHECK int caselock_find(const struct scope *in, int64_t id, struct caselock *ret);
/* 409 "case_locked" with holder and until. */
int caselock_refuse(const struct scope *in, const struct caselock *lock, struct refusal *why);
/* The holder is done with it; nothing when somebody else holds it. */
MUST_CHECK int caselock_release(struct tick *t, int64_t id, const char *actor);

extern const struct verb_table caselock_verbs;
extern const struct sql_module caselock_module;

#endif
