/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From words to a case: opened at once and receipted, joined, added to. A life in danger is told to the officer on duty. */
#ifndef CAUNOI_HANDLERS_FEEDBACK_H
#define CAUNOI_HANDLERS_FEEDBACK_H

#include "handlers/chain.h"

int feedback_handle(struct turn *turn);
/* Asks ahead for what feedback_handle reads of its sender. */
void feedback_ahead(struct tick *t, const struct inbound *in);
int feedback_urgent(struct turn *turn);
int feedback_info(struct turn *turn);

/* Opens (or joins) the case of this message's words and sends the receipt; sets the result. */
MUST_CHECK int feedback_open(struct turn *turn, enum reply receipt, struct casefile *ret);
/* The same for other words of the sender. receipt REPLY_COUNT: says nothing. */
MUST_CHECK int feedback_open_words(struct turn *turn, const char *text, enum reply receipt, struct casefile *ret);
/* Digits of a code without its letters. */
const char *feedback_digits(const struct casefile *c);

#endif
