/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From what is known of a message's parts to its next state: sent, again later, failed, unclear, or the next part handed out. */
#include "gateway/conclusion.h"

#include <math.h>

#include "gateway/attempt.h"
#include "gateway/core.h"
#include "gateway/outbox_row.h"
#include "gateway/resting.h"

#define RETRY_AFTER_MAX_S 604800.0 /* as the settings allow; a provider's wish may be any number */

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

static int to_retry(struct tick *t, const struct attempt_message *m, const struct attempt_parts *p, const struct conclusion_why *why)
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
	if (over || (doubt && p->idempotent && !attempt_key_is_fresh(m, due)))
		return outbox_move(t, &(struct outbox_move){ .id = m->id, .flow = m->flow, .from = m->state,
							     .to = doubt ? MESSAGE_UNCLEAR : MESSAGE_FAILED,
							     .reason = why->code ? why->code : "attempts" });
	int r = outbox_move(t, &(struct outbox_move){ .id = m->id, .flow = m->flow, .from = m->state, .to = MESSAGE_RETRY,
						      .reason = why->code, .due_at = due, .pin = bound ? pin : NULL });
	return r ? r : tick_after(t, note_due, due, 0);
}

static int move(struct tick *t, const struct attempt_message *m, enum message_state to, const char *reason)
{
	if (m->state == to)
		return 0;
	if (!message_may_move(m->state, to))
		return 0; /* states never move backward: a late or repeated report changes nothing */
	return outbox_move(t, &(struct outbox_move){ .id = m->id, .flow = m->flow, .from = m->state, .to = to, .reason = reason });
}

/* All parts have an outcome. */
static int conclude(struct tick *t, const struct attempt_message *m, const struct attempt_parts *p, const struct conclusion_why *why)
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
		bool fresh = p->idempotent && attempt_key_is_fresh(m, t->in.now_ms);
		if (m->state != MESSAGE_SENDING)
			return 0;
		return fresh ? to_retry(t, m, p, why) : move(t, m, MESSAGE_UNCLEAR, why->code);
	}
	if (count[PART_NOT_SENT] || count[PART_NONE])
		return m->state == MESSAGE_SENDING ? to_retry(t, m, p, why) : 0;
	if (all_delivered && m->state == MESSAGE_SENDING) {
		/* the report overtook the answer */
		int r = move(t, m, MESSAGE_SENT, NULL);
		struct attempt_message sent = *m;
		sent.state = MESSAGE_SENT;
		return r ? r : move(t, &sent, MESSAGE_DELIVERED, NULL);
	}
	return move(t, m, all_delivered ? MESSAGE_DELIVERED : MESSAGE_SENT, NULL);
}

static int next_part(struct tick *t, const struct attempt_message *m, struct attempt_parts *p, const struct conclusion_why *why, bool *ret_waits)
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
		int r = attempt_outcome(t, p->attempt[i], OUTCOME_NOT_SENT, why->code ? why->code : "not_handed");
		if (r)
			return r;
		p->state[i] = PART_NOT_SENT;
	}
	return 0;
}

int conclusion_draw(struct tick *t, int64_t message, const struct conclusion_why *why)
{
	struct attempt_message m;
	struct attempt_parts p;
	bool waits = false;
	tick_touch(t, (uint64_t)message);
	int r = attempt_message(t, message, &m);
	if (!r)
		r = attempt_parts(t, message, &p);
	if (!r && m.state == MESSAGE_SENDING)
		r = next_part(t, &m, &p, why, &waits);
	if (r || waits)
		return r;
	tick_changed(t, "message");
	return conclude(t, &m, &p, why);
}
