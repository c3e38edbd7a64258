/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of a case by time alone: the villager is reminded of a question and the case goes on without an answer; silence about
 * an answer closes; a delay is excused, and a long one goes to the province; at a promised date it is asked whether it was done. By day only: these texts are unasked. */
#ifndef CAUNOI_HANDLERS_CASECARE_H
#define CAUNOI_HANDLERS_CASECARE_H

#include "gateway/duty.h"
#include "handlers/chain.h"

/* The answer to "was it done?". */
int casecare_answer(struct turn *turn, int64_t id, bool yes);

extern const struct duty casecare_duty;
extern const struct sql_module casecare_module;

#endif
