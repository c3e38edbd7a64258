/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What nobody understood: asked about once, hinted at once, and then left to a person. Another language goes to a person at once. */
#ifndef CAUNOI_HANDLERS_UNCLEAR_H
#define CAUNOI_HANDLERS_UNCLEAR_H

#include "handlers/chain.h"

int unclear_ask(struct turn *turn);
/* Asks ahead for what unclear_ask reads first. */
void unclear_ahead(struct tick *t, const struct inbound *in);
/* The answer to the hint: 1 and 2 tell of a topic, 3 how to write, 0 wants a person. */
MUST_CHECK int unclear_answer(struct turn *turn);
/* Is this the hint's question? */
bool unclear_asked(const struct question *q);

extern const struct sql_module unclear_module;

#endif
