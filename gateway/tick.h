/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One tick = one transaction. A handler (frame, verb, duty) touches the transaction and these lists, nothing else:
 * frames wait until the commit, memory is changed by after_commit. A handler checks first, then writes; one that must
 * be undone after writing returns E_UNDO (or any error, from a command): the tick is rolled back and its frames run
 * again one by one, each in a savepoint. */
#ifndef CAUNOI_GATEWAY_TICK_H
#define CAUNOI_GATEWAY_TICK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/err.h"
#include "gateway/scope.h"

struct core;
struct call;
struct refusal;

struct tick {
	struct scope in;
	struct core *core; /* only gateway/ looks inside */
	int64_t mono_ms;
	int64_t seq; /* last one drawn; see tick_seq */
	struct {
		int64_t seq;
		uint8_t hash[32];
		bool known;
	} audit; /* the head of its chain, as this tick has made it */
	uint64_t touched[2048]; /* see tick_touch */
};

/* The next number of the one order in which opt-outs, attempts and inbound happen. */
int64_t tick_seq(struct tick *t);
/* What was asked ahead is old for a thing that changed since in this tick: whoever changes it touches it, whoever uses an answer asked
 * ahead asks first whether it was touched (sometimes true for nothing: then it is read again). */
void tick_touch(struct tick *t, uint64_t thing);
bool tick_touched(const struct tick *t, uint64_t thing);
/* A text as a thing. */
uint64_t tick_thing(const char *text);
/* Queues a frame for a channel's driver until the commit; takes the reference. E_UNAVAILABLE when the driver is down. */
MUST_CHECK int tick_send_channel(struct tick *t, const char *channel, json_t *frame);
/* Runs fn(core, a, b) after the commit; forgotten with the tick when it is rolled back. */
MUST_CHECK int tick_after(struct tick *t, void (*fn)(struct core *core, int64_t a, int64_t b), int64_t a, int64_t b);
/* Says that these nouns changed ("campaign", "case", …): listeners are told after the commit, at most 4 times a second. */
void tick_changed(struct tick *t, const char *noun);
/* A part of the tick that may have to be undone alone: a savepoint and a mark in the lists. keep false takes back both. */
struct tick_mark;
MUST_CHECK int tick_mark(struct tick *t, struct tick_mark **ret);
MUST_CHECK int tick_mark_end(struct tick *t, struct tick_mark *m, bool keep);
/* Before such a part is kept, in a tick whose frames run one by one: did everything it changed really go well? 0 in other ticks. */
MUST_CHECK int tick_settle(struct tick *t);
/* A command whose answer comes later from a peer: sends frame (its "id" is filled in here, if it has none) to channel's driver — or to the query
 * process when channel is NULL — and keeps the call until {"op":"answer","id":…,"result":…} (or "ussd_text") arrives or limit_ms
 * passes. Then on_answer (may be NULL: result is passed on as it is) runs in a tick of its own and gives the reply. The command
 * returns what this returns: E_AGAIN when it waits. */
typedef int (*answer_fn)(struct tick *t, const struct call *c, const json_t *answer, json_t **ret, struct refusal *why);
MUST_CHECK int tick_ask(struct tick *t, const struct call *c, const char *channel, json_t *frame, int64_t limit_ms,
			answer_fn on_answer);

#endif
