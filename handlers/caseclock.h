/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long a case may stay where it is, in working days: by when its present state should be left, and when a delay is to be
 * excused. Pure; being late is computed from these moments and never stored. */
#ifndef CAUNOI_HANDLERS_CASECLOCK_H
#define CAUNOI_HANDLERS_CASECLOCK_H

#include "gateway/scope.h"
#include "handlers/casefile.h"

#define CASE_DAY_MS (INT64_C(24) * 60 * 60 * 1000)
#define CASE_REMIND_MS (5 * CASE_DAY_MS)     /* the villager is asked once more */
#define CASE_GO_ON_MS (10 * CASE_DAY_MS)     /* then the case goes on with what is known */
#define CASE_SILENCE_MS (14 * CASE_DAY_MS)   /* no word about the answer: closed as "no reply" */
#define CASE_REOPEN_MS (30 * CASE_DAY_MS)    /* so long a villager may disagree, or come back to a closed case */

/* 17:00 of the n-th working day behind at_ms, by the country's holidays. */
int64_t caseclock_add(const struct scope *in, int64_t at_ms, int n_days);
/* When the state that c enters now should be left; 0: it is not ours to leave. due_at bounds what waits for another body. */
int64_t caseclock_step(const struct scope *in, const struct casefile *c, enum case_state to);
/* When the villager's turn ends that begins with this state; 0: it is not the villager's. */
int64_t caseclock_wait(const struct scope *in, enum case_state to);
/* Three working days behind the due date. */
int64_t caseclock_sorry(const struct scope *in, int64_t due_at);
/* Five: from then on the level above looks at it. */
int64_t caseclock_climb(const struct scope *in, int64_t due_at);
/* Eight o'clock on the morning behind the local day of at_ms. */
int64_t caseclock_morning_after(const struct scope *in, int64_t at_ms);

#endif
