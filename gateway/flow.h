/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stream of messages with a state and counters; a campaign is a flow plus meaning. The claim joins flow and message,
 * so pausing touches one row. Counters are kept per tick in memory and written once before the commit. */
#ifndef CAUNOI_GATEWAY_FLOW_H
#define CAUNOI_GATEWAY_FLOW_H

#include "gateway/message.h"
#include "gateway/tick.h"

enum flow_state { FLOW_DRAFT, FLOW_RUNNING, FLOW_PAUSED, FLOW_STOPPED, FLOW_STATES };

/* In the lane of its class: an emergency goes with the answers, everything else behind them. */
MUST_CHECK int flow_new(struct tick *t, const char *name, enum message_class class, int64_t *ret_id);
/* Another name and class; nothing of it was sent yet. */
MUST_CHECK int flow_describe(struct tick *t, int64_t id, const char *name, enum message_class class);
/* start_at: nothing of it leaves before (0 = at once). */
MUST_CHECK int flow_set_state(struct tick *t, int64_t id, enum flow_state state, int64_t start_at);
/* Counts of the flow by state as committed, in the contract's order. */
MUST_CHECK int flow_counts(const struct scope *in, int64_t id, int64_t ret[MESSAGE_STATES]);
/* Adds what this tick has moved and not yet written. */
void flow_add_pending(struct tick *t, int64_t id, int64_t counts[MESSAGE_STATES]);
/* {"held":…,"queued":…,…}; takes what flow_counts gave. */
json_t *flow_counts_json(const int64_t counts[MESSAGE_STATES]);

#endif
