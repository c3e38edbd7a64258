/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two questions open at once: an answer goes to the newest that it fits; a bare digit that fits both is asked back. Called by
 * the chain before it acts, and by survey.c with the answer. */
#ifndef CAUNOI_HANDLERS_WHICH_H
#define CAUNOI_HANDLERS_WHICH_H

#include "handlers/chain.h"

/* Looks at the question before the newest: turns to it where the message fits it alone. *ret_asked: the sender was asked which. */
MUST_CHECK int which_settle(struct turn *turn, bool *ret_asked);
/* The sender said which: turns to that question with the digit that was sent. E_NOT_FOUND when it has closed meanwhile. */
MUST_CHECK int which_answer(struct turn *turn);
/* Is this the question that which_settle asks? */
bool which_asked(const struct question *q);

#endif
