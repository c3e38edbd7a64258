/* SPDX-License-Identifier: GPL-3.0-or-later */
/* States and classes of an outbound message and the one table of allowed moves. Called by everything that moves or
 * names a message; pure, touches no row. */
#include "gateway/message.h"

#include <string.h>

#include "gateway/base/mutant.h"

#define TO(state) (1u << MESSAGE_##state)

const char *const message_state_names[] = {
	[MESSAGE_HELD] = "held",
	[MESSAGE_QUEUED] = "queued",
	[MESSAGE_SENDING] = "sending",
	[MESSAGE_RETRY] = "retry",
	[MESSAGE_SENT] = "sent",
	[MESSAGE_UNCLEAR] = "unclear",
	[MESSAGE_DELIVERED] = "delivered",
	[MESSAGE_FAILED] = "failed",
	[MESSAGE_EXPIRED] = "expired",
	[MESSAGE_SUPPRESSED] = "suppressed",
	[MESSAGE_CANCELLED] = "cancelled",
	[MESSAGE_STATES] = NULL,
};

const char *const message_class_names[] = {
	[CLASS_SOCIAL_POLICY] = "social_policy",
	[CLASS_ADVERT] = "advert",
	[CLASS_SERVICE] = "service",
	[CLASS_OPTOUT_ACK] = "optout_ack",
	[CLASS_EMERGENCY] = "emergency",
	[CLASS_COUNT] = NULL,
};

/* unclear moves by proof only (receipt, look-up); failed becomes delivered only by a later receipt. */
static const unsigned message_moves[MESSAGE_STATES] = {
	[MESSAGE_HELD] = TO(QUEUED) | TO(CANCELLED) | TO(EXPIRED) | TO(SUPPRESSED),
	[MESSAGE_QUEUED] = TO(SENDING) | TO(HELD) | TO(CANCELLED) | TO(EXPIRED) | TO(SUPPRESSED),
	[MESSAGE_SENDING] = TO(SENT) | TO(RETRY) | TO(FAILED) | TO(UNCLEAR),
	[MESSAGE_RETRY] = TO(SENDING) | TO(HELD) | TO(EXPIRED) | TO(CANCELLED) | TO(SUPPRESSED),
	[MESSAGE_SENT] = TO(DELIVERED) | TO(FAILED),
	[MESSAGE_UNCLEAR] = TO(SENT) | TO(DELIVERED) | TO(FAILED),
	[MESSAGE_DELIVERED] = 0,
	[MESSAGE_FAILED] = TO(DELIVERED),
	[MESSAGE_EXPIRED] = 0,
	[MESSAGE_SUPPRESSED] = 0,
	[MESSAGE_CANCELLED] = 0,
};

const char *message_state_name(enum message_state s)
{
	return s < MESSAGE_STATES ? message_state_names[s] : "?";
}

int message_state_parse(const char *name, enum message_state *ret)
{
	for (unsigned i = 0; i < MESSAGE_STATES; i++)
		if (name && strcmp(name, message_state_names[i]) == 0) {
			*ret = (enum message_state)i;
			return 0;
		}
	return E_INVALID;
}

bool message_may_move(enum message_state from, enum message_state to)
{
	if (from == MESSAGE_DELIVERED && to == MESSAGE_FAILED && MUTANT(RECEIPT_GOES_BACK))
		return true;
	return from < MESSAGE_STATES && to < MESSAGE_STATES && (message_moves[from] & (1u << to)) != 0;
}

bool message_is_final(enum message_state s)
{
	switch (s) {
	case MESSAGE_DELIVERED:
	case MESSAGE_FAILED:
	case MESSAGE_EXPIRED:
	case MESSAGE_SUPPRESSED:
	case MESSAGE_CANCELLED: return true;
	case MESSAGE_HELD:
	case MESSAGE_QUEUED:
	case MESSAGE_SENDING:
	case MESSAGE_RETRY:
	case MESSAGE_SENT:
	case MESSAGE_UNCLEAR:
	case MESSAGE_STATES: return false;
	}
	return false;
}

const char *message_class_name(enum message_class c)
{
	return c < CLASS_COUNT ? message_class_names[c] : "?";
}

int message_class_parse(const char *name, enum message_class *ret)
{
	for (unsigned i = 0; i < CLASS_COUNT; i++)
		if (name && strcmp(name, message_class_names[i]) == 0) {
			*ret = (enum message_class)i;
			return 0;
		}
	return E_INVALID;
}

bool message_class_is_bulk(enum message_class c)
{
	return c == CLASS_SOCIAL_POLICY || c == CLASS_ADVERT;
}
