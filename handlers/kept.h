/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words that are kept until their sender says what they are: feedback, about which topic, about which case. After 24 hours without
 * an answer they become a case, so that a person sees them (kept_duty). */
#ifndef CAUNOI_HANDLERS_KEPT_H
#define CAUNOI_HANDLERS_KEPT_H

#include "gateway/duty.h"
#include "handlers/chain.h"

#define KEPT_MS (INT64_C(24) * 60 * 60 * 1000)

/* The words of an earlier message, the caller's, and its channel. E_NOT_FOUND. */
MUST_CHECK int kept_text(const struct scope *in, int64_t inbound, char **ret_text, char ret_channel[40]);
/* The case of an earlier message that the sender now says is one; the question's topic stands in where its words name none. receipt as in feedback_open_words. */
MUST_CHECK int kept_open(struct turn *turn, int64_t inbound, enum reply receipt, struct casefile *ret);
/* An earlier message has become part of a case: its row says so. */
MUST_CHECK int kept_belongs(struct tick *t, int64_t inbound, int64_t casefile);

extern const struct duty kept_duty;
extern const struct sql_module kept_module;

#endif
