/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One part sent once: its outcome, written once, and its proof, which may come later. Called by settle.c, conclusion.c and dispatch.c;
 * what it makes of the message is decided in conclusion.c. */
#ifndef CAUNOI_GATEWAY_ATTEMPT_H
#define CAUNOI_GATEWAY_ATTEMPT_H

#include "gateway/base/gsm7.h"
#include "gateway/drivers/driver.h"
#include "gateway/message.h"
#include "gateway/tick.h"

struct channel;
struct settle_result;

enum part_state { PART_NONE, PART_OPEN, PART_WAITING, PART_ACCEPTED, PART_REFUSED, PART_NOT_SENT, PART_UNCLEAR };

struct attempt_parts {
	enum part_state state[SEGMENTS_MAX + 1];
	bool delivered[SEGMENTS_MAX + 1], idempotent;
	bool lost; /* a network had a part and reported that it did not arrive */
	bool doubt[SEGMENTS_MAX + 1]; /* an attempt of the part is unclear and nothing proved it since */
	int64_t attempt[SEGMENTS_MAX + 1]; /* the newest of the part */
	int tries[SEGMENTS_MAX + 1];       /* its number, from 1 */
	int n;
};

struct attempt_message {
	int64_t id, flow, address, claimed_at;
	enum message_state state;
	int parts, tries;
	char channel[40], pin[40];
};

/* What is known of each part by all its attempts. As store_row. */
MUST_CHECK int attempt_parts(struct tick *t, int64_t message, struct attempt_parts *ret);
/* The message that attempts belong to; E_NOT_FOUND. */
MUST_CHECK int attempt_message(struct tick *t, int64_t id, struct attempt_message *ret);
/* The outcome that a driver told. E_EXISTS: it has one. */
MUST_CHECK int attempt_result(struct tick *t, const struct settle_result *res);
/* The same for one that is known to have none; what fails is known when the tick settles. */
MUST_CHECK int attempt_result_row(struct tick *t, const struct settle_result *res);
/* An outcome that nobody but we ourselves found; E_EXISTS. */
MUST_CHECK int attempt_outcome(struct tick *t, int64_t attempt, enum outcome o, const char *code);
/* proof: "accepted" or "failed". */
MUST_CHECK int attempt_proof(struct tick *t, int64_t attempt, const char *proof, bool delivered, const char *reference);
/* The n-th attempt of one part, from 1, written; handed false = not yet. */
MUST_CHECK int attempt_new(struct tick *t, const struct channel *ch, int64_t message, int part, int n, bool handed, int64_t *ret_id);
/* New attempts for the parts of a message that is claimed again; *ret_first = the first to hand (0 = all parts are proven). */
MUST_CHECK int attempt_again(struct tick *t, const struct channel *ch, int64_t message, int parts, int64_t *ret_first, int *ret_part);
/* Does the provider still know the message's key at that moment? */
bool attempt_key_is_fresh(const struct attempt_message *m, int64_t at_ms);

extern const struct sql_module attempt_module;

#endif
