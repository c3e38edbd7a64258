/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An outbound message: classes, states, and the one table of allowed moves. The UPDATE of every move also says
 * "AND state = $old", so that the database enforces the same table. */
#ifndef CAUNOI_GATEWAY_MESSAGE_H
#define CAUNOI_GATEWAY_MESSAGE_H

#include <stdbool.h>

#include "gateway/base/err.h"

enum message_state {
	MESSAGE_HELD,
	MESSAGE_QUEUED,
	MESSAGE_SENDING,
	MESSAGE_RETRY,
	MESSAGE_SENT,
	MESSAGE_UNCLEAR,
	MESSAGE_DELIVERED,
	MESSAGE_FAILED,
	MESSAGE_EXPIRED,
	MESSAGE_SUPPRESSED,
	MESSAGE_CANCELLED,
	MESSAGE_STATES,
};

enum message_class { CLASS_SOCIAL_POLICY, CLASS_ADVERT, CLASS_SERVICE, CLASS_OPTOUT_ACK, CLASS_EMERGENCY, CLASS_COUNT };

const char *message_state_name(enum message_state s);
MUST_CHECK int message_state_parse(const char *name, enum message_state *ret);
bool message_may_move(enum message_state from, enum message_state to);
bool message_is_final(enum message_state s);
const char *message_class_name(enum message_class c);
MUST_CHECK int message_class_parse(const char *name, enum message_class *ret);
/* Campaign classes: counted by the cap, bound by quiet hours, stopped by "campaign" and topic opt-outs. */
bool message_class_is_bulk(enum message_class c);
/* NULL-terminated names, for verb arguments. */
extern const char *const message_class_names[];
extern const char *const message_state_names[];

#endif
