/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table attempt; the only file that writes outcomes and proofs. */
#include "gateway/attempt.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/mutant.h"
#include "gateway/core.h"
#include "gateway/settle.h"

#define KEY_LIFETIME_MS (INT64_C(24) * 3600000)

enum attempt_sql { ATTEMPT_OUTCOME, ATTEMPT_PROOF, ATTEMPT_PARTS, ATTEMPT_MESSAGE, ATTEMPT_NEW, ATTEMPT_SQL_COUNT };
static const char *const attempt_sql[ATTEMPT_SQL_COUNT] = {
	[ATTEMPT_OUTCOME] = "UPDATE attempt SET outcome = $outcome, reference = $reference, code = $code, segments = $segments, price = $price, "
			   "settled_at = $now WHERE id = $id AND coalesce(outcome, '') = ''", /* IS NULL: a server reads the index of all that are open */
	[ATTEMPT_PROOF] = "UPDATE attempt SET proof = $proof, delivered = $delivered, proof_at = $now, reference = coalesce(reference, $reference) "
			 "WHERE id = $id",
	[ATTEMPT_PARTS] = "SELECT part, id, outcome, proof, handed_at, delivered, idempotent, n FROM attempt WHERE message = $message ORDER BY part, n",
	[ATTEMPT_MESSAGE] = "SELECT flow, state, parts, channel, tries, address, claimed_at, pin FROM message WHERE id = $id",
	[ATTEMPT_NEW] = "INSERT INTO attempt (seq, message, part, n, channel, kind, idempotent, epoch, not_before, handed_at) "
		       "VALUES ($seq, $message, $part, $n, $channel, $kind, $idempotent, $epoch, $not_before, $handed)",
};
const struct sql_module attempt_module = { "attempt", attempt_sql, ATTEMPT_SQL_COUNT };

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

int attempt_parts(struct tick *t, int64_t message, struct attempt_parts *ret)
{
	*ret = (struct attempt_parts){ 0 };
	struct statement *st = store_prepare(t->in.db, &attempt_module, ATTEMPT_PARTS);
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
		ret->tries[part] = (int)column_int(st, 7);
	}
	store_reset(st);
	return r;
}

int attempt_message(struct tick *t, int64_t id, struct attempt_message *ret)
{
	struct statement *st = store_prepare(t->in.db, &attempt_module, ATTEMPT_MESSAGE);
	bind_int(st, "$id", id);
	int r = store_row(st);
	if (r > 0) {
		*ret = (struct attempt_message){ .id = id, .flow = column_int(st, 0), .parts = (int)column_int(st, 2), .tries = (int)column_int(st, 4),
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
	struct statement *st = store_prepare(t->in.db, &attempt_module, ATTEMPT_OUTCOME);
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

int attempt_result_row(struct tick *t, const struct settle_result *res)
{
	return store_write_row(bind_outcome(t, res));
}

int attempt_result(struct tick *t, const struct settle_result *res)
{
	int r = store_run(bind_outcome(t, res));
	return r ? r : store_changes(t->in.db) == 1 ? 0 : E_EXISTS;
}

int attempt_outcome(struct tick *t, int64_t attempt, enum outcome o, const char *code)
{
	return attempt_result(t, &(struct settle_result){ .attempt = attempt, .outcome = o, .code = code });
}

int attempt_proof(struct tick *t, int64_t attempt, const char *proof, bool delivered, const char *reference)
{
	struct statement *st = store_prepare(t->in.db, &attempt_module, ATTEMPT_PROOF);
	bind_int(st, "$id", attempt);
	bind_text(st, "$proof", proof);
	bind_int(st, "$delivered", delivered);
	bind_text(st, "$reference", reference);
	bind_int(st, "$now", t->in.now_ms);
	return store_write_row(st);
}

int attempt_new(struct tick *t, const struct channel *ch, int64_t message, int part, int n, bool handed, int64_t *ret_id)
{
	struct statement *st = store_prepare(t->in.db, &attempt_module, ATTEMPT_NEW);
	bind_int(st, "$seq", tick_seq(t));
	bind_int(st, "$message", message);
	bind_int(st, "$part", part);
	bind_int(st, "$n", n);
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

bool attempt_key_is_fresh(const struct attempt_message *m, int64_t at_ms)
{
	return at_ms - m->claimed_at < KEY_LIFETIME_MS;
}

int attempt_again(struct tick *t, const struct channel *ch, int64_t message, int parts, int64_t *ret_first, int *ret_part)
{
	struct attempt_parts p;
	struct attempt_message m;
	int r = attempt_parts(t, message, &p);
	if (!r)
		r = attempt_message(t, message, &m);
	*ret_first = 0;
	/* a part that a network took is not sent again, and without it the rest is of no use: the message has failed */
	for (int i = 1; !r && !p.lost && i <= parts; i++) {
		bool repeatable = ch->idempotent && attempt_key_is_fresh(&m, t->in.now_ms);
		bool again = p.state[i] == PART_NONE || p.state[i] == PART_NOT_SENT || p.state[i] == PART_REFUSED || p.state[i] == PART_UNCLEAR;
		if (!again || (p.doubt[i] && p.state[i] != PART_REFUSED && !repeatable))
			continue;
		int64_t id;
		r = attempt_new(t, ch, message, i, p.tries[i] + 1, *ret_first == 0, &id);
		if (!r && !*ret_first) {
			*ret_first = id;
			*ret_part = i;
		}
	}
	return r;
}
