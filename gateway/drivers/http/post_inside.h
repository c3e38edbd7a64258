/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of post share: post.c (its life, the core's wishes, the loop's step), post_ask.c (requests), post_answer.c (what came of
 * them). Included by these alone. */
#ifndef CAUNOI_HTTP_POST_INSIDE_H
#define CAUNOI_HTTP_POST_INSIDE_H

#include "config/provider.h"
#include "gateway/drivers/http/letter.h"
#include "gateway/drivers/http/post.h"

struct post {
	struct post_config config;
	const struct exchange_config *x; /* config.exchange */
	const struct provider *provider;
	struct driver *d;
	struct engine *engine;
	struct letters letters;
	bool stopping;
	/* the token that requests carry */
	char *token;
	int64_t token_until_ms; /* monotonic */
	unsigned token_number;
	bool token_asked, token_proven; /* proven: the provider took it once */
	int64_t balance_due_ms;		/* monotonic; -1 = never */
	bool balance_asked;
};

/* ---- post.c ---- */

/* Monotonic. */
int64_t post_now_ms(const struct post *p);
/* The token is over: wiped, and the next one has another number. */
void post_drop_token(struct post *p);

/* ---- post_ask.c: each starts what it asks on exchange x, or gives x back ---- */

/* With the next letters; where nothing can be sent they are told why. */
void post_send_next(struct post *p, struct exchange *x);
void post_ask_token(struct post *p, struct exchange *x);
void post_ask_after(struct post *p, struct exchange *x, struct letter *t);
void post_ask_balance(struct post *p, struct exchange *x);
/* Is a token there, or none needed? */
bool post_has_token(const struct post *p);
/* What an exchange carries, borrowed from its letters; the caller's, NULL without memory. */
struct provider_message *post_messages(const struct post *p, const struct exchange *x);
struct provider_message post_message(const struct post *p, const struct letter *t);

/* ---- post_answer.c ---- */

/* The engine's callback; self is the post. */
void post_done(void *self, struct exchange *x, CURLcode code);
/* Tells the core; the letter is free after, or, in a batch that still goes, when that ends. */
void post_tell(struct post *p, struct letter *t, enum outcome outcome, enum fault fault, const char *code, const char *detail);
/* The profile cannot say it. */
void post_tell_refusal(struct post *p, struct letter *t, int err, const struct provider_refusal *why);
/* Nobody can tell any more. */
void post_stay_in_doubt(struct post *p, struct letter *t);
/* Those that wait for a token get none. */
void post_fail_waiting(struct post *p, enum outcome outcome, const char *code, const char *detail);

#endif
