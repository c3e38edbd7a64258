/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From words to a case: opened at once and receipted, joined, added to, or asked about first. What nobody understood is asked
 * about once and goes to a person after 24 hours (feedback_duty). */
#ifndef CAUNOI_HANDLERS_FEEDBACK_H
#define CAUNOI_HANDLERS_FEEDBACK_H

#include "gateway/duty.h"
#include "handlers/chain.h"

int feedback_handle(struct turn *turn);
int feedback_urgent(struct turn *turn);
int feedback_info(struct turn *turn);
/* Not understood: asks whether it is feedback or a refusal, or hints how to write. */
int feedback_ask(struct turn *turn);

/* Opens (or joins) the case of this message's words and sends the receipt; sets the result. */
MUST_CHECK int feedback_open(struct turn *turn, enum reply receipt, struct casefile *ret);
/* The case of an earlier message that the sender now says is feedback. */
MUST_CHECK int feedback_open_kept(struct turn *turn, int64_t inbound, struct casefile *ret);
/* Digits of a code without its letters. */
const char *feedback_digits(const struct casefile *c);

extern const struct duty feedback_duty;
extern const struct sql_module feedback_module;

#endif
