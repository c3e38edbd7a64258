/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What came of a post's requests, and how it is told. Judges nothing itself: what an answer means the provider's profile says; what a
 * broken exchange means follows from whether a byte of the request may have gone. */
#include "gateway/drivers/http/post_inside.h"

#include <stdlib.h>
#include <string.h>

#include "config/verdict.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

#define TOKEN_MARGIN_S 30 /* a token is not used in its last moments */
#define BALANCE_RETRY_S 600

/* ---- results ---- */

static void tell(struct post *p, struct letter *t, struct driver_result *result)
{
	result->attempt = t->attempt;
	if (!t->told)
		driver_result(p->d, result);
	letters_close(&p->letters, t);
}

void post_tell(struct post *p, struct letter *t, enum outcome outcome, enum fault fault, const char *code, const char *detail)
{
	tell(p, t, &(struct driver_result){ .outcome = outcome, .fault = fault, .code = code, .detail = detail });
}

void post_tell_refusal(struct post *p, struct letter *t, int err, const struct provider_refusal *why)
{
	bool channel = err != E_REFUSED || !strcmp(why->fault, "channel");
	post_tell(p, t, err == E_REFUSED ? OUTCOME_REFUSED : OUTCOME_NOT_SENT, channel ? FAULT_CHANNEL : FAULT_MESSAGE,
		   err == E_REFUSED ? why->rule : "driver",
		   err == E_REFUSED && channel ? "the profile asks for a secret that is not there" : NULL);
}

/* Doubt is told at once, or after the provider was asked. */
static void tell_doubt(struct post *p, struct letter *t, const char *code, const char *detail, int64_t retry_after_s)
{
	int after_s = provider_lookup_after_s(p->provider, 0);
	char *copy = code ? strdup(code) : NULL;
	if (after_s < 0 || p->stopping || t->told || (code && !copy)) {
		free(copy);
		tell(p, t, &(struct driver_result){ .outcome = OUTCOME_UNCLEAR, .code = code, .detail = detail, .retry_after_s = retry_after_s });
		return;
	}
	free(t->code);
	t->code = copy;
	t->detail = detail;
	t->lookups = 0;
	t->state = LETTER_DOUBTED;
	t->due_mono_ms = post_now_ms(p) + 1000LL * after_s;
}

void post_stay_in_doubt(struct post *p, struct letter *t)
{
	post_tell(p, t, OUTCOME_UNCLEAR, FAULT_NONE, t->code, t->detail);
}

void post_fail_waiting(struct post *p, enum outcome outcome, const char *code, const char *detail)
{
	for (struct letter *t = letters_take(&p->letters); t; t = letters_take(&p->letters))
		post_tell(p, t, outcome, FAULT_CHANNEL, code, detail);
}

/* ---- what came of them ---- */

static void tell_answer(struct post *p, struct letter *t, const struct provider_answer *a)
{
	enum outcome outcome = OUTCOME_UNCLEAR;
	if (a->code)
		verdict_hide(a->code, p->x->secrets);
	if (outcome_parse(a->outcome, &outcome) || outcome == OUTCOME_UNCLEAR) {
		tell_doubt(p, t, a->code, a->detail, a->retry_after_s);
		return;
	}
	tell(p, t, &(struct driver_result){ .outcome = outcome,
					    .reference = a->reference,
					    .code = a->code,
					    .detail = a->detail,
					    .retry_after_s = a->retry_after_s,
					    .fault = fault_parse(a->fault),
					    .segments = a->segments,
					    .price_is_vnd = provider_charges_vnd(p->provider),
					    .price = a->price });
}

/* The token was refused. A message that certainly did not go goes once more, with a new one. */
static bool renewed(struct post *p, const struct exchange *x, struct letter *t, struct provider_answer *a)
{
	if (!a->renew || strcmp(a->outcome, "not_sent"))
		return false;
	if (x->token == p->token_number && !p->token_proven) {
		a->outcome = "refused"; /* it was new: another would fare no better */
		a->fault = "channel";
		a->detail = "a new token was refused";
		return false;
	}
	if (t->renewed || t->told || p->stopping)
		return false;
	t->renewed = true;
	letters_put_first(&p->letters, t);
	return true;
}

/* A request for many was refused for one of them, and nobody says which: none was taken, each is tried without the others. */
static bool parted(struct post *p, struct letter *t, struct provider_answer *a)
{
	if (!a->whole || strcmp(a->outcome, "refused") || fault_parse(a->fault) == FAULT_CHANNEL)
		return false;
	if (t->told || p->stopping) {
		a->outcome = "not_sent";
		a->fault = NULL;
		return false;
	}
	t->alone = true;
	letters_put_first(&p->letters, t);
	return true;
}

static void settle_answers(struct post *p, struct exchange *x, struct provider_answer *a)
{
	bool renew = false;
	for (size_t i = 0; i < x->n_letters; i++) {
		renew |= a[i].renew;
		if (!a[i].renew && !strcmp(a[i].outcome, "accepted") && x->token == p->token_number)
			p->token_proven = true;
	}
	for (size_t i = x->n_letters; i > 0; i--) { /* from the back, so that those put first keep their order */
		struct letter *t = x->letters[i - 1];
		if (!renewed(p, x, t, &a[i - 1]) && !parted(p, t, &a[i - 1]))
			tell_answer(p, t, &a[i - 1]);
		provider_answer_done(&a[i - 1]);
	}
	if (renew && x->token == p->token_number)
		post_drop_token(p);
}

static void settle_failure(struct post *p, struct exchange *x, const char *code, const char *detail)
{
	for (size_t i = 0; i < x->n_letters; i++) {
		struct letter *t = x->letters[i];
		if (x->begun)
			tell_doubt(p, t, code, detail, 0);
		else
			post_tell(p, t, OUTCOME_NOT_SENT, FAULT_CHANNEL, code, detail);
	}
}

static void submit_done(struct post *p, struct exchange *x, CURLcode code)
{
	if (code != CURLE_OK) {
		settle_failure(p, x, exchange_code(x, code), exchange_detail(x, code));
		return;
	}
	struct received in = exchange_received(x);
	OWN(mem) struct provider_message *m = post_messages(p, x);
	OWN(mem) struct provider_answer *a = calloc(x->n_letters, sizeof(*a));
	if (!m || !a || provider_answers(p->provider, m, x->n_letters, &in, a))
		settle_failure(p, x, "driver", "out of memory");
	else
		settle_answers(p, x, a);
}

static void token_done(struct post *p, struct exchange *x, CURLcode code)
{
	struct provider_token t = { .outcome = "not_sent" };
	struct received in = exchange_received(x);
	p->token_asked = false;
	if (code != CURLE_OK) {
		post_fail_waiting(p, OUTCOME_NOT_SENT, exchange_code(x, code), exchange_detail(x, code));
		return;
	}
	if (provider_token_answer(p->provider, &in, p->x->secrets, &t) || strcmp(t.outcome, "accepted")) {
		post_fail_waiting(p, strcmp(t.outcome, "refused") ? OUTCOME_NOT_SENT : OUTCOME_REFUSED, "token", t.detail);
		provider_token_done(&t);
		return;
	}
	post_drop_token(p);
	p->token = MOVE(t.token);
	int64_t margin_s = t.lifetime_s > 4 * TOKEN_MARGIN_S ? TOKEN_MARGIN_S : t.lifetime_s / 4;
	p->token_until_ms = post_now_ms(p) + 1000 * (t.lifetime_s - margin_s);
}

/* Not known there: proof that nothing was sent once the last moment has passed; before, it may be under way. */
static void lookup_done(struct post *p, struct exchange *x, CURLcode code)
{
	struct letter *t = x->letters[0];
	struct provider_answer a = { .outcome = "unclear" };
	struct received in = exchange_received(x);
	in.key = t->key;
	int next_s = provider_lookup_after_s(p->provider, ++t->lookups), last_s = provider_lookup_after_s(p->provider, t->lookups - 1);
	if (code == CURLE_OK && provider_lookup_answer(p->provider, &in, &a))
		a = (struct provider_answer){ .outcome = "unclear" };
	bool absent = !strcmp(a.outcome, "not_sent"), open = !strcmp(a.outcome, "unclear");
	if ((absent || open) && next_s >= 0 && !p->stopping && !t->told) {
		t->state = LETTER_DOUBTED;
		t->due_mono_ms = post_now_ms(p) + 1000LL * (next_s - last_s);
	} else if (open || t->told) {
		post_stay_in_doubt(p, t);
	} else {
		a.fault = absent ? "channel" : a.fault;
		a.detail = "the provider was asked";
		tell_answer(p, t, &a);
	}
	provider_answer_done(&a);
}

static void balance_done(struct post *p, struct exchange *x, CURLcode code)
{
	int64_t balance = 0;
	struct received in = exchange_received(x);
	p->balance_asked = false;
	if (code != CURLE_OK || provider_balance_answer(p->provider, &in, &balance)) {
		driver_log(p->d, "info", "http.balance_unknown", NULL);
		int64_t retry_ms = post_now_ms(p) + BALANCE_RETRY_S * 1000LL;
		p->balance_due_ms = retry_ms < p->balance_due_ms ? retry_ms : p->balance_due_ms;
		return;
	}
	OWN(json) json_t *fields = json_pack("{s:I}", "balance_vnd", (json_int_t)balance);
	driver_status(p->d, fields);
}

void post_done(void *self, struct exchange *x, CURLcode code)
{
	struct post *p = self;
	switch (x->kind) {
	case EXCHANGE_SUBMIT:
		submit_done(p, x, code);
		break;
	case EXCHANGE_TOKEN:
		token_done(p, x, code);
		break;
	case EXCHANGE_LOOKUP:
		lookup_done(p, x, code);
		break;
	case EXCHANGE_BALANCE:
		balance_done(p, x, code);
		break;
	}
}

