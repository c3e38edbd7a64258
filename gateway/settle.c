/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results, proofs, lost drivers and recovery: each is written to its attempt, then its message is concluded. */
#include "gateway/settle.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/attempt.h"
#include "gateway/base/mutant.h"
#include "gateway/conclusion.h"
#include "gateway/core.h"
#include "gateway/handover.h"
#include "gateway/outbox_row.h"
#include "gateway/price.h"
#include "gateway/receipt.h"
#include "gateway/store/store.h"

#define RECOVER_ROWS 1024
#define AT_ONCE_S 1e-9

#define SETTLE_GET_TEXT                                                                                                                    \
	"SELECT t.message, t.part, t.channel, t.outcome, t.proof, t.handed_at, m.flow, m.state, m.parts FROM attempt t "                  \
	"JOIN message m ON m.id = t.message WHERE t.id = $id"

enum settle_sql {
	SETTLE_GET, SETTLE_GET_AHEAD, SETTLE_OPEN_OF, SETTLE_OPEN_OLD, SETTLE_UNREACHABLE, SETTLE_UNCLEAR_COUNT, SETTLE_SQL_COUNT
};
static const char *const settle_sql[SETTLE_SQL_COUNT] = {
	[SETTLE_GET] = SETTLE_GET_TEXT,
	[SETTLE_GET_AHEAD] = SETTLE_GET_TEXT,
	[SETTLE_OPEN_OF] = "SELECT id, message, handed_at FROM attempt INDEXED BY attempt_open WHERE outcome IS NULL AND channel = $channel LIMIT 1024",
	[SETTLE_OPEN_OLD] = "SELECT id, message, handed_at FROM attempt INDEXED BY attempt_open WHERE outcome IS NULL AND epoch < $epoch LIMIT 1024",
	[SETTLE_UNREACHABLE] = "UPDATE address SET unreachable = $code WHERE id = $id",
	[SETTLE_UNCLEAR_COUNT] = "UPDATE channel SET unclear = unclear + $n WHERE name = $name",
};
const struct sql_module settle_module = { "settle", settle_sql, SETTLE_SQL_COUNT };

int settle_message(struct tick *t, int64_t message)
{
	return conclusion_draw(t, message, &(struct conclusion_why){ 0 });
}

static int count_unclear(struct tick *t, const char *channel)
{
	struct statement *st = store_prepare(t->in.db, &settle_module, SETTLE_UNCLEAR_COUNT);
	bind_text(st, "$name", channel);
	bind_int(st, "$n", 1);
	return store_run(st);
}

static int apply_fault(struct tick *t, struct channel *ch, const struct settle_result *res, int64_t message)
{
	if (res->fault == FAULT_RECIPIENT && res->outcome == OUTCOME_REFUSED) {
		struct attempt_message m;
		int r = attempt_message(t, message, &m);
		if (r)
			return r;
		struct statement *st = store_prepare(t->in.db, &settle_module, SETTLE_UNREACHABLE);
		bind_int(st, "$id", m.address);
		bind_text(st, "$code", res->code ? res->code : "refused");
		return store_run(st);
	}
	if (res->fault == FAULT_CHANNEL && res->outcome == OUTCOME_REFUSED)
		return channel_suspend(t, ch, "refused", res->detail ? res->detail : res->code ? res->code : "refused by the provider");
	return 0;
}

static void note_works(struct core *core, int64_t channel, int64_t unused)
{
	(void)unused;
	channel_note(&core->channels[channel], CHANNEL_WORKS, 0, clock_mono_ms(core->clock));
}

static void note_fails(struct core *core, int64_t channel, int64_t wish_ms)
{
	channel_note(&core->channels[channel], CHANNEL_FAILS, wish_ms, clock_mono_ms(core->clock));
}

static void note_nothing(struct core *core, int64_t channel, int64_t wish_ms)
{
	channel_note(&core->channels[channel], CHANNEL_SAYS_NOTHING, wish_ms, clock_mono_ms(core->clock));
}

/* A message in doubt proves neither that its channel is there nor that it is not. */
static int note_channel(struct tick *t, const struct channel *ch, const struct settle_result *res)
{
	bool fails = res->fault == FAULT_CHANNEL && res->outcome == OUTCOME_NOT_SENT;
	double wish_s = fmin(res->retry_after_s, ch->config->retry.cap_s);
	return tick_after(t, fails ? note_fails : res->outcome == OUTCOME_UNCLEAR ? note_nothing : note_works, ch - t->core->channels,
			  (int64_t)(wish_s * 1000));
}

static void touch_reference(struct tick *t, const char *reference)
{
	if (reference)
		tick_touch(t, tick_thing(reference));
}

/* The answer of a modem was lost, with it the reference: reports for this person that nothing else explains are its proof. */
static int prove_by_person(struct tick *t, int64_t message)
{
	struct attempt_message m;
	int r = attempt_message(t, message, &m);
	return r ? r : receipt_use_parked_of_person(t, m.channel, m.address, m.claimed_at);
}

int settle_proof(struct tick *t, int64_t attempt, int64_t message, const char *proof, bool delivered, const char *reference, const char *code)
{
	int r = attempt_proof(t, attempt, proof, delivered, reference);
	touch_reference(t, reference); /* a report of a person may have brought it */
	return r ? r : conclusion_draw(t, message, &(struct conclusion_why){ .fault = FAULT_NONE, .code = code });
}

int settle_delivered(struct tick *t, int64_t attempt, int64_t message, int64_t flow, const char *reference)
{
	int r = attempt_proof(t, attempt, "accepted", true, reference);
	tick_changed(t, "message");
	return r ? r : outbox_move(t, &(struct outbox_move){ .id = message, .flow = flow, .from = MESSAGE_SENT, .to = MESSAGE_DELIVERED });
}

/* What a result has to know of its attempt. */
struct given {
	int64_t message, flow;
	int parts;
	bool mine, proven, sending, single;
	char outcome[16];
};

static int step_given(struct statement *st, const struct channel *ch, struct given *ret)
{
	int r = store_row(st);
	if (r > 0) {
		*ret = (struct given){ .message = column_int(st, 0), .flow = column_int(st, 6), .proven = !column_null(st, 4),
				       .sending = !strcmp(column_text(st, 7), "sending"), .parts = (int)column_int(st, 8),
				       .single = column_int(st, 8) == 1 };
		ret->mine = column_text(st, 2) && !strcmp(column_text(st, 2), ch->config->name) && (!column_null(st, 5) || MUTANT(HANDED_LATER));
		snprintf(ret->outcome, sizeof(ret->outcome), "%s", column_text(st, 3) ? column_text(st, 3) : "");
	}
	store_reset(st);
	return r > 0 ? 0 : r == 0 ? E_PROTOCOL : r;
}

/* By the answer asked ahead, unless the message changed since. */
static int read_given(struct tick *t, const struct channel *ch, int64_t attempt, struct given *ret)
{
	struct statement *st = store_prepare(t->in.db, &settle_module, SETTLE_GET_AHEAD);
	bind_int(st, "$id", attempt);
	int r = step_given(st, ch, ret);
	if (r || !tick_touched(t, (uint64_t)ret->message))
		return r;
	st = store_prepare(t->in.db, &settle_module, SETTLE_GET);
	bind_int(st, "$id", attempt);
	return step_given(st, ch, ret);
}

void settle_ahead(struct tick *t, const struct channel *ch, const struct settle_result *res)
{
	struct statement *st = store_prepare(t->in.db, &settle_module, SETTLE_GET_AHEAD);
	bind_int(st, "$id", res->attempt);
	store_ahead(st);
	if (ch->receipts && res->reference)
		receipt_ahead(t, ch->config->name, res->reference);
}

/* By far the most: one part, accepted at once. */
static int settle_plain(struct tick *t, const struct given *g, const struct settle_result *res)
{
	int r = attempt_result_row(t, res);
	return r ? r : outbox_move(t, &(struct outbox_move){ .id = g->message, .flow = g->flow, .from = MESSAGE_SENDING, .to = MESSAGE_SENT });
}

static int settle_any(struct tick *t, struct channel *ch, const struct given *g, const struct settle_result *res)
{
	int r = attempt_result(t, res);
	if (!r)
		r = apply_fault(t, ch, res, g->message);
	if (!r && res->outcome == OUTCOME_UNCLEAR)
		r = count_unclear(t, ch->config->name);
	/* its channel takes nothing until a person was there: another one need not wait */
	bool shut = res->fault == FAULT_CHANNEL && res->outcome == OUTCOME_REFUSED;
	return r ? r : conclusion_draw(t, g->message, &(struct conclusion_why){ .fault = res->fault, .code = res->code,
									   .retry_after_s = shut ? AT_ONCE_S : res->retry_after_s });
}

/* The answer that brought the reference came after the report of delivery. */
static int use_parked(struct tick *t, const struct channel *ch, const struct settle_result *res)
{
	return ch->receipts && res->reference ? receipt_use_parked(t, ch->config->name, res->reference) : 0;
}

static int late_result(struct tick *t, const struct channel *ch, const struct settle_result *res, const struct given *g)
{
	if (strcmp(g->outcome, "unclear") || g->proven || (res->outcome != OUTCOME_ACCEPTED && res->outcome != OUTCOME_REFUSED))
		return 0;
	int r = attempt_proof(t, res->attempt, res->outcome == OUTCOME_ACCEPTED ? "accepted" : "failed", false, res->reference);
	touch_reference(t, res->reference);
	if (!r)
		r = conclusion_draw(t, g->message, &(struct conclusion_why){ .fault = res->fault, .code = res->code });
	return r ? r : use_parked(t, ch, res);
}

int settle_result(struct tick *t, struct channel *ch, const struct settle_result *res)
{
	struct given g;
	int r = read_given(t, ch, res->attempt, &g);
	if (r || !g.mine)
		return r ? r : E_PROTOCOL;
	if (g.outcome[0])
		return late_result(t, ch, res, &g);
	bool plain = res->outcome == OUTCOME_ACCEPTED && (g.single || MUTANT(SENT_AT_FIRST_PART)) && g.sending && !g.proven;
	r = plain ? settle_plain(t, &g, res) : settle_any(t, ch, &g, res);
	if (!r)
		r = handover_done(t, ch, res->attempt);
	if (!r && res->outcome == OUTCOME_ACCEPTED && res->price_vnd >= 0)
		r = price_take(t, ch, g.flow, g.parts, res->price_vnd);
	if (!r)
		r = note_channel(t, ch, res);
	if (!r)
		r = use_parked(t, ch, res);
	touch_reference(t, res->reference);
	if (!r && res->outcome == OUTCOME_UNCLEAR && !res->reference && !ch->whole)
		r = prove_by_person(t, g.message);
	return r;
}

/* ---- drivers lost, starts ---- */

struct open_attempt {
	int64_t id, message;
	bool handed;
};

static bool among(const int64_t *list, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == id)
			return true;
	return false;
}

static int read_open(struct statement *st, struct open_attempt *ret, int *ret_n)
{
	int n = 0, r;
	while ((r = store_row(st)) > 0 && n < RECOVER_ROWS)
		ret[n++] = (struct open_attempt){ column_int(st, 0), column_int(st, 1), !column_null(st, 2) };
	store_reset(st);
	*ret_n = n;
	return r < 0 ? r : 0;
}

static int decide_open(struct tick *t, const struct open_attempt *a, bool unwritten, const char *code)
{
	bool handed = a->handed && !unwritten;
	int r = attempt_outcome(t, a->id, handed ? OUTCOME_UNCLEAR : OUTCOME_NOT_SENT, code);
	if (r == E_EXISTS)
		return 0; /* settling an earlier part of the same message settled it */
	if (!r && handed) {
		struct attempt_message m;
		r = attempt_message(t, a->message, &m);
		if (!r)
			r = count_unclear(t, m.channel);
	}
	if (!r)
		r = conclusion_draw(t, a->message, &(struct conclusion_why){ .code = code });
	return r || !handed ? r : prove_by_person(t, a->message);
}

int settle_lost(struct tick *t, const char *channel, const int64_t *unwritten, size_t n_unwritten)
{
	struct open_attempt *open = malloc(RECOVER_ROWS * sizeof(*open));
	if (!open)
		return E_NOMEM;
	struct statement *st = store_prepare(t->in.db, &settle_module, SETTLE_OPEN_OF);
	bind_text(st, "$channel", channel);
	int n, r = read_open(st, open, &n);
	for (int i = 0; !r && i < n; i++)
		r = decide_open(t, &open[i], among(unwritten, n_unwritten, open[i].id) || MUTANT(LOST_DRIVER_FORGETS), "driver_lost");
	free(open);
	return r;
}

int settle_withdrawn(struct tick *t, int64_t attempt)
{
	static const char code[] = "undecided";
	char channel[40] = "";
	int64_t message = 0;
	struct statement *st = store_prepare(t->in.db, &settle_module, SETTLE_GET);
	bind_int(st, "$id", attempt);
	int r = store_row(st);
	if (r > 0 && column_null(st, 3)) {
		message = column_int(st, 0);
		snprintf(channel, sizeof(channel), "%s", column_text(st, 2));
	}
	store_reset(st);
	if (r < 0 || !message)
		return r < 0 ? r : 0;
	r = attempt_outcome(t, attempt, OUTCOME_NOT_SENT, code);
	if (!r)
		r = conclusion_draw(t, message, &(struct conclusion_why){ .code = code, .retry_after_s = AT_ONCE_S, .untried = true });
	struct channel *ch = tick_channel(t, channel);
	return r || !ch ? r : handover_done(t, ch, attempt);
}

int settle_recover(struct tick *t, int64_t epoch)
{
	struct open_attempt *open = malloc(RECOVER_ROWS * sizeof(*open));
	if (!open)
		return E_NOMEM;
	int n = 0, r;
	do {
		struct statement *st = store_prepare(t->in.db, &settle_module, SETTLE_OPEN_OLD);
		bind_int(st, "$epoch", epoch);
		r = read_open(st, open, &n);
		for (int i = 0; !r && i < n; i++)
			r = decide_open(t, &open[i], MUTANT(RECOVERY_FORGETS), "restart");
	} while (!r && n == RECOVER_ROWS);
	free(open);
	return r;
}
