/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a channel does with its messages: they wait for a free connection, go alone or in a batch of one text, and one
 * result of each is told to the core. Fetches the token that requests need, asks the provider about messages in doubt
 * where its profile says how, and for the balance. */
#ifndef CAUNOI_DRIVERS_HTTP_POST_H
#define CAUNOI_DRIVERS_HTTP_POST_H

#include "gateway/drivers/http/engine.h"

struct post;

struct post_config {
	const struct exchange_config *exchange;
	int in_flight, credit;
	double balance_every_s; /* 0 = never asked */
};

/* config is copied, what it points to and d must outlive the post. E_NOMEM, E_IO, E_CONFIG. */
MUST_CHECK int post_new(const struct post_config *config, struct driver *d, struct post **ret);
/* Breaks off what is open without a result. */
void post_free(struct post *p);
/* Every outcome, also of a refused message, is told to the core. */
void post_submit(struct post *p, const struct submit *s);
/* Breaks off one attempt and tells what is known of it; nothing when it is not open. */
void post_abort(struct post *p, const char *attempt);
void post_abort_all(struct post *p, const char *why);
/* No look-ups any more: what is in doubt is told as doubt. */
void post_stop(struct post *p);
/* Messages without a result. */
int post_open(const struct post *p);
/* Seconds that an attempt can take. */
double post_limit_s(const struct post *p);
/* Waits at most most_ms (-1 = no limit) and moves what can move. E_IO. */
MUST_CHECK int post_step(struct post *p, int64_t most_ms);

#endif
