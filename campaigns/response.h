/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people wrote back: counted for the campaign that reached them last, within a week. Called by main.c's intake behind
 * the handlers; never looks into texts. */
#ifndef CAUNOI_CAMPAIGNS_RESPONSE_H
#define CAUNOI_CAMPAIGNS_RESPONSE_H

#include "gateway/intake.h"

/* One reply more, and one opt-out more when the handlers took it for one. 0 also when no campaign reached the sender. */
MUST_CHECK int response_count(struct tick *t, const struct inbound *in, const struct handled *h);

/* The campaign that reached the sender last, and when; 0 = none. */
MUST_CHECK int response_campaign(struct tick *t, const struct inbound *in, int64_t *ret, int64_t *ret_sent_at);

extern const struct sql_module response_module;

#endif
