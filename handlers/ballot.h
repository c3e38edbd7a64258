/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Votes: an answer to a step of a survey, kept once a number; what was answered again within a day replaces it with all that
 * followed. Of an anonymous survey nobody can say after a day who answered what: the duty takes the number off the answer and the words
 * off the message. */
#ifndef CAUNOI_HANDLERS_BALLOT_H
#define CAUNOI_HANDLERS_BALLOT_H

#include "gateway/duty.h"
#include "handlers/chain.h"

/* Is the open question a survey's? */
bool ballot_asked(const struct question *q);
/* Keeps the answer, asks the next step or says the end. */
MUST_CHECK int ballot_take(struct turn *turn);

/* The newest question of a survey that waits for this number. E_NOT_FOUND; freed by question_done. */
MUST_CHECK int ballot_find(const struct scope *in, int64_t address, struct question *ret);
/* Shows the text of the turn's question on its screen. */
MUST_CHECK int ballot_text(struct turn *turn);

extern const struct duty ballot_duty;
extern const struct sql_module ballot_module;

#endif
