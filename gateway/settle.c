/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table attempt: outcomes, proofs, and the message's next state. Called for results, proofs, lost drivers and at
 * recovery; the only file that writes outcomes and proofs. */
#include "gateway/settle.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/log.h"
#include "gateway/base/mutant.h"
#include "gateway/core.h"
#include "gateway/handover.h"
#include "gateway/outbox_row.h"
#include "gateway/price.h"
#include "gateway/receipt.h"
#include "gateway/resting.h"
#include "gateway/store/store.h"

#define KEY_LIFETIME_MS (INT64_C(24) * 3600000)
#define RECOVER_ROWS 1024
#define AT_ONCE_S 1e-9
#define RETRY_AFTER_MAX_S 604800.0 /* as the settings allow; a provider's wish may be any number */

#define SETTLE_GET_TEXT                                                                                                                    \
	"SELECT t.message, t.part, t.channel, t.outcome, t.proof, t.handed_at, m.flow, m.state, m.parts FROM attempt t "                  \
	"JOIN message m ON m.id = t.message WHERE t.id = $id"

enum settle_sql {
	SETTLE_GET, SETTLE_GET_AHEAD, SETTLE_OUTCOME, SETTLE_PROOF, SETTLE_PARTS, SETTLE_MESSAGE, SETTLE_NEW, SETTLE_OPEN_OF, SETTLE_OPEN_OLD,
	SETTLE_UNREACHABLE, SETTLE_UNCLEAR_COUNT, SETTLE_SQL_COUNT
};
static const char *const settle_sql[SETTLE_SQL_COUNT] = {
	[SETTLE_GET] = SETTLE_GET_TEXT,
	[SETTLE_GET_AHEAD] = SETTLE_GET_TEXT,
	[SETTLE_OUTCOME] = "UPDATE attempt SET outcome = $outcome, reference = $reference, code = $code, segments = $segments, price = $price, "
			   "settled_at = $now WHERE id = $id AND coalesce(outcome, '') = ''", /* IS NULL: a server reads the index of all that are open */
	[SETTLE_PROOF] = "UPDATE attempt SET proof = $proof, delivered = $delivered, proof_at = $now, reference = coalesce(reference, $reference) "
			 "WHERE id = $id",
	[SETTLE_PARTS] = "SELECT part, id, outcome, proof, handed_at, delivered, idempotent FROM attempt WHERE message = $message ORDER BY part, n",
	[SETTLE_MESSAGE] = "SELECT flow, state, parts, channel, tries, address, claimed_at, pin FROM message WHERE id = $id",
	[SETTLE_NEW] = "INSERT INTO attempt (seq, message, part, n, channel, kind, idempotent, epoch, not_before, handed_at) "
		       "VALUES ($seq, $message, $part, 1 + (SELECT count(*) FROM attempt WHERE message = $message AND part = $part), $channel, "
		       "$kind, $idempotent, $epoch, $not_before, $handed)",
	[SETTLE_OPEN_OF] = "SELECT id, message, handed_at FROM attempt INDEXED BY attempt_open WHERE outcome IS NULL AND channel = $channel LIMIT 1024",
	[SETTLE_OPEN_OLD] = "SELECT id, message, handed_at FROM attempt INDEXED BY attempt_open WHERE outcome IS NULL AND epoch < $epoch LIMIT 1024",
	[SETTLE_UNREACHABLE] = "UPDATE address SET unreachable = $code WHERE id = $id",
	[SETTLE_UNCLEAR_COUNT] = "UPDATE channel SET unclear = unclear + $n WHERE name = $name",
};
const struct sql_module settle_module = { "settle", settle_sql, SETTLE_SQL_COUNT };

enum part_state { PART_NONE, PART_OPEN, PART_WAITING, PART_ACCEPTED, PART_REFUSED, PART_NOT_SENT, PART_UNCLEAR };

struct parts {
	enum part_state state[SEGMENTS_MAX + 1];
	bool delivered[SEGMENTS_MAX + 1], idempotent;
	bool lost; /* a network had a part and reported that it did not arrive */
	bool doubt[SEGMENTS_MAX + 1]; /* an attempt of the part is unclear and nothing proved it since */
	int64_t attempt[SEGMENTS_MAX + 1]; /* the newest of the part */
	int n;
};

struct message_row {
	int64_t id, flow, address, claimed_at;
	enum message_state state;
	int parts, tries;
	char channel[40], pin[40];
};

static enum part_state part_state_of(const char *outcome, const char *proof, bool handed)
{
	if (!outcome)
		return handed ? PART_OPEN : PART_WAITING;
	if (proof)
		return strcmp(proof, "accepted") ? PART_REFUSED : PART_ACCEPTED;
	enum outcome o;
	if (outcome_parse(outcome, &o))
		return PART_UNCLEAR;
	switch (o) {
	case OUTCOME_ACCEPTED: return PART_ACCEPTED;
	case OUTCOME_REFUSED: return PART_REFUSED;
	case OUTCOME_NOT_SENT: return PART_NOT_SENT;
	case OUTCOME_UNCLEAR: return PART_UNCLEAR;
	}
	return PART_UNCLEAR;
}

static int read_parts(struct tick *t, int64_t message, struct parts *ret)
{
	*ret = (struct parts){ 0 };
	struct statement *st = store_prepare(t->in.db, &settle_module, SETTLE_PARTS);
	bind_int(st, "$message", message);
	int r;
	while ((r = store_row(st)) > 0) {
		int part = (int)column_int(st, 0);
		if (part < 1 || part > SEGMENTS_MAX)
			continue;
		ret->n = part > ret->n ? part : ret->n;
		ret->idempotent = column_int(st, 6) != 0;
		bool handed = !column_null(st, 4);
		enum part_state s = part_state_of(column_text(st, 2), column_text(st, 3), handed);
		ret->lost |= s == PART_REFUSED && column_text(st, 3);
		if (s == PART_UNCLEAR && MUTANT(UNCLEAR_REPEATED))
			s = PART_NOT_SENT;
		/* what was accepted once stays accepted, and doubt about an earlier attempt is not lifted by a later failure */
		if (ret->state[part] == PART_ACCEPTED || (ret->state[part] == PART_UNCLEAR && !ret->idempotent && s == PART_NOT_SENT))
			s = ret->state[part];
		ret->state[part] = s;
		ret->delivered[part] |= column_int(st, 5) != 0;
		ret->doubt[part] = (ret->doubt[part] || s == PART_UNCLEAR) && s != PART_ACCEPTED;
		ret->attempt[part] = column_int(st, 1);
	}
	store_reset(st);
	return r;
}

static int read_message(struct tick *t, int64_t id, struct message_row *ret)
{
	struct statement *st = store_prepare(t->in.db, &settle_module, SETTLE_MESSAGE);
	bind_int(st, "$id", id);
	int r = store_row(st);
	if (r > 0) {
		*ret = (struct message_row){ .id = id, .flow = column_int(st, 0), .parts = (int)column_int(st, 2), .tries = (int)column_int(st, 4),
					     .address = column_int(st, 5), .claimed_at = column_int(st, 6) };
		snprintf(ret->channel, sizeof(ret->channel), "%s", column_text(st, 3) ? column_text(st, 3) : "");
		snprintf(ret->pin, sizeof(ret->pin), "%s", column_text(st, 7));
		if (message_state_parse(column_text(st, 1), &ret->state))
			r = E_CORRUPT;
	}
	store_reset(st);
	return r > 0 ? 0 : r == 0 ? E_NOT_FOUND : r;
}

static struct statement *bind_outcome(struct tick *t, const struct settle_result *res)
{
	struct statement *st = store_prepare(t->in.db, &settle_module, SETTLE_OUTCOME);
	bind_int(st, "$id", res->attempt);
	bind_text(st, "$outcome", outcome_name(res->outcome));
	bind_text(st, "$reference", res->reference);
	bind_text(st, "$code", res->code);
	bind_text(st, "$price", res->price);
	if (res->segments > 0)
		bind_int(st, "$segments", res->segments);
	else
		bind_null(st, "$segments");
	bind_int(st, "$now", t->in.now_ms);
	return st;
}

static int write_result(struct tick *t, const struct settle_result *res)
{
	int r = store_run(bind_outcome(t, res));
	return r ? r : store_changes(t->in.db) == 1 ? 0 : E_EXISTS;
}

/* An outcome that nobody but we ourselves found. */
static int write_outcome(struct tick *t, int64_t attempt, enum outcome o, const char *code)
{
	return write_result(t, &(struct settle_result){ .attempt = attempt, .outcome = o, .code = code });
}

static int write_proof(struct tick *t, int64_t attempt, const char *proof, bool delivered, const char *reference)
{
	struct statement *st = store_prepare(t->in.db, &settle_module, SETTLE_PROOF);
	bind_int(st, "$id", attempt);
	bind_text(st, "$proof", proof);
	bind_int(st, "$delivered", delivered);
	bind_text(st, "$reference", reference);
	bind_int(st, "$now", t->in.now_ms);
	return store_write_row(st);
}

int settle_attempt_new(struct tick *t, const struct channel *ch, int64_t message, int part, bool handed, int64_t *ret_id)
{
	struct statement *st = store_prepare(t->in.db, &settle_module, SETTLE_NEW);
	bind_int(st, "$seq", tick_seq(t));
	bind_int(st, "$message", message);
	bind_int(st, "$part", part);
	bind_text(st, "$channel", ch->config->name);
	bind_text(st, "$kind", ch->whole ? ch->idempotent ? "http-idempotent" : "http-once" : "modem");
	bind_int(st, "$idempotent", ch->idempotent);
	bind_int(st, "$epoch", t->core->epoch);
	bind_int(st, "$not_before", t->in.now_ms);
	if (handed && !MUTANT(HANDED_LATER))
		bind_int(st, "$handed", t->in.now_ms);
	else
		bind_null(st, "$handed");
	int r = store_write_row(st);
	if (!r)
		*ret_id = store_last_id(t->in.db);
	return r;
}

static bool key_is_fresh(const struct message_row *m, int64_t at_ms)
{
	return at_ms - m->claimed_at < KEY_LIFETIME_MS;
}

int settle_attempts_again(struct tick *t, const struct channel *ch, int64_t message, int parts, int64_t *ret_first, int *ret_part)
{
	struct parts p;
	struct message_row m;
	int r = read_parts(t, message, &p);
	if (!r)
		r = read_message(t, message, &m);
	*ret_first = 0;
	/* a part that a network took is not sent again, and without it the rest is of no use: the message has failed */
	for (int i = 1; !r && !p.lost && i <= parts; i++) {
		bool repeatable = ch->idempotent && key_is_fresh(&m, t->in.now_ms);
		bool again = p.state[i] == PART_NONE || p.state[i] == PART_NOT_SENT || p.state[i] == PART_REFUSED || p.state[i] == PART_UNCLEAR;
		if (!again || (p.doubt[i] && p.state[i] != PART_REFUSED && !repeatable))
			continue;
		int64_t id;
		r = settle_attempt_new(t, ch, message, i, *ret_first == 0, &id);
		if (!r && !*ret_first) {
			*ret_first = id;
			*ret_part = i;
		}
	}
	return r;
}

/* ---- the message's next state ---- */

static int64_t retry_due(struct tick *t, const struct channel *ch, int tries, double after_s)
{
	const struct retry_config *rc = &ch->config->retry;
	double s = after_s > 0 ? after_s : rc->first_s * pow(rc->factor, tries > 1 ? tries - 1 : 0);
	if (s > RETRY_AFTER_MAX_S)
		s = RETRY_AFTER_MAX_S;
	if (after_s <= 0 && s > rc->cap_s)
		s = rc->cap_s;
	double jitter = (double)random_below(t->in.random, 2001) / 1000.0 - 1.0;
	s *= 1.0 + (after_s > 0 ? 0 : jitter * rc->jitter_percent / 100.0);
	return t->in.now_ms + (int64_t)(s * 1000.0) + 1;
}

static void note_due(struct core *core, int64_t due_at, int64_t unused)
{
	(void)unused;
	if (!core->claim_due_at || due_at < core->claim_due_at)
		core->claim_due_at = due_at;
}

struct why { /* the last result that decided: fault, code, wish */
	enum fault fault;
	const char *code;
	double retry_after_s;
	bool untried; /* no driver ever saw it */
};

static int to_retry(struct tick *t, const struct message_row *m, const struct parts *p, const struct why *why)
{
	struct channel *ch = tick_channel(t, m->channel);
	bool bound = false, doubt = false;
	for (int i = 1; i <= p->n; i++) {
		bound |= p->state[i] == PART_ACCEPTED || p->doubt[i];
		doubt |= p->doubt[i];
	}
	char pin[40];
	outbox_bound_pin(m->channel, pin);
	int64_t due = ch ? retry_due(t, ch, m->tries, why->retry_after_s) : t->in.now_ms + 30000;
	bool over = !why->untried && ch && ch->config->retry.attempts && m->tries >= ch->config->retry.attempts;
	if (over || (doubt && p->idempotent && !key_is_fresh(m, due)))
		return outbox_move(t, &(struct outbox_move){ .id = m->id, .flow = m->flow, .from = m->state,
							     .to = doubt ? MESSAGE_UNCLEAR : MESSAGE_FAILED,
							     .reason = why->code ? why->code : "attempts" });
	int r = outbox_move(t, &(struct outbox_move){ .id = m->id, .flow = m->flow, .from = m->state, .to = MESSAGE_RETRY,
						      .reason = why->code, .due_at = due, .pin = bound ? pin : NULL });
	return r ? r : tick_after(t, note_due, due, 0);
}

static int move(struct tick *t, const struct message_row *m, enum message_state to, const char *reason)
{
	if (m->state == to)
		return 0;
	if (!message_may_move(m->state, to))
		return 0; /* states never move backward: a late or repeated report changes nothing */
	return outbox_move(t, &(struct outbox_move){ .id = m->id, .flow = m->flow, .from = m->state, .to = to, .reason = reason });
}

static int count_unclear(struct tick *t, const char *channel)
{
	struct statement *st = store_prepare(t->in.db, &settle_module, SETTLE_UNCLEAR_COUNT);
	bind_text(st, "$name", channel);
	bind_int(st, "$n", 1);
	return store_run(st);
}

/* All parts have an outcome. */
static int conclude(struct tick *t, const struct message_row *m, const struct parts *p, const struct why *why)
{
	bool all_delivered = true;
	int count[PART_UNCLEAR + 1] = { 0 };
	for (int i = 1; i <= m->parts; i++) {
		count[p->state[i]]++;
		all_delivered &= p->delivered[i];
	}
	/* the attempt that made it count as sent has failed since: what is not known of a repetition does not make up for it */
	bool gone = m->state == MESSAGE_SENT && p->lost && count[PART_ACCEPTED] < m->parts;
	if (count[PART_REFUSED] || gone) {
		bool route = why->fault == FAULT_CHANNEL && m->state == MESSAGE_SENDING && !count[PART_ACCEPTED] && !count[PART_UNCLEAR];
		return route ? to_retry(t, m, p, why) : move(t, m, MESSAGE_FAILED, why->code ? why->code : "refused");
	}
	if (count[PART_UNCLEAR] && count[PART_NOT_SENT] && m->state == MESSAGE_SENDING)
		return to_retry(t, m, p, why); /* the rest is still sent; the unclear part is not sent again */
	if (count[PART_UNCLEAR]) {
		bool fresh = p->idempotent && key_is_fresh(m, t->in.now_ms);
		if (m->state != MESSAGE_SENDING)
			return 0;
		return fresh ? to_retry(t, m, p, why) : move(t, m, MESSAGE_UNCLEAR, why->code);
	}
	if (count[PART_NOT_SENT] || count[PART_NONE])
		return m->state == MESSAGE_SENDING ? to_retry(t, m, p, why) : 0;
	if (all_delivered && m->state == MESSAGE_SENDING) {
		/* the report overtook the answer */
		int r = move(t, m, MESSAGE_SENT, NULL);
		struct message_row sent = *m;
		sent.state = MESSAGE_SENT;
		return r ? r : move(t, &sent, MESSAGE_DELIVERED, NULL);
	}
	return move(t, m, all_delivered ? MESSAGE_DELIVERED : MESSAGE_SENT, NULL);
}

static int next_part(struct tick *t, const struct message_row *m, struct parts *p, const struct why *why, bool *ret_waits)
{
	bool stop = false;
	*ret_waits = false;
	for (int i = 1; i <= p->n; i++) {
		if (p->state[i] == PART_OPEN) {
			*ret_waits = true;
			return 0;
		}
		stop |= p->state[i] == PART_REFUSED || p->state[i] == PART_NOT_SENT;
		if (p->state[i] != PART_WAITING)
			continue;
		struct channel *ch = tick_channel(t, m->channel);
		if (!stop && ch && channel_may_go_on(ch) && !t->core->stopping) {
			*ret_waits = true;
			return resting_next(t, ch, m->flow, &(struct resting_part){ p->attempt[i], m->id, i });
		}
		stop = true;
		int r = write_outcome(t, p->attempt[i], OUTCOME_NOT_SENT, why->code ? why->code : "not_handed");
		if (r)
			return r;
		p->state[i] = PART_NOT_SENT;
	}
	return 0;
}

static int settle_with(struct tick *t, int64_t message, const struct why *why)
{
	struct message_row m;
	struct parts p;
	bool waits = false;
	tick_touch(t, (uint64_t)message);
	int r = read_message(t, message, &m);
	if (!r)
		r = read_parts(t, message, &p);
	if (!r && m.state == MESSAGE_SENDING)
		r = next_part(t, &m, &p, why, &waits);
	if (r || waits)
		return r;
	tick_changed(t, "message");
	return conclude(t, &m, &p, why);
}

int settle_message(struct tick *t, int64_t message)
{
	return settle_with(t, message, &(struct why){ 0 });
}

/* ---- results ---- */

static int apply_fault(struct tick *t, struct channel *ch, const struct settle_result *res, int64_t message)
{
	if (res->fault == FAULT_RECIPIENT && res->outcome == OUTCOME_REFUSED) {
		struct message_row m;
		int r = read_message(t, message, &m);
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

static void note_fault(struct core *core, int64_t channel, int64_t fault)
{
	channel_note(&core->channels[channel], fault != 0, clock_mono_ms(core->clock));
}

static void touch_reference(struct tick *t, const char *reference)
{
	if (reference)
		tick_touch(t, tick_thing(reference));
}


/* The answer of a modem was lost, with it the reference: reports for this person that nothing else explains are its proof. */
static int prove_by_person(struct tick *t, int64_t message)
{
	struct message_row m;
	int r = read_message(t, message, &m);
	return r ? r : receipt_use_parked_of_person(t, m.channel, m.address, m.claimed_at);
}

int settle_proof(struct tick *t, int64_t attempt, int64_t message, const char *proof, bool delivered, const char *reference, const char *code)
{
	int r = write_proof(t, attempt, proof, delivered, reference);
	touch_reference(t, reference); /* a report of a person may have brought it */
	return r ? r : settle_with(t, message, &(struct why){ .fault = FAULT_NONE, .code = code });
}

int settle_delivered(struct tick *t, int64_t attempt, int64_t message, int64_t flow, const char *reference)
{
	int r = write_proof(t, attempt, "accepted", true, reference);
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
	int r = store_write_row(bind_outcome(t, res));
	return r ? r : outbox_move(t, &(struct outbox_move){ .id = g->message, .flow = g->flow, .from = MESSAGE_SENDING, .to = MESSAGE_SENT });
}

static int settle_any(struct tick *t, struct channel *ch, const struct given *g, const struct settle_result *res)
{
	int r = write_result(t, res);
	if (!r)
		r = apply_fault(t, ch, res, g->message);
	if (!r && res->outcome == OUTCOME_UNCLEAR)
		r = count_unclear(t, ch->config->name);
	return r ? r : settle_with(t, g->message, &(struct why){ .fault = res->fault, .code = res->code, .retry_after_s = res->retry_after_s });
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
	int r = write_proof(t, res->attempt, res->outcome == OUTCOME_ACCEPTED ? "accepted" : "failed", false, res->reference);
	touch_reference(t, res->reference);
	if (!r)
		r = settle_with(t, g->message, &(struct why){ .fault = res->fault, .code = res->code });
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
	bool fault = res->fault == FAULT_CHANNEL && res->outcome == OUTCOME_NOT_SENT;
	r = plain ? settle_plain(t, &g, res) : settle_any(t, ch, &g, res);
	if (!r)
		r = handover_done(t, ch, res->attempt);
	if (!r && res->outcome == OUTCOME_ACCEPTED && res->price_vnd >= 0)
		r = price_take(t, ch, g.flow, g.parts, res->price_vnd);
	if (!r)
		r = tick_after(t, note_fault, ch - t->core->channels, fault);
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
	int r = write_outcome(t, a->id, handed ? OUTCOME_UNCLEAR : OUTCOME_NOT_SENT, code);
	if (r == E_EXISTS)
		return 0; /* settling an earlier part of the same message settled it */
	if (!r && handed) {
		struct message_row m;
		r = read_message(t, a->message, &m);
		if (!r)
			r = count_unclear(t, m.channel);
	}
	if (!r)
		r = settle_with(t, a->message, &(struct why){ .code = code });
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
	/* a new driver may be there already: it gets nothing of what is decided here, else a part would leave and count as not sent */
	struct channel *ch = tick_channel(t, channel);
	bool ready = ch && ch->ready;
	if (ready)
		ch->ready = false;
	for (int i = 0; !r && i < n; i++)
		r = decide_open(t, &open[i], among(unwritten, n_unwritten, open[i].id) || MUTANT(LOST_DRIVER_FORGETS), "driver_lost");
	if (ready)
		ch->ready = true;
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
	r = write_outcome(t, attempt, OUTCOME_NOT_SENT, code);
	if (!r)
		r = settle_with(t, message, &(struct why){ .code = code, .retry_after_s = AT_ONCE_S, .untried = true });
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
