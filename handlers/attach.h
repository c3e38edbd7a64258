/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words that come within ten days of a case's answer may be about it: the sender is asked. Without an answer kept.c's duty
 * opens a case of their own. */
#ifndef CAUNOI_HANDLERS_ATTACH_H
#define CAUNOI_HANDLERS_ATTACH_H

#include "handlers/chain.h"

/* Asks whether the message belongs to a case that was answered. *ret_offered false: there is none, or nothing may be said now. */
MUST_CHECK int attach_offer(struct turn *turn, bool *ret_offered);
/* Asks ahead for what attach_offer reads first. */
void attach_ahead(struct tick *t, int64_t address);
/* Yes: the kept words join the case, which is looked at again. No: a case of their own. */
MUST_CHECK int attach_answer(struct turn *turn, bool yes);
/* Adds words of the sender to a case, which is opened again where it was answered or closed; says so and sets the result. */
MUST_CHECK int attach_to(struct turn *turn, const struct casefile *c, const char *text, int64_t inbound);

/* Was it closed so long ago that new words are a new case? */
bool attach_is_over(const struct turn *turn, const struct casefile *c);

extern const struct sql_module attach_module;

#endif
