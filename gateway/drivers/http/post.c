/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From messages to results: the life of a post, what the core wants of it, and the loop's step. Called by main.c; what it asks stands in
 * post_ask.c, what came of that in post_answer.c. */
#include "gateway/drivers/http/post_inside.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"

int64_t post_now_ms(const struct post *p)
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
		p->balance_due_ms = post_now_ms(p);
	int r = letters_init(&p->letters, config->credit);
	r = r ? r : engine_new(p->x, d, config->in_flight, batch < config->credit ? batch : config->credit, post_done, p, &p->engine);
	if (r) {
		post_free(p);
		return r;
	}
	*ret = p;
	return 0;
}

void post_drop_token(struct post *p)
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
	post_drop_token(p);
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

/* ---- from the core ---- */

/* In a batch one message that cannot be said must not take the others with it. */
static bool is_sayable(struct post *p, struct letter *t)
{
	struct provider_request scratch = { 0 };
	struct provider_refusal why = { 0 };
	struct provider_message m = post_message(p, t);
	if (provider_batch(p->provider) == 1)
		return true;
	m.token = m.token ? m.token : "";
	int r = provider_request(p->provider, &m, p->x->secrets, &scratch, &why);
	provider_request_done(&scratch);
	if (!r)
		return true;
	letters_leave(&p->letters, t);
	post_tell_refusal(p, t, r, &why);
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
		post_tell(p, t, OUTCOME_NOT_SENT, FAULT_CHANNEL, "aborted", why);
	} else if (t->state == LETTER_DOUBTED) {
		post_stay_in_doubt(p, t);
	} else if (x && x->n_letters == 1) {
		t->lookups = 1000; /* none follows */
		engine_abort(p->engine, x, why);
		if (t->attempt && t->state == LETTER_DOUBTED)
			post_stay_in_doubt(p, t);
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
			post_stay_in_doubt(p, &p->letters.all[i]);
}

void post_abort_all(struct post *p, const char *why)
{
	post_stop(p);
	post_fail_waiting(p, OUTCOME_NOT_SENT, "stopping", why);
	engine_abort_all(p->engine, why);
}

/* ---- the loop's step ---- */

static void send_waiting(struct post *p)
{
	while (p->letters.first) {
		bool ready = post_has_token(p);
		if (!ready && p->token_asked)
			return;
		struct exchange *x = engine_take(p->engine);
		if (!x)
			return;
		if (ready)
			post_send_next(p, x);
		else
			post_ask_token(p, x);
	}
}

/* Asks about what is due; *ret_due_ms = when the next is. */
static void ask_due(struct post *p, int64_t *ret_due_ms)
{
	int64_t now = post_now_ms(p), due = -1;
	for (int i = 0; i < p->letters.n; i++) {
		struct letter *t = &p->letters.all[i];
		if (t->state != LETTER_DOUBTED)
			continue;
		struct exchange *x = t->due_mono_ms <= now && post_has_token(p) ? engine_take(p->engine) : NULL;
		if (x)
			post_ask_after(p, x, t);
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
	if (p->balance_due_ms >= 0 && p->balance_due_ms <= post_now_ms(p) && !p->balance_asked && !p->stopping && post_has_token(p)) {
		struct exchange *x = engine_take(p->engine);
		if (x)
			post_ask_balance(p, x);
	}
	ask_due(p, &due);
	send_waiting(p);
	due = sooner(due, p->balance_asked ? -1 : p->balance_due_ms);
	if (due >= 0) {
		int64_t wait = due - post_now_ms(p);
		most_ms = sooner(most_ms, wait < 50 ? 50 : wait);
	}
	return engine_step(p->engine, most_ms);
}
