/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Turns a running campaign into messages, a bounded batch at a time. The cursor is in the campaign's row and every message
 * has a key of its own (occurrence.h), so that a crash anywhere neither repeats nor leaves out anybody. */
#ifndef CAUNOI_CAMPAIGNS_PLANNER_H
#define CAUNOI_CAMPAIGNS_PLANNER_H

#include "campaigns/campaign.h"
#include "gateway/duty.h"

#define PLANNER_BATCH 500 /* people a tick */

/* Plans the next people of c and saves it; sets plan_done at the end. The state must be running. */
MUST_CHECK int planner_batch(struct tick *t, struct campaign *c, int n);

#endif
