/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The estimate: segments that are left, by the forecast of what the channels carry. Called by the campaign shape. Reads only. */
#include "campaigns/eta.h"

#include <math.h>

#include "gateway/forecast.h"
#include "gateway/policy.h"

int64_t eta_at(const struct scope *in, const struct campaign *c, const int64_t counts[MESSAGE_STATES])
{
	int64_t end_ms = 0;
	if (c->state != CAMPAIGN_RUNNING && c->state != CAMPAIGN_SCHEDULED)
		return 0;
	int64_t left = counts[MESSAGE_HELD] + counts[MESSAGE_QUEUED] + counts[MESSAGE_SENDING] + counts[MESSAGE_RETRY];
	if (!c->plan_done && c->total > c->planned)
		left += c->total - c->planned;
	double segments = c->planned > 0 ? (double)left * (double)c->segments / (double)c->planned : (double)left;
	int r = forecast_end(in, &(struct forecast){ .segments = (int64_t)ceil(segments), .persons = left, .channel = c->pin,
						     .sleeps = policy_class_sleeps(c->class), .from_ms = c->start_at }, &end_ms);
	return r || end_ms == FORECAST_NEVER ? 0 : end_ms;
}
