/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The estimate: segments that are left over what the channels carry a second. Quiet hours and quotas are not looked at.
 * Called by the campaign shape. Pure. */
#include "campaigns/eta.h"

#include <string.h>

#include "config/config.h"

#define UNLIMITED_PER_S 1000.0

static double segments_per_s(const struct scope *in, const struct campaign *c)
{
	double sum = 0;
	for (size_t i = 0; i < in->config->n_channels; i++) {
		const struct channel_config *ch = &in->config->channels[i];
		if (!*c->pin || !strcmp(ch->name, c->pin))
			sum += ch->rate_per_second > 0 ? ch->rate_per_second : UNLIMITED_PER_S;
	}
	return sum;
}

int64_t eta_at(const struct scope *in, const struct campaign *c, const int64_t counts[MESSAGE_STATES])
{
	double per_s = segments_per_s(in, c);
	if ((c->state != CAMPAIGN_RUNNING && c->state != CAMPAIGN_SCHEDULED) || per_s <= 0)
		return 0;
	int64_t left = counts[MESSAGE_HELD] + counts[MESSAGE_QUEUED] + counts[MESSAGE_SENDING] + counts[MESSAGE_RETRY];
	if (!c->plan_done && c->total > c->planned)
		left += c->total - c->planned;
	double segments = c->planned > 0 ? (double)left * (double)c->segments / (double)c->planned : (double)left;
	int64_t from = c->start_at > in->now_ms ? c->start_at : in->now_ms;
	return from + (int64_t)(segments * 1000.0 / per_s);
}
