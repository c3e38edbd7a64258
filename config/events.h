/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The events that one callback holds, by a profile's groups receipt and inbound. Private to config/; pure. */
#ifndef CAUNOI_CONFIG_EVENTS_H
#define CAUNOI_CONFIG_EVENTS_H

#include "config/callback.h"
#include "config/provider.h"

#define EVENTS_MAX 1000

/* The events of what came to the address of plans[receipt]; see provider_events. */
MUST_CHECK int events_read(const struct callback_plan *inbound, const struct callback_plan *receipt, bool is_receipt,
			   const struct received *in, struct provider_events *ret, const char **ret_why);

#endif
