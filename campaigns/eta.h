/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a campaign will be through: a simple estimate for people, never a promise. */
#ifndef CAUNOI_CAMPAIGNS_ETA_H
#define CAUNOI_CAMPAIGNS_ETA_H

#include <stdint.h>

#include "campaigns/campaign.h"

/* Unix ms, or 0 when it does not run or no channel could carry it. counts as flow_counts gives them. */
int64_t eta_at(const struct scope *in, const struct campaign *c, const int64_t counts[MESSAGE_STATES]);

#endif
