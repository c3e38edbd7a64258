/* SPDX-License-Identifier: GPL-3.0-or-later */
/* May this message go now? Pure: everything it needs is in the question. Sources: Decree 91/2020 (hours 7–22, three a day,
 * refusal), organisation's settings. Asked at the claim, for the whole message, with consent as it stands then. */
#ifndef CAUNOI_GATEWAY_POLICY_H
#define CAUNOI_GATEWAY_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/message.h"

struct policy_question {
	enum message_class class;
	const char *topic;     /* or NULL */
	const char *off;       /* opt-out scopes in force at the address */
	const char *unreachable; /* why the number cannot be reached, or NULL */
	bool dnc;              /* an advert to a number on the Do-Not-Call list */
	bool begun;            /* a part was accepted or is unclear: hours and caps were decided for the whole message */
	int64_t now_ms, expires_at;
	int local_min;         /* minutes of the local day */
	int quiet_from_min, quiet_to_min;
	int64_t quiet_ends_at; /* when the quiet hours that hold now end */
	int64_t sent_24h;      /* bulk messages to the address in the last 24 h */
	int64_t cap_frees_at;  /* when the oldest of those leaves the window */
	int cap_24h;
};
enum policy_verdict { POLICY_SEND, POLICY_HOLD, POLICY_SUPPRESS, POLICY_EXPIRE, POLICY_FAIL };
struct policy_answer {
	enum policy_verdict verdict;
	const char *reason;  /* static; NULL when it may go */
	int64_t hold_until_ms;
};

struct policy_answer policy_ask(const struct policy_question *q);
/* Is the minute inside [from, to) of the local day, over midnight too? Equal ends = never. */
bool policy_quiet(int from_min, int to_min, int local_min);
/* Does a class wait for the morning? */
bool policy_class_sleeps(enum message_class c);

#endif
