/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One gate for every message. A new rule of sending is one clause in policy_ask. Pure. */
#include "gateway/policy.h"

#include "gateway/base/mutant.h"
#include "gateway/consent.h"

bool policy_quiet(int from_min, int to_min, int local_min)
{
	if (from_min == to_min)
		return false;
	if (from_min < to_min)
		return local_min >= from_min && local_min < to_min;
	return local_min >= from_min || local_min < to_min;
}

bool policy_class_sleeps(enum message_class c)
{
	return message_class_is_bulk(c);
}

struct policy_answer policy_ask(const struct policy_question *q)
{
	if (q->expires_at <= q->now_ms && !MUTANT(EXPIRED_SENT))
		return (struct policy_answer){ POLICY_EXPIRE, "expired", 0 };
	if (consent_stops(q->off, q->class, q->topic))
		return (struct policy_answer){ POLICY_SUPPRESS, "opted_out", 0 };
	if (q->unreachable && message_class_is_bulk(q->class))
		return (struct policy_answer){ POLICY_FAIL, "invalid_number", 0 };
	if (q->dnc && !q->begun)
		return (struct policy_answer){ POLICY_SUPPRESS, "dnc", 0 };
	if (q->begun)
		return (struct policy_answer){ POLICY_SEND, NULL, 0 };
	if (policy_class_sleeps(q->class) && policy_quiet(q->quiet_from_min, q->quiet_to_min, q->local_min))
		return (struct policy_answer){ POLICY_HOLD, "quiet_hours", q->quiet_ends_at };
	if (message_class_is_bulk(q->class) && q->sent_24h >= q->cap_24h + MUTANT(CAP_ONE_MORE))
		return (struct policy_answer){ POLICY_HOLD, "cap_24h", q->cap_frees_at };
	return (struct policy_answer){ POLICY_SEND, NULL, 0 };
}
