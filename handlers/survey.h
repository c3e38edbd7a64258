/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer to the open question: recorded, and acted on where the question was our own (feedback? stop? agree?). */
#ifndef CAUNOI_HANDLERS_SURVEY_H
#define CAUNOI_HANDLERS_SURVEY_H

#include "handlers/chain.h"

int survey_answer(struct turn *turn);
/* The answer alone, where something else was said that matters more. */
MUST_CHECK int survey_take(struct turn *turn);

#endif
