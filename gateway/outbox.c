/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table message as a durable queue: put, move, suppress, cancel. Claims are in dispatch.c, shapes in message_verbs.c.
 * Never decides whether something may be sent: policy does, at the claim. */
#include "gateway/outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "gateway/base/mutant.h"
#include "gateway/base/own.h"
#include "gateway/channel.h"
#include "gateway/consent.h"
#include "gateway/core.h"
#include "gateway/outbox_row.h"
#include "gateway/store/store.h"

#define PUT (UINT64_C(1) << 61) /* something to an address: apart from messages of the same id */
#define WAITING_TEXT                                                                                                                       \
	"SELECT id, flow, state, class, topic, person FROM message WHERE address = $address AND state IN ('held', 'queued', 'retry') "    \
	"ORDER BY claimed_at NULLS FIRST LIMIT 1000"

enum outbox_sql {
	OUTBOX_PUT, OUTBOX_BY_KEY, OUTBOX_NETWORK, OUTBOX_WORDING, OUTBOX_MOVE, OUTBOX_WAITING, OUTBOX_WAITING_AHEAD, OUTBOX_FLOW_READY, OUTBOX_FLOW_HELD,
	OUTBOX_AUTO_HOUR, OUTBOX_SQL_COUNT
};
static const char *const outbox_sql[OUTBOX_SQL_COUNT] = {
	[OUTBOX_PUT] = "INSERT INTO message (key, flow, person, address, class, topic, state, reason, state_since, pin, sender, wording, text, "
		       "due_at, expires_at, queued_at, automatic, subject, args_hash) VALUES ($key, $flow, $person, $address, $class, $topic, "
		       "$state, $reason, $now, $pin, $sender, $wording, $text, $due, $expires, $now, $automatic, $subject, $args)",
	[OUTBOX_BY_KEY] = "SELECT id FROM message WHERE key = $key",
	[OUTBOX_NETWORK] = "SELECT network FROM address WHERE id = $id",
	[OUTBOX_WORDING] = "INSERT INTO wording (text) VALUES ($text)",
	[OUTBOX_MOVE] = "UPDATE message SET state = $to, reason = $reason, state_since = $now, due_at = CASE WHEN $due > 0 THEN $due ELSE due_at END, "
			"pin = coalesce($pin, pin), sent_at = CASE WHEN $to IN ('sent', 'delivered') THEN coalesce(sent_at, $now) ELSE sent_at END, "
			"final_at = CASE WHEN $final = 1 THEN $now ELSE NULL END WHERE id = $id AND state = $from",
	[OUTBOX_WAITING] = WAITING_TEXT,
	[OUTBOX_WAITING_AHEAD] = WAITING_TEXT,
	[OUTBOX_FLOW_READY] = "SELECT id, state FROM message INDEXED BY message_ready WHERE flow = $flow AND {ready} LIMIT $n",
	[OUTBOX_FLOW_HELD] = "SELECT id, state FROM message WHERE flow = $flow AND {held} LIMIT $n",
	[OUTBOX_AUTO_HOUR] = "SELECT count(*) FROM (SELECT 1 FROM message WHERE automatic = 1 AND queued_at >= $since LIMIT $most) AS found",
};
const struct sql_module outbox_module = { "outbox", outbox_sql, OUTBOX_SQL_COUNT };

void outbox_network_pin(const char *network, char ret[40])
{
	snprintf(ret, 40, "~%s", network);
}

void outbox_bound_pin(const char *channel, char ret[40])
{
	snprintf(ret, 40, "!%s", channel);
}

void outbox_wish_pin(const char *channel, char ret[40])
{
	snprintf(ret, 40, "?%s", channel);
}

static bool is_up(const struct channel *ch)
{
	return channel_state(ch) == CHANNEL_UP || channel_state(ch) == CHANNEL_BUSY;
}

/* A wish for a channel that is not configured (any more) or not up is no wish: answers must not wait for it. */
static int pin_of(struct tick *t, const struct outbox_put *p, char ret[40])
{
	struct channel *must = p->pin && p->pin[0] ? tick_channel(t, p->pin) : NULL;
	struct channel *wish = p->wish && p->wish[0] ? tick_channel(t, p->wish) : NULL;
	if (must) {
		snprintf(ret, 40, "%s", p->pin);
		return 0;
	}
	if (wish && is_up(wish)) {
		outbox_wish_pin(p->wish, ret);
		return 0;
	}
	if (p->network) {
		outbox_network_pin(p->network, ret);
		return 0;
	}
	struct statement *st = store_prepare(t->in.db, &outbox_module, OUTBOX_NETWORK);
	bind_int(st, "$id", p->address);
	int r = store_row(st);
	if (r > 0)
		outbox_network_pin(column_text(st, 0), ret);
	store_reset(st);
	return r > 0 ? 0 : r == 0 ? E_NOT_FOUND : r;
}

static int existing(struct tick *t, const char *key, int64_t *ret_id)
{
	struct statement *st = store_prepare(t->in.db, &outbox_module, OUTBOX_BY_KEY);
	bind_text(st, "$key", key);
	int r = store_row(st);
	if (r > 0)
		*ret_id = column_int(st, 0);
	store_reset(st);
	return r > 0 ? E_EXISTS : r == 0 ? E_NOT_FOUND : r;
}

static void bind_optional(struct statement *st, const char *name, int64_t value)
{
	if (value)
		bind_int(st, name, value);
	else
		bind_null(st, name);
}

int outbox_put(struct tick *t, const struct outbox_put *p, int64_t *ret_id)
{
	char pin[40];
	int r = pin_of(t, p, pin);
	if (r)
		return r;
	int64_t now = t->in.now_ms, due = p->due_at > now ? p->due_at : now;
	int64_t expires = p->expires_at ? p->expires_at : due + t->in.config->sending.default_validity_h * INT64_C(3600000);
	enum message_state state = due > now ? MESSAGE_HELD : MESSAGE_QUEUED;
	struct statement *st = store_prepare(t->in.db, &outbox_module, OUTBOX_PUT);
	bind_text(st, "$key", p->key);
	bind_int(st, "$flow", p->flow);
	bind_optional(st, "$person", p->person);
	bind_int(st, "$address", p->address);
	bind_text(st, "$class", message_class_name(p->class));
	bind_text(st, "$topic", p->topic);
	bind_text(st, "$state", message_state_name(state));
	bind_text(st, "$reason", state == MESSAGE_HELD ? "scheduled" : NULL);
	bind_int(st, "$now", now);
	bind_text(st, "$pin", pin);
	bind_text(st, "$sender", p->sender);
	bind_optional(st, "$wording", p->wording);
	bind_text(st, "$text", p->text);
	bind_int(st, "$due", due);
	bind_int(st, "$expires", expires);
	bind_int(st, "$automatic", p->automatic);
	bind_text(st, "$subject", p->subject);
	bind_blob(st, "$args", p->args_hash, p->args_hash ? 32 : 0);
	r = p->sure && !t->core->singly ? store_write_row(st) : store_run(st);
	if (r == E_EXISTS)
		return existing(t, p->key, ret_id);
	if (r)
		return r;
	*ret_id = store_last_id(t->in.db);
	t->core->automatic += p->automatic;
	tick_touch(t, PUT | (uint64_t)p->address);
	tick_flow(t, p->flow, MESSAGE_STATES, state);
	return 0;
}

int outbox_wording(struct tick *t, const char *text, int64_t *ret_id)
{
	struct statement *st = store_prepare(t->in.db, &outbox_module, OUTBOX_WORDING);
	bind_text(st, "$text", text);
	int r = store_run(st);
	if (!r)
		*ret_id = store_last_id(t->in.db);
	return r;
}

int outbox_move(struct tick *t, const struct outbox_move *m)
{
	if (!message_may_move(m->from, m->to))
		return E_REFUSED;
	struct statement *st = store_prepare(t->in.db, &outbox_module, OUTBOX_MOVE);
	bind_int(st, "$id", m->id);
	bind_text(st, "$from", message_state_name(m->from));
	bind_text(st, "$to", message_state_name(m->to));
	bind_text(st, "$reason", m->reason);
	bind_int(st, "$now", t->in.now_ms);
	bind_int(st, "$due", m->due_at);
	bind_text(st, "$pin", m->pin);
	bind_int(st, "$final", message_is_final(m->to));
	int r = store_write_row(st);
	if (r)
		return r;
	tick_touch(t, (uint64_t)m->id);
	tick_flow(t, m->flow, m->from, m->to);
	return webhook_message(t, m->id, m->to, m->reason);
}

struct waiting {
	int64_t id, flow;
	enum message_state state;
};

static bool scope_covers(const char *scope, const char *class_name, const char *topic)
{
	enum message_class class;
	char off[80];
	snprintf(off, sizeof(off), " %s ", scope);
	return !message_class_parse(class_name, &class) && consent_stops(off, class, topic);
}

static struct statement *bind_waiting(struct tick *t, size_t sql, int64_t address)
{
	struct statement *st = store_prepare(t->in.db, &outbox_module, sql);
	bind_int(st, "$address", address);
	return st;
}

void outbox_suppress_ahead(struct tick *t, int64_t address)
{
	store_ahead(bind_waiting(t, OUTBOX_WAITING_AHEAD, address));
}

/* What waits of an address: what scope covers (NULL: everything), of one person (0: of all). */
static int read_waiting(struct tick *t, int64_t address, const char *scope, int64_t person, struct waiting **ret, size_t *ret_n)
{
	OWN(mem) struct waiting *rows = NULL;
	size_t n = 0, room = 0;
	struct statement *st = bind_waiting(t, tick_touched(t, PUT | (uint64_t)address) ? OUTBOX_WAITING : OUTBOX_WAITING_AHEAD, address);
	int r;
	while ((r = store_row(st)) > 0) {
		struct waiting w = { column_int(st, 0), column_int(st, 1), MESSAGE_QUEUED };
		if ((scope && !scope_covers(scope, column_text(st, 3), column_text(st, 4))) || message_state_parse(column_text(st, 2), &w.state) ||
		    (person && column_int(st, 5) != person))
			continue;
		if (n == room) {
			room = room ? room * 2 : 16;
			struct waiting *more = realloc(rows, room * sizeof(*rows));
			if (!more) {
				r = E_NOMEM;
				break;
			}
			rows = more;
		}
		rows[n++] = w;
	}
	store_reset(st);
	if (r)
		return r;
	*ret_n = n;
	*ret = MOVE(rows);
	return 0;
}

static int end_waiting(struct tick *t, const struct waiting *rows, size_t n, enum message_state to, const char *reason)
{
	int r = 0;
	for (size_t i = 0; !r && i < n; i++)
		r = outbox_move(t, &(struct outbox_move){ .id = rows[i].id, .flow = rows[i].flow, .from = rows[i].state, .to = to, .reason = reason });
	return r;
}

int outbox_suppress(struct tick *t, int64_t address, const char *scope, int64_t *ret_count)
{
	OWN(mem) struct waiting *rows = NULL;
	size_t n = 0;
	int r = read_waiting(t, address, scope, 0, &rows, &n);
	if (!r)
		r = end_waiting(t, rows, n, MESSAGE_SUPPRESSED, "opted_out");
	if (!r)
		*ret_count = (int64_t)n;
	return r;
}

int outbox_cancel_person(struct tick *t, int64_t address, int64_t person, const char *reason)
{
	OWN(mem) struct waiting *rows = NULL;
	size_t n = 0;
	int r = read_waiting(t, address, NULL, person, &rows, &n);
	return r ? r : end_waiting(t, rows, n, MESSAGE_CANCELLED, reason);
}

static int cancel_some(struct tick *t, int64_t flow, const char *reason, size_t sql, int limit, int64_t *count)
{
	struct waiting rows[256];
	int n = 0;
	struct statement *st = store_prepare(t->in.db, &outbox_module, sql);
	bind_int(st, "$flow", flow);
	bind_int(st, "$n", limit < 256 ? limit : 256);
	int r;
	while ((r = store_row(st)) > 0 && n < 256) {
		rows[n] = (struct waiting){ .id = column_int(st, 0), .flow = flow };
		if (!message_state_parse(column_text(st, 1), &rows[n].state) &&
		    !(rows[n].state != MESSAGE_QUEUED && MUTANT(CANCEL_FORGETS_HELD)))
			n++;
	}
	store_reset(st);
	for (int i = 0; r >= 0 && i < n; i++)
		r = outbox_move(t, &(struct outbox_move){ .id = rows[i].id, .flow = flow, .from = rows[i].state, .to = MESSAGE_CANCELLED,
							  .reason = reason });
	*count += n;
	return r < 0 ? r : 0;
}

int outbox_cancel_flow(struct tick *t, int64_t flow, const char *reason, int limit, int64_t *ret_count)
{
	int64_t count = 0, before = -1;
	while (count < limit && count != before) {
		before = count;
		int r = cancel_some(t, flow, reason, OUTBOX_FLOW_READY, limit - (int)count, &count);
		if (!r && count < limit)
			r = cancel_some(t, flow, reason, OUTBOX_FLOW_HELD, limit - (int)count, &count);
		if (r)
			return r;
	}
	*ret_count = count;
	return 0;
}

int outbox_automatic_hour(struct tick *t, int64_t most, int64_t *ret, bool *ret_fresh)
{
	struct core *core = t->core;
	*ret_fresh = t->in.now_ms - core->automatic_at_ms >= 5000 || t->in.now_ms < core->automatic_at_ms;
	if (*ret_fresh) {
		struct statement *st = store_prepare(t->in.db, &outbox_module, OUTBOX_AUTO_HOUR);
		bind_int(st, "$since", t->in.now_ms - INT64_C(3600000));
		bind_int(st, "$most", most);
		int r = store_row(st);
		if (r > 0)
			core->automatic = column_int(st, 0);
		store_reset(st);
		if (r <= 0)
			return r ? r : E_NOT_FOUND;
		core->automatic_at_ms = t->in.now_ms;
	}
	*ret = core->automatic < most ? core->automatic : most;
	return 0;
}
