/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table webhook_event: events in, given to the receiver's program, away when it has them. Called by outbox and inbox for what happens,
 * by frames for what a program says, by the upkeep for what is due. Never waits for anybody. */
#include "gateway/webhook.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/log.h"
#include "gateway/base/mutant.h"
#include "gateway/base/text.h"
#include "gateway/core.h"
#include "gateway/store/store.h"
#include "gateway/supervisor.h"
#include "gateway/tick_lists.h"
#include "gateway/webhook_event.h"
#include "gateway/webhook_memory.h"

#define FIRST_S 5.0
#define FACTOR 3.0
#define CAP_S 7200.0
#define DOWN_CAP_S 900.0
#define JITTER 0.2

enum webhook_sql { WEBHOOK_PUT, WEBHOOK_DUE, WEBHOOK_ONE, WEBHOOK_GONE, WEBHOOK_LATER, WEBHOOK_GIVE_UP, WEBHOOK_SQL_COUNT };
#define OF_OBJECT "hook = $hook AND kind = $kind AND object = $object AND given_up_at IS NULL"
static const char *const webhook_sql[WEBHOOK_SQL_COUNT] = {
	/* behind one that is tried again: never before it */
	[WEBHOOK_PUT] = "INSERT INTO webhook_event (hook, kind, object, state, reason, at, due_at, until_at) VALUES ($hook, $kind, $object, $state, "
			"$reason, $now, coalesce((SELECT max(due_at) FROM webhook_event WHERE " OF_OBJECT "), $now), $until)",
	[WEBHOOK_DUE] = "SELECT e.id, e.kind, e.object, e.state, e.reason, e.at FROM webhook_event e WHERE e.hook = $hook AND e.given_up_at IS NULL "
			"AND e.due_at <= $now AND NOT EXISTS (SELECT 1 FROM webhook_event o WHERE o.hook = e.hook AND o.kind = e.kind AND "
			"o.object = e.object AND o.given_up_at IS NULL AND o.id < e.id) ORDER BY e.due_at, e.id LIMIT $n",
	[WEBHOOK_ONE] = "SELECT kind, object, tries, until_at FROM webhook_event WHERE id = $id AND given_up_at IS NULL",
	[WEBHOOK_GONE] = "DELETE FROM webhook_event WHERE id = $id",
	[WEBHOOK_LATER] = "UPDATE webhook_event SET due_at = $due, tries = CASE WHEN id = $id THEN tries + 1 ELSE tries END WHERE " OF_OBJECT,
	[WEBHOOK_GIVE_UP] = "UPDATE webhook_event SET given_up_at = $now, tries = tries + 1 WHERE id = $id AND given_up_at IS NULL",
};
const struct sql_module webhook_module = { "webhook", webhook_sql, WEBHOOK_SQL_COUNT };

static struct statement *prepare(struct tick *t, size_t sql, const struct webhook *w)
{
	struct statement *st = store_prepare(t->in.db, &webhook_module, sql);
	bind_text(st, "$hook", w->config->name);
	return st;
}

struct webhook *webhook_find(struct core *core, const char *name)
{
	for (int i = 0; i < core->n_webhooks; i++)
		if (!strcmp(core->webhooks[i].config->name, name))
			return &core->webhooks[i];
	return NULL;
}

/* ---- memory: after the commit ---- */

void webhook_count_waiting(struct core *core, int64_t place, int64_t by)
{
	core->webhooks[place].pending += by;
	core->duty_due_at[DUTY_WEBHOOK] = 0;
}

void webhook_count_given_up(struct core *core, int64_t place, int64_t by)
{
	core->webhooks[place].given_up += by;
}

static void count_lost(struct core *core, int64_t place, int64_t unused)
{
	(void)unused;
	core->webhooks[place].lost++;
	core->webhooks[place].dirty = true;
}

static void opened(struct core *core, int64_t place, int64_t id)
{
	struct webhook *w = &core->webhooks[place];
	if (w->n_open == WEBHOOK_OPEN_MAX)
		return; /* given out again later */
	w->open[w->n_open].id = id;
	w->open[w->n_open++].since_mono_ms = clock_mono_ms(core->clock);
}

/* Was it under way? */
static bool closed(struct core *core, int64_t place, int64_t id)
{
	struct webhook *w = &core->webhooks[place];
	int before = w->n_open;
	for (int i = 0; i < w->n_open; i++)
		if (w->open[i].id == id)
			w->open[i--] = w->open[--w->n_open];
	core->duty_due_at[DUTY_WEBHOOK] = 0;
	return w->n_open < before;
}

static void answered(struct core *core, int64_t place, int64_t id)
{
	struct webhook *w = &core->webhooks[place];
	if (!closed(core, place, id))
		return; /* given out twice and answered twice in one tick: one row is gone */
	w->pending--;
	w->told++;
	w->failures = 0;
	w->failing_since = w->until_mono_ms = 0;
	w->dirty = true;
}

static double jittered(struct core *core, double s)
{
	return s * (1 + JITTER * ((double)random_below(core->random, 2001) / 1000 - 1));
}

static void failed(struct core *core, int64_t place, int64_t id)
{
	struct webhook *w = &core->webhooks[place];
	closed(core, place, id);
	w->failures++;
	w->dirty = true;
	if (!w->failing_since)
		w->failing_since = clock_now_ms(core->clock);
	if (w->failures < WEBHOOK_FAILURES)
		return;
	double s = fmin(DOWN_CAP_S, FIRST_S * pow(FACTOR, w->failures - WEBHOOK_FAILURES));
	w->until_mono_ms = clock_mono_ms(core->clock) + (int64_t)(1000 * jittered(core, s));
}

void webhook_lost(struct core *core, const struct peer *p)
{
	for (int i = 0; i < core->n_webhooks; i++) {
		struct webhook *w = &core->webhooks[i];
		if (w->peer != p->id)
			continue;
		w->peer = 0;
		w->ready = false;
		w->n_open = 0;
	}
}

/* ---- events ---- */

static int put(struct tick *t, struct webhook *w, const char *kind, int64_t object, const char *state, const char *reason)
{
	if (w->pending >= w->config->backlog)
		return tick_after(t, count_lost, webhook_place(t, w), 0);
	struct statement *st = prepare(t, WEBHOOK_PUT, w);
	bind_text(st, "$kind", kind);
	bind_int(st, "$object", object);
	bind_text(st, "$state", state);
	bind_text(st, "$reason", reason);
	bind_int(st, "$now", t->in.now_ms);
	bind_int(st, "$until", t->in.now_ms + WEBHOOK_LIVES_MS);
	int r = store_write(st, 1);
	t->core->duty_due_at[DUTY_WEBHOOK] = 0; /* it goes out with this very tick */
	w->fresh = true;
	return r ? r : tick_after(t, webhook_count_waiting, webhook_place(t, w), 1);
}

/* What is on its way says nothing yet. */
static bool is_told(enum message_state s)
{
	return message_is_final(s) || s == MESSAGE_SENT || s == MESSAGE_UNCLEAR;
}

int webhook_message(struct tick *t, int64_t message, enum message_state to, const char *reason)
{
	int r = 0;
	for (int i = 0; !r && i < t->core->n_webhooks; i++)
		if (t->core->webhooks[i].config->messages && is_told(to))
			r = put(t, &t->core->webhooks[i], "message", message, message_state_name(to), reason);
	return r;
}

int webhook_inbound(struct tick *t, int64_t inbound)
{
	int r = 0;
	for (int i = 0; !r && i < t->core->n_webhooks; i++)
		if (t->core->webhooks[i].config->inbound)
			r = put(t, &t->core->webhooks[i], "inbound", inbound, NULL, NULL);
	return r;
}

int webhook_test(struct tick *t, struct webhook *w)
{
	return put(t, w, "test", 0, NULL, NULL);
}

/* ---- out ---- */

static int gone(struct tick *t, int64_t id)
{
	struct statement *st = store_prepare(t->in.db, &webhook_module, WEBHOOK_GONE);
	bind_int(st, "$id", id);
	return store_write(st, -1);
}

static int give_out(struct tick *t, struct webhook *w, const struct webhook_event *e)
{
	char id[24], name[WEBHOOK_ID_BYTES];
	OWN(json) json_t *body = NULL;
	int r = webhook_event_json(&t->in, t->core->instance, w->config, e, &body);
	if (r == E_NOT_FOUND) {
		r = gone(t, e->id);
		return r ? r : tick_after(t, webhook_count_waiting, webhook_place(t, w), -1);
	}
	if (r)
		return r;
	OWN(mem) char *text = json_text(body);
	if (!text)
		return E_NOMEM;
	snprintf(id, sizeof(id), "%lld", (long long)e->id);
	webhook_event_name(t->core->instance, e, name);
	r = tick_send_peer(t, w->peer, json_pack("{s:s,s:s,s:s,s:s}", "op", "event", "id", id, "name", name, "body", text), 0);
	if (!r && MUTANT(EVENT_BEFORE_COMMIT)) {
		tick_lists_flush(t->core);
		t->core->lists.n_out = 0;
	}
	return r ? r : tick_after(t, opened, webhook_place(t, w), e->id);
}

static bool is_open(const struct webhook *w, int64_t id)
{
	for (int i = 0; i < w->n_open; i++)
		if (w->open[i].id == id)
			return true;
	return false;
}

static void copy(char *ret, size_t room, const char *text)
{
	snprintf(ret, room, "%s", text ? text : "");
}

/* Those due that are not under way, oldest first; *ret_n of them. */
static int read_due(struct tick *t, struct webhook *w, int room, struct webhook_event *ret, int *ret_n)
{
	struct statement *st = prepare(t, WEBHOOK_DUE, w);
	bind_int(st, "$now", t->in.now_ms);
	bind_int(st, "$n", w->n_open + room);
	int n = 0, r;
	while ((r = store_row(st)) > 0) {
		if (n == room || is_open(w, column_int(st, 0)))
			continue;
		ret[n] = (struct webhook_event){ .id = column_int(st, 0), .object = column_int(st, 2), .at = column_int(st, 5) };
		copy(ret[n].kind, sizeof(ret[n].kind), column_text(st, 1));
		copy(ret[n].state, sizeof(ret[n].state), column_text(st, 3));
		copy(ret[n++].reason, sizeof(ret[0].reason), column_text(st, 4));
	}
	store_reset(st);
	*ret_n = n;
	return r;
}

static int room_of(const struct webhook *w, int64_t mono_ms)
{
	if (!w->ready || w->until_mono_ms > mono_ms)
		return 0;
	return (w->failures < WEBHOOK_FAILURES ? w->config->in_flight : 1) - w->n_open;
}

int webhook_give_out(struct tick *t, struct webhook *w)
{
	struct webhook_event due[WEBHOOK_OPEN_MAX];
	int n = 0, room = w->fresh || w->pending > w->n_open ? room_of(w, t->mono_ms) : 0;
	w->fresh = false;
	int r = room > 0 ? read_due(t, w, room, due, &n) : 0;
	for (int i = 0; !r && i < n; i++)
		r = give_out(t, w, &due[i]);
	return r;
}

/* ---- answers ---- */

static int give_up(struct tick *t, struct webhook *w, int64_t id)
{
	struct statement *st = store_prepare(t->in.db, &webhook_module, WEBHOOK_GIVE_UP);
	bind_int(st, "$id", id);
	bind_int(st, "$now", t->in.now_ms);
	log_warn("webhook.given_up", "webhook=%s event=%lld", w->config->name, (long long)id);
	int r = store_write(st, 1);
	if (!r)
		r = tick_after(t, webhook_count_waiting, webhook_place(t, w), -1);
	return r ? r : tick_after(t, webhook_count_given_up, webhook_place(t, w), 1);
}

/* Those behind it of the same message wait with it. */
static int try_later(struct tick *t, struct webhook *w, int64_t id, double after_s)
{
	struct statement *st = store_prepare(t->in.db, &webhook_module, WEBHOOK_ONE);
	bind_int(st, "$id", id);
	int r = store_row(st);
	if (r <= 0) {
		store_reset(st);
		return r;
	}
	char kind[16];
	int64_t object = column_int(st, 1), until = column_int(st, 3);
	copy(kind, sizeof(kind), column_text(st, 0));
	double s = jittered(t->core, fmin(CAP_S, FIRST_S * pow(FACTOR, (double)column_int(st, 2))));
	store_reset(st);
	if (until <= t->in.now_ms)
		return give_up(t, w, id);
	s = after_s > s ? fmin(after_s, CAP_S) : s;
	st = prepare(t, WEBHOOK_LATER, w);
	bind_text(st, "$kind", kind);
	bind_int(st, "$object", object);
	bind_int(st, "$id", id);
	bind_int(st, "$due", t->in.now_ms + (int64_t)(s * 1000));
	return store_write(st, -1);
}

static int on_told(struct tick *t, struct webhook *w, const json_t *f)
{
	int64_t id = strtoll(json_str(f, "id", "0"), NULL, 10);
	if (!is_open(w, id))
		return 0; /* given out again meanwhile */
	if (json_flag(f, "ok", false)) {
		int r = gone(t, id);
		return r ? r : tick_after(t, answered, webhook_place(t, w), id);
	}
	const char *why = json_str(f, "detail", "failed");
	memcpy(w->error, why, text_cut(why, sizeof(w->error) - 1));
	w->error[text_cut(why, sizeof(w->error) - 1)] = '\0';
	int r = try_later(t, w, id, json_num(f, "retry_after_s", 0));
	return r ? r : tick_after(t, failed, webhook_place(t, w), id);
}

static struct webhook *of_peer(struct core *core, const struct peer *p)
{
	for (int i = 0; i < core->n_webhooks; i++)
		if (core->webhooks[i].peer == p->id)
			return &core->webhooks[i];
	return NULL;
}

int webhook_frame(struct tick *t, struct peer *p, const json_t *f)
{
	struct webhook *w = of_peer(t->core, p);
	const char *op = json_str(f, "op", "");
	if (!w)
		return 0;
	if (!strcmp(op, "told"))
		return on_told(t, w, f);
	if (!strcmp(op, "ready")) {
		w->ready = p->greeted = true;
		w->n_open = 0;
		t->core->duty_due_at[DUTY_WEBHOOK] = 0;
	} else if (!strcmp(op, "pong")) {
		supervisor_pong(t->core->supervisor, t->core, p, "", 0);
	} else if (!strcmp(op, "log")) {
		log_warn("webhook.log", "webhook=%s event=%.60s", w->config->name, json_str(f, "event", ""));
	}
	return 0;
}
