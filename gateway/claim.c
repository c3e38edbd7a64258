/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Consent, hours, caps and the shape are decided by the first claim, for the whole message. */
#include "gateway/claim.h"

#include "gateway/attempt.h"
#include "gateway/base/calendar.h"
#include "gateway/base/mutant.h"
#include "gateway/handover.h"
#include "gateway/jump.h"
#include "gateway/outbox_row.h"
#include "gateway/policy.h"
#include "gateway/settle.h"

enum claim_sql { CLAIM_MESSAGE, CLAIM_LAST_REF, CLAIM_PERSON, CLAIM_SQL_COUNT };
static const char *const claim_sql[CLAIM_SQL_COUNT] = {
	[CLAIM_MESSAGE] = "UPDATE message SET state = 'sending', reason = NULL, state_since = $now, channel = $channel, encoding = $encoding, "
			   "parts = $parts, udh_ref = $ref, claimed_at = CASE WHEN $begun = 1 THEN claimed_at ELSE $now END, tries = tries + 1 "
			   "WHERE id = $id AND state = $from",
	[CLAIM_LAST_REF] = "SELECT udh_ref FROM message WHERE address = $address AND claimed_at > 0 AND parts > 1 ORDER BY claimed_at DESC NULLS LAST LIMIT 1",
	[CLAIM_PERSON] = "INSERT INTO channel_person (channel, month, address) VALUES ($channel, $month, $address) ON CONFLICT DO NOTHING",
};
const struct sql_module claim_module = { "claim", claim_sql, CLAIM_SQL_COUNT };

static int ask_policy(const struct claim *k, const struct candidate *c, struct policy_answer *ret)
{
	int64_t count, oldest;
	int r = candidate_count_24h(k->t, c, &count, &oldest);
	const struct config *cfg = k->t->in.config;
	if (!r)
		*ret = policy_ask(&(struct policy_question){
			.class = c->class, .topic = c->topic, .off = c->off, .unreachable = c->unreachable, .dnc = c->dnc, .begun = c->begun,
			.now_ms = k->t->in.now_ms, .expires_at = c->expires_at, .local_min = k->local_min,
			.quiet_from_min = cfg->sending.quiet_from_min, .quiet_to_min = cfg->sending.quiet_to_min,
			.quiet_ends_at = k->quiet_ends_at, .sent_24h = count, .cap_frees_at = oldest + CANDIDATE_DAY_MS,
			.cap_24h = cfg->sending.max_per_person_24h });
	if (!r && ret->verdict == POLICY_EXPIRE && jump_in_doubt(k->t))
		*ret = (struct policy_answer){ POLICY_HOLD, "clock", k->t->in.now_ms };
	return r;
}

static int turn_away(struct tick *t, int64_t flow, const struct candidate *c, const struct policy_answer *a)
{
	static const enum message_state to[] = {
		[POLICY_HOLD] = MESSAGE_HELD, [POLICY_SUPPRESS] = MESSAGE_SUPPRESSED, [POLICY_EXPIRE] = MESSAGE_EXPIRED,
		[POLICY_FAIL] = MESSAGE_SUPPRESSED,
	};
	return outbox_move(t, &(struct outbox_move){ .id = c->id, .flow = flow, .from = c->state, .to = to[a->verdict], .reason = a->reason,
						     .due_at = a->verdict == POLICY_HOLD ? a->hold_until_ms : 0 });
}

/* Encoding, parts and reference, fixed by the first claim. */
static int choose_shape(struct tick *t, const struct channel *ch, const struct candidate *c, struct handover *h)
{
	struct measure m;
	gsm7_measure(c->text, 8, &m);
	h->encoding = m.encoding;
	h->parts = ch->whole ? 1 : m.n_segments;
	h->udh_ref = c->udh_ref;
	if (h->parts > SEGMENTS_MAX)
		return E_TOO_BIG;
	if (c->begun || h->parts == 1)
		return 0;
	struct statement *st = store_prepare(t->in.db, &claim_module, CLAIM_LAST_REF);
	bind_int(st, "$address", c->address);
	int r = store_row(st);
	h->udh_ref = r > 0 ? (int)((column_int(st, 0) + 1) & 0xff) : (int)random_below(t->in.random, 256);
	store_reset(st);
	return r < 0 ? r : 0;
}

static int write_message(struct tick *t, int64_t flow, const struct channel *ch, const struct candidate *c, const struct handover *h)
{
	struct statement *st = store_prepare(t->in.db, &claim_module, CLAIM_MESSAGE);
	bind_int(st, "$id", c->id);
	bind_text(st, "$from", message_state_name(c->state));
	bind_text(st, "$channel", ch->config->name);
	bind_text(st, "$encoding", encoding_name(h->encoding));
	bind_int(st, "$parts", h->parts);
	bind_int(st, "$ref", h->udh_ref);
	bind_int(st, "$begun", c->begun);
	bind_int(st, "$now", t->in.now_ms);
	int r = store_write_row(st);
	candidate_claimed(t, c);
	tick_flow(t, flow, c->state, MESSAGE_SENDING);
	return r;
}

static int write_attempts(struct tick *t, const struct channel *ch, const struct candidate *c, struct handover *h)
{
	if (c->tries)
		return attempt_again(t, ch, c->id, h->parts, &h->attempt, &h->part);
	h->part = MUTANT(PARTS_ANYHOW) ? h->parts : 1;
	for (int part = 1; part <= h->parts; part++) {
		int64_t id;
		int r = attempt_new(t, ch, c->id, part, 1, part == h->part, &id);
		if (r)
			return r;
		if (part == h->part)
			h->attempt = id;
	}
	return 0;
}

static int count_person(struct tick *t, const struct channel *ch, const struct candidate *c)
{
	if (!channel_counts_persons(ch->config))
		return 0;
	struct calendar day = calendar_local(t->in.zone, t->in.now_ms);
	struct statement *st = store_prepare(t->in.db, &claim_module, CLAIM_PERSON);
	bind_text(st, "$channel", ch->config->name);
	bind_int(st, "$month", day.year * 12 + day.month);
	bind_int(st, "$address", c->address);
	return store_write(st, -1);
}

/* Campaigns leave the day's last segments of a SIM alone rather than pass its quota; answers may pass it. */
static bool over_quota(const struct claim *k, int index, const struct candidate *c, int parts)
{
	const struct channel *ch = &k->t->core->channels[index];
	if (!ch->config->daily_segments || c->begun || !message_class_is_bulk(c->class))
		return false;
	return channel_day_segments(ch, k->t) + k->segments[index] + parts > ch->config->daily_segments;
}

int claim_one(struct claim *k, int index, int64_t flow, const struct candidate *c)
{
	struct tick *t = k->t;
	struct channel *ch = &t->core->channels[index];
	struct policy_answer a = { POLICY_FAIL, c->bad, 0 };
	int r = c->bad ? 0 : ask_policy(k, c, &a);
	if (r)
		return r;
	if (a.verdict != POLICY_SEND)
		return turn_away(t, flow, c, &a);
	struct handover h = { .message = c->id, .number = c->number, .text = c->text, .sender = c->sender, .expires_at = c->expires_at };
	r = choose_shape(t, ch, c, &h);
	if (r == E_TOO_BIG)
		return turn_away(t, flow, c, &(struct policy_answer){ POLICY_FAIL, "too_long", 0 });
	if (!r && over_quota(k, index, c, h.parts)) {
		k->room[index] = k->used[index];
		return 0;
	}
	if (!r)
		r = write_message(t, flow, ch, c, &h);
	if (!r)
		r = write_attempts(t, ch, c, &h);
	if (!r)
		r = count_person(t, ch, c);
	if (r)
		return r;
	if (!h.attempt)
		return settle_message(t, c->id); /* every part was proven meanwhile */
	k->used[index]++;
	k->segments[index] += h.parts;
	return handover_send(t, ch, &h);
}
