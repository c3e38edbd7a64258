/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Outcomes of attempts, proofs that come later, and what they make of the message. An outcome is written once; a part that was
 * accepted or is unclear is never handed out again but by a person or under the provider's idempotency key. */
#ifndef CAUNOI_GATEWAY_SETTLE_H
#define CAUNOI_GATEWAY_SETTLE_H

#include "gateway/drivers/driver.h"
#include "gateway/message.h"
#include "gateway/tick.h"

struct channel;

struct settle_result {
	int64_t attempt;
	enum outcome outcome;
	const char *reference, *code, *detail; /* NULL = none */
	enum fault fault;
	double retry_after_s; /* 0 = not said */
	int segments;         /* as the provider counted; 0 = not said */
	const char *price;    /* as it wrote it; NULL = not said */
	int64_t price_vnd;    /* -1 = not said, or in other money */
};

/* The only part of a message that was sent is delivered. */
MUST_CHECK int settle_delivered(struct tick *t, int64_t attempt, int64_t message, int64_t flow, const char *reference);
/* Before the results of a tick: asks ahead for what settle_result will want. */
void settle_ahead(struct tick *t, const struct channel *ch, const struct settle_result *res);
/* A result from the channel's driver. E_PROTOCOL when the attempt was never given to it. */
MUST_CHECK int settle_result(struct tick *t, struct channel *ch, const struct settle_result *res);
/* The driver is gone: open attempts of the channel become unclear, or not_sent when their frame never began to leave. */
MUST_CHECK int settle_lost(struct tick *t, const char *channel, const int64_t *unwritten, size_t n_unwritten);
/* Its frame was kept back: the attempt becomes not_sent and the message due at once, unless they were settled since. */
MUST_CHECK int settle_withdrawn(struct tick *t, int64_t attempt);
/* After a start: every open attempt of an older epoch is decided. */
MUST_CHECK int settle_recover(struct tick *t, int64_t epoch);
/* A proof that came later than the outcome ("accepted" or "failed"; delivered: it reached the phone), and what it makes of the message. */
MUST_CHECK int settle_proof(struct tick *t, int64_t attempt, int64_t message, const char *proof, bool delivered, const char *reference,
			    const char *code);
/* Looks at all parts and moves the message on, handing out the next part where one waits. */
MUST_CHECK int settle_message(struct tick *t, int64_t message);

extern const struct sql_module settle_module;

#endif
