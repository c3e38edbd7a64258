/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who of a rule's people would be left out, and why: judged as preview and planner judge, before any campaign is written. */
#ifndef CAUNOI_CAMPAIGNS_LEFTOUT_H
#define CAUNOI_CAMPAIGNS_LEFTOUT_H

#include <jansson.h>

#include "campaigns/audience.h"
#include "campaigns/campaign.h"

#define LEFTOUT_NAMED_MAX 50 /* people who are told one by one */

struct leftout {
	struct campaign as; /* what would be sent, as far as it is known */
};
void leftout_done(struct leftout *l);
/* From the arguments text, class, topic and channel, all of which may be absent; a text that cannot be read yet counts as none. E_NOMEM. */
MUST_CHECK int leftout_open(const json_t *args, struct leftout *ret);
/* Judges one person and adds to sums: "excluded", {reason: n}, and "left_out", [{"id","name","reason"}]. */
MUST_CHECK int leftout_add(const struct scope *in, const struct leftout *l, const struct audience *a, int64_t person, const char *name, json_t *sums);

#endif
