/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests of a post: for messages, a token, what became of a message, the credit. Each takes an exchange and gives it back where
 * nothing can be asked. */
#include "gateway/drivers/http/post_inside.h"

#include <stdlib.h>

#include "gateway/base/own.h"

struct provider_message post_message(const struct post *p, const struct letter *t)
{
	return (struct provider_message){
		.to = t->to,
		.text = t->text,
		.sender = t->sender,
		.key = t->key,
		.attempt = t->attempt,
		.receipt_url = p->x->receipt_url,
		.parts = t->parts,
		.unicode = t->unicode,
		.validity_s = t->validity_s,
		.now_ms = clock_now_ms(&p->x->clock),
		.token = p->token,
	};
}

struct provider_message *post_messages(const struct post *p, const struct exchange *x)
{
	struct provider_message *m = calloc(x->n_letters, sizeof(*m));
	for (size_t i = 0; m && i < x->n_letters; i++)
		m[i] = post_message(p, x->letters[i]);
	return m;
}

static void give_up(struct post *p, struct exchange *x, int err, const struct provider_refusal *why)
{
	for (size_t i = 0; i < x->n_letters; i++)
		post_tell_refusal(p, x->letters[i], err, why);
	engine_give_back(p->engine, x);
}

static void gather(struct post *p, struct exchange *x)
{
	size_t most = (size_t)provider_batch(p->provider);
	most = most < (size_t)p->config.credit ? most : (size_t)p->config.credit;
	x->letters[0] = letters_take(&p->letters);
	x->n_letters = 1;
	while (x->n_letters < most) {
		struct letter *t = letters_take_like(&p->letters, x->letters, x->n_letters);
		if (!t)
			break;
		x->letters[x->n_letters++] = t;
	}
}

void post_send_next(struct post *p, struct exchange *x)
{
	struct provider_refusal why = { 0 };
	x->kind = EXCHANGE_SUBMIT;
	x->token = p->token_number;
	gather(p, x);
	OWN(mem) struct provider_message *m = post_messages(p, x);
	int r = m ? provider_requests(p->provider, m, x->n_letters, p->x->secrets, &x->request, &why) : E_NOMEM;
	r = r ? r : engine_start(p->engine, x);
	if (r)
		give_up(p, x, r, &why);
}

bool post_has_token(const struct post *p)
{
	return !provider_needs_token(p->provider) || (p->token && p->token_until_ms > post_now_ms(p));
}

void post_ask_token(struct post *p, struct exchange *x)
{
	struct provider_refusal why = { 0 };
	x->kind = EXCHANGE_TOKEN;
	int r = provider_token_request(p->provider, p->x->secrets, clock_now_ms(&p->x->clock), &x->request, &why);
	r = r ? r : engine_start(p->engine, x);
	p->token_asked = !r;
	if (!r)
		return;
	engine_give_back(p->engine, x);
	post_fail_waiting(p, r == E_REFUSED ? OUTCOME_REFUSED : OUTCOME_NOT_SENT, r == E_REFUSED ? why.rule : "driver", "no token could be asked for");
}

void post_ask_after(struct post *p, struct exchange *x, struct letter *t)
{
	struct provider_message m = post_message(p, t);
	struct provider_refusal why = { 0 };
	x->kind = EXCHANGE_LOOKUP;
	x->letters[0] = t;
	x->n_letters = 1;
	int r = provider_lookup_request(p->provider, &m, p->x->secrets, &x->request, &why);
	r = r ? r : engine_start(p->engine, x);
	if (!r) {
		t->state = LETTER_ASKED;
		return;
	}
	post_stay_in_doubt(p, t);
	engine_give_back(p->engine, x);
}

void post_ask_balance(struct post *p, struct exchange *x)
{
	struct provider_refusal why = { 0 };
	x->kind = EXCHANGE_BALANCE;
	p->balance_due_ms = post_now_ms(p) + (int64_t)(p->config.balance_every_s * 1000);
	int r = provider_balance_request(p->provider, p->x->secrets, p->token, clock_now_ms(&p->x->clock), &x->request, &why);
	r = r ? r : engine_start(p->engine, x);
	p->balance_asked = !r;
	if (r)
		engine_give_back(p->engine, x);
}

