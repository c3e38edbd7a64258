/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A campaign that asks: its dialogue, and the question that stands open for who was asked. The question's row is made when the first
 * word comes back, not when a million messages go out; answers are the handlers'. */
#ifndef CAUNOI_CAMPAIGNS_POLL_H
#define CAUNOI_CAMPAIGNS_POLL_H

#include "campaigns/response.h"
#include "gateway/intake.h"
#include "gateway/verb.h"

/* campaign new --survey: the dialogue belongs to the campaign from now on. E_INVALID with *why when it is none. */
MUST_CHECK int poll_attach(struct tick *t, const struct call *c, int64_t campaign, struct refusal *why);
/* Before a message is understood: when its sender was reached last (found) by a campaign that asks, and has not voted or may still change the
 * vote, the first question is open. */
MUST_CHECK int poll_invite(struct tick *t, const struct inbound *in, const struct response *found);

extern const struct sql_module poll_module;

#endif
