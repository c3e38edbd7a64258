/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From messages to results. Called by main.c. Judges nothing itself: what an answer means the provider's profile says;
 * what a broken exchange means follows from whether a byte of the request may have gone. */
#include "gateway/drivers/http/post.h"

#include <stdlib.h>
#include <string.h>

#include "config/verdict.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/drivers/http/letter.h"

#define TOKEN_MARGIN_S 30 /* a token is not used in its last moments */
#define BALANCE_RETRY_S 600

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

static void done(void *self, struct exchange *x, CURLcode code);

static int64_t now_ms(const struct post *p)
{
	return clock_mono_ms(&p->x->clock);
}

int post_new(const struct post_config *config, struct driver *d, struct post **ret)
{
	struct post *p = calloc(1, sizeof(*p));
	if (!p)
		return E_NOMEM;
	int batch = provider_batch(config->exchange->provider);
	*p = (struct post){ .config = *config, .x = config->exchange, .provider = config->exchange->provider, .d = d, .balance_due_ms = -1 };
	if (config->balance_every_s > 0 && provider_has_balance(p->provider))
		p->balance_due_ms = now_ms(p);
	int r = letters_init(&p->letters, config->credit);
	r = r ? r : engine_new(p->x, d, config->in_flight, batch < config->credit ? batch : config->credit, done, p, &p->engine);
	if (r) {
		post_free(p);
		return r;
	}
	*ret = p;
	return 0;
}

static void drop_token(struct post *p)
{
	if (p->token)
		explicit_bzero(p->token, strlen(p->token));
	free(MOVE(p->token));
	p->token_number++;
	p->token_proven = false;
}

void post_free(struct post *p)
{
	if (!p)
		return;
	engine_free(p->engine);
	letters_done(&p->letters);
	drop_token(p);
	free(p);
}

int post_open(const struct post *p)
{
	return p->letters.n_open;
}

double post_limit_s(const struct post *p)
{
	double limit_s = (double)p->x->timeout_ms / 1000.0 * (provider_batch(p->provider) > 1 ? 2 : 1), last_s = 0; /* with others, and alone */
	for (int i = 0; provider_lookup_after_s(p->provider, i) >= 0; i++)
		last_s = provider_lookup_after_s(p->provider, i) + 60.0;
	return limit_s + last_s + (provider_needs_token(p->provider) ? 60.0 : 0);
}

/* ---- results ---- */

/* Tells the core; the letter is free after, or, in a batch that still goes, when that ends. */
static void tell(struct post *p, struct letter *t, struct driver_result *result)
{
	result->attempt = t->attempt;
	if (!t->told)
		driver_result(p->d, result);
	letters_close(&p->letters, t);
}

static void tell_plain(struct post *p, struct letter *t, enum outcome outcome, enum fault fault, const char *code, const char *detail)
{
	tell(p, t, &(struct driver_result){ .outcome = outcome, .fault = fault, .code = code, .detail = detail });
}

static void tell_refusal(struct post *p, struct letter *t, int err, const struct provider_refusal *why)
{
	bool channel = err != E_REFUSED || !strcmp(why->fault, "channel");
	tell_plain(p, t, err == E_REFUSED ? OUTCOME_REFUSED : OUTCOME_NOT_SENT, channel ? FAULT_CHANNEL : FAULT_MESSAGE,
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
	t->due_mono_ms = now_ms(p) + 1000LL * after_s;
}

static void stay_in_doubt(struct post *p, struct letter *t)
{
	tell_plain(p, t, OUTCOME_UNCLEAR, FAULT_NONE, t->code, t->detail);
}

/* ---- requests ---- */

static struct provider_message message_of(const struct post *p, const struct letter *t)
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

/* All messages of an exchange; the caller's, NULL on no memory. */
static struct provider_message *messages_of(const struct post *p, const struct exchange *x)
{
	struct provider_message *m = calloc(x->n_letters, sizeof(*m));
	for (size_t i = 0; m && i < x->n_letters; i++)
		m[i] = message_of(p, x->letters[i]);
	return m;
}

static void give_up(struct post *p, struct exchange *x, int err, const struct provider_refusal *why)
{
	for (size_t i = 0; i < x->n_letters; i++)
		tell_refusal(p, x->letters[i], err, why);
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

static void send_next(struct post *p, struct exchange *x)
{
	struct provider_refusal why = { 0 };
	x->kind = EXCHANGE_SUBMIT;
	x->token = p->token_number;
	gather(p, x);
	OWN(mem) struct provider_message *m = messages_of(p, x);
	int r = m ? provider_requests(p->provider, m, x->n_letters, p->x->secrets, &x->request, &why) : E_NOMEM;
	r = r ? r : engine_start(p->engine, x);
	if (r)
		give_up(p, x, r, &why);
}

static bool has_token(const struct post *p)
{
	return !provider_needs_token(p->provider) || (p->token && p->token_until_ms > now_ms(p));
}

/* The messages that wait for a token get none. */
static void fail_waiting(struct post *p, enum outcome outcome, const char *code, const char *detail)
{
	for (struct letter *t = letters_take(&p->letters); t; t = letters_take(&p->letters))
		tell_plain(p, t, outcome, FAULT_CHANNEL, code, detail);
}

static void ask_token(struct post *p, struct exchange *x)
{
	struct provider_refusal why = { 0 };
	x->kind = EXCHANGE_TOKEN;
	int r = provider_token_request(p->provider, p->x->secrets, clock_now_ms(&p->x->clock), &x->request, &why);
	r = r ? r : engine_start(p->engine, x);
	p->token_asked = !r;
	if (!r)
		return;
	engine_give_back(p->engine, x);
	fail_waiting(p, r == E_REFUSED ? OUTCOME_REFUSED : OUTCOME_NOT_SENT, r == E_REFUSED ? why.rule : "driver", "no token could be asked for");
}

static void ask_after(struct post *p, struct exchange *x, struct letter *t)
{
	struct provider_message m = message_of(p, t);
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
	stay_in_doubt(p, t);
	engine_give_back(p->engine, x);
}

static void ask_balance(struct post *p, struct exchange *x)
{
	struct provider_refusal why = { 0 };
	x->kind = EXCHANGE_BALANCE;
	p->balance_due_ms = now_ms(p) + (int64_t)(p->config.balance_every_s * 1000);
	int r = provider_balance_request(p->provider, p->x->secrets, p->token, clock_now_ms(&p->x->clock), &x->request, &why);
	r = r ? r : engine_start(p->engine, x);
	p->balance_asked = !r;
	if (r)
		engine_give_back(p->engine, x);
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
		drop_token(p);
}

static void settle_failure(struct post *p, struct exchange *x, const char *code, const char *detail)
{
	for (size_t i = 0; i < x->n_letters; i++) {
		struct letter *t = x->letters[i];
		if (x->begun)
			tell_doubt(p, t, code, detail, 0);
		else
			tell_plain(p, t, OUTCOME_NOT_SENT, FAULT_CHANNEL, code, detail);
	}
}

static void submit_done(struct post *p, struct exchange *x, CURLcode code)
{
	if (code != CURLE_OK) {
		settle_failure(p, x, exchange_code(x, code), exchange_detail(x, code));
		return;
	}
	struct received in = exchange_received(x);
	OWN(mem) struct provider_message *m = messages_of(p, x);
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
		fail_waiting(p, OUTCOME_NOT_SENT, exchange_code(x, code), exchange_detail(x, code));
		return;
	}
	if (provider_token_answer(p->provider, &in, p->x->secrets, &t) || strcmp(t.outcome, "accepted")) {
		fail_waiting(p, strcmp(t.outcome, "refused") ? OUTCOME_NOT_SENT : OUTCOME_REFUSED, "token", t.detail);
		provider_token_done(&t);
		return;
	}
	drop_token(p);
	p->token = MOVE(t.token);
	int64_t margin_s = t.lifetime_s > 4 * TOKEN_MARGIN_S ? TOKEN_MARGIN_S : t.lifetime_s / 4;
	p->token_until_ms = now_ms(p) + 1000 * (t.lifetime_s - margin_s);
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
		t->due_mono_ms = now_ms(p) + 1000LL * (next_s - last_s);
	} else if (open || t->told) {
		stay_in_doubt(p, t);
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
		int64_t retry_ms = now_ms(p) + BALANCE_RETRY_S * 1000LL;
		p->balance_due_ms = retry_ms < p->balance_due_ms ? retry_ms : p->balance_due_ms;
		return;
	}
	OWN(json) json_t *fields = json_pack("{s:I}", "balance_vnd", (json_int_t)balance);
	driver_status(p->d, fields);
}

static void done(void *self, struct exchange *x, CURLcode code)
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

/* ---- from the core ---- */

/* In a batch one message that cannot be said must not take the others with it. */
static bool is_sayable(struct post *p, struct letter *t)
{
	struct provider_request scratch = { 0 };
	struct provider_refusal why = { 0 };
	struct provider_message m = message_of(p, t);
	if (provider_batch(p->provider) == 1)
		return true;
	m.token = m.token ? m.token : "";
	int r = provider_request(p->provider, &m, p->x->secrets, &scratch, &why);
	provider_request_done(&scratch);
	if (!r)
		return true;
	letters_leave(&p->letters, t);
	tell_refusal(p, t, r, &why);
	return false;
}

void post_submit(struct post *p, const struct submit *s)
{
	bool full;
	struct letter *t = letters_add(&p->letters, s, p->x->sender, &full);
	if (t) {
		(void)is_sayable(p, t);
		return;
	}
	driver_result(p->d, &(struct driver_result){ .attempt = s->attempt,
						     .outcome = OUTCOME_NOT_SENT,
						     .code = full ? "over_credit" : "driver",
						     .fault = FAULT_CHANNEL });
}

void post_abort(struct post *p, const char *attempt)
{
	struct letter *t = letters_find(&p->letters, attempt);
	struct exchange *x = t ? engine_find(p->engine, t) : NULL;
	const char *why = "aborted by the core";
	if (!t)
		return;
	if (t->state == LETTER_WAITING) {
		letters_leave(&p->letters, t);
		tell_plain(p, t, OUTCOME_NOT_SENT, FAULT_CHANNEL, "aborted", why);
	} else if (t->state == LETTER_DOUBTED) {
		stay_in_doubt(p, t);
	} else if (x && x->n_letters == 1) {
		t->lookups = 1000; /* none follows */
		engine_abort(p->engine, x, why);
		if (t->attempt && t->state == LETTER_DOUBTED)
			stay_in_doubt(p, t);
	} else {
		driver_result(p->d, &(struct driver_result){ .attempt = t->attempt, .outcome = OUTCOME_UNCLEAR, .code = "aborted", .detail = why });
		t->told = true;
	}
}

void post_stop(struct post *p)
{
	p->stopping = true;
	for (int i = 0; i < p->letters.n; i++)
		if (p->letters.all[i].state == LETTER_DOUBTED)
			stay_in_doubt(p, &p->letters.all[i]);
}

void post_abort_all(struct post *p, const char *why)
{
	post_stop(p);
	fail_waiting(p, OUTCOME_NOT_SENT, "stopping", why);
	engine_abort_all(p->engine, why);
}

/* ---- the loop's step ---- */

static void send_waiting(struct post *p)
{
	while (p->letters.first) {
		bool ready = has_token(p);
		if (!ready && p->token_asked)
			return;
		struct exchange *x = engine_take(p->engine);
		if (!x)
			return;
		if (ready)
			send_next(p, x);
		else
			ask_token(p, x);
	}
}

/* Asks about what is due; *ret_due_ms = when the next is. */
static void ask_due(struct post *p, int64_t *ret_due_ms)
{
	int64_t now = now_ms(p), due = -1;
	for (int i = 0; i < p->letters.n; i++) {
		struct letter *t = &p->letters.all[i];
		if (t->state != LETTER_DOUBTED)
			continue;
		struct exchange *x = t->due_mono_ms <= now && has_token(p) ? engine_take(p->engine) : NULL;
		if (x)
			ask_after(p, x, t);
		else
			due = due < 0 || t->due_mono_ms < due ? t->due_mono_ms : due;
	}
	*ret_due_ms = due;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < 0 ? b : b < 0 ? a : a < b ? a : b;
}

int post_step(struct post *p, int64_t most_ms)
{
	int64_t due = -1;
	if (p->balance_due_ms >= 0 && p->balance_due_ms <= now_ms(p) && !p->balance_asked && !p->stopping && has_token(p)) {
		struct exchange *x = engine_take(p->engine);
		if (x)
			ask_balance(p, x);
	}
	ask_due(p, &due);
	send_waiting(p);
	due = sooner(due, p->balance_asked ? -1 : p->balance_due_ms);
	if (due >= 0) {
		int64_t wait = due - now_ms(p);
		most_ms = sooner(most_ms, wait < 50 ? 50 : wait);
	}
	return engine_step(p->engine, most_ms);
}
