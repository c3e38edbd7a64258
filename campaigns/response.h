/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people wrote back: counted for the campaign that reached them last, within a week. Called by main.c's intake behind
 * the handlers; never looks into texts. */
#ifndef CAUNOI_CAMPAIGNS_RESPONSE_H
#define CAUNOI_CAMPAIGNS_RESPONSE_H

#include "gateway/intake.h"

/* The campaign that reached the sender last, and when; 0 = none. */
struct response {
	int64_t campaign, sent_at;
};
MUST_CHECK int response_find(struct tick *t, const struct inbound *in, struct response *ret);
/* Asks ahead for what response_find and response_count read. */
void response_ahead(struct tick *t, const struct inbound *in);
/* One reply more of what was found, and one opt-out more when the handlers took it for one. 0 also when no campaign reached the sender. */
MUST_CHECK int response_count(struct tick *t, const struct inbound *in, const struct response *found, const struct handled *h);

extern const struct sql_module response_module;

#endif
