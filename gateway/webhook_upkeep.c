/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What keeps webhooks in order: counts, figures, ends, alarms, receivers put in and taken out. A duty, and the verbs that change what was
 * given up. Tells nobody anything itself: webhook.c gives events out. */
#include <stdio.h>
#include <string.h>

#include "gateway/alarm.h"
#include "gateway/base/json.h"
#include "gateway/base/mutant.h"
#include "gateway/core.h"
#include "gateway/store/store.h"
#include "gateway/webhook.h"
#include "gateway/webhook_memory.h"

#define LOOK_MS 1000
#define SAVE_MS 1000
#define SWEEP_MS 60000
#define KEPT_MS (INT64_C(7) * WEBHOOK_LIVES_MS)
#define FAILING_MS (INT64_C(3600) * 1000)
#define FORGOTTEN_MS 30000 /* an answer that is later than the program's own limit does not come any more */
#define ROWS 1000

enum webhook_upkeep_sql {
	WEBHOOK_MAKE, WEBHOOK_COUNT, WEBHOOK_GIVE_UP_OLD, WEBHOOK_SWEEP, WEBHOOK_AGAIN, WEBHOOK_DISCARD, WEBHOOK_SAVE, WEBHOOK_NAMES, WEBHOOK_CLEAR,
	WEBHOOK_FORGET, WEBHOOK_UPKEEP_SQL_COUNT
};
static const char *const webhook_upkeep_sql[WEBHOOK_UPKEEP_SQL_COUNT] = {
	[WEBHOOK_MAKE] = "INSERT INTO webhook (name) VALUES ($hook) ON CONFLICT DO NOTHING",
	[WEBHOOK_COUNT] = "SELECT (SELECT count(*) FROM webhook_event WHERE hook = $hook AND given_up_at IS NULL), (SELECT count(*) FROM webhook_event "
			  "WHERE hook = $hook AND given_up_at IS NOT NULL), failing_since FROM webhook WHERE name = $hook",
	[WEBHOOK_GIVE_UP_OLD] = "UPDATE webhook_event SET given_up_at = $now WHERE id IN (SELECT id FROM webhook_event WHERE hook = $hook AND "
				"given_up_at IS NULL AND until_at <= $now ORDER BY until_at LIMIT $n)",
	[WEBHOOK_SWEEP] = "DELETE FROM webhook_event WHERE id IN (SELECT id FROM webhook_event WHERE hook = $hook AND given_up_at < $before "
			  "ORDER BY given_up_at LIMIT $n)",
	[WEBHOOK_AGAIN] = "UPDATE webhook_event SET given_up_at = NULL, due_at = $now, until_at = $until, tries = 0 WHERE id IN (SELECT id FROM "
			  "webhook_event WHERE hook = $hook AND given_up_at IS NOT NULL ORDER BY given_up_at, id LIMIT $n)",
	[WEBHOOK_DISCARD] = "DELETE FROM webhook_event WHERE id IN (SELECT id FROM webhook_event WHERE hook = $hook AND given_up_at IS NOT NULL "
			    "ORDER BY given_up_at, id LIMIT $n)",
	[WEBHOOK_SAVE] = "UPDATE webhook SET told = told + $told, lost = lost + $lost, told_at = CASE WHEN $told > 0 THEN $now ELSE told_at END, "
			 "error = CASE WHEN $error <> '' THEN $error ELSE error END, error_at = CASE WHEN $error <> '' THEN $now ELSE error_at END, "
			 "failing_since = $failing WHERE name = $hook",
	[WEBHOOK_NAMES] = "SELECT name FROM webhook WHERE name > '' ORDER BY name",
	[WEBHOOK_CLEAR] = "DELETE FROM webhook_event WHERE id IN (SELECT id FROM webhook_event WHERE hook = $hook AND given_up_at IS NULL LIMIT $n) "
			  "OR id IN (SELECT id FROM webhook_event WHERE hook = $hook AND given_up_at IS NOT NULL LIMIT $n)",
	[WEBHOOK_FORGET] = "DELETE FROM webhook WHERE name = $hook",
};
const struct sql_module webhook_upkeep_module = { "webhook_upkeep", webhook_upkeep_sql, WEBHOOK_UPKEEP_SQL_COUNT };

static struct statement *prepare(struct tick *t, size_t sql, const struct webhook *w)
{
	struct statement *st = store_prepare(t->in.db, &webhook_upkeep_module, sql);
	bind_text(st, "$hook", w->config->name);
	return st;
}

void webhook_plan(struct core *core, const struct config *cfg, unsigned *ret_changed)
{
	struct webhook was[WEBHOOKS_MAX];
	int n = core->n_webhooks;
	bool moved = n != (int)cfg->n_webhooks;
	memcpy(was, core->webhooks, sizeof(was));
	memset(core->webhooks, 0, sizeof(core->webhooks));
	core->n_webhooks = (int)cfg->n_webhooks;
	*ret_changed = 0;
	for (int i = 0; i < core->n_webhooks; i++) {
		struct webhook *w = &core->webhooks[i];
		const struct webhook_config *now = &cfg->webhooks[i];
		bool same = i < n && !strcmp(was[i].config->name, now->name) && json_equal(was[i].config->settings, now->settings) &&
			    !strcmp(was[i].config->secret ? was[i].config->secret : "", now->secret ? now->secret : "");
		if (same)
			*w = was[i];
		w->config = now;
		*ret_changed |= !same ? 1u << i : 0;
	}
	if (moved)
		*ret_changed = ~0u;
}

static void loaded(struct core *core, int64_t place, int64_t pending)
{
	core->webhooks[place].pending = pending;
	core->webhooks[place].known = true;
	core->duty_due_at[DUTY_WEBHOOK] = 0;
}

static void saved(struct core *core, int64_t place, int64_t unused)
{
	(void)unused;
	struct webhook *w = &core->webhooks[place];
	w->told = w->lost = 0;
	w->error[0] = '\0';
	w->dirty = false;
}

static void alarm_known(struct core *core, int64_t place, int64_t holds)
{
	core->webhooks[place].alarmed = (int)holds;
}


/* A change of many rows by a limit; *ret_n how many. */
static int change_some(struct tick *t, struct webhook *w, size_t sql, int64_t *ret_n)
{
	struct statement *st = prepare(t, sql, w);
	bind_int(st, "$n", ROWS);
	if (sql == WEBHOOK_SWEEP)
		bind_int(st, "$before", t->in.now_ms - KEPT_MS);
	if (sql == WEBHOOK_GIVE_UP_OLD || sql == WEBHOOK_AGAIN)
		bind_int(st, "$now", t->in.now_ms);
	if (sql == WEBHOOK_AGAIN)
		bind_int(st, "$until", t->in.now_ms + WEBHOOK_LIVES_MS);
	int r = store_run(st);
	if (!r)
		*ret_n = store_changes(t->in.db);
	return r;
}

static int load(struct tick *t, struct webhook *w)
{
	int64_t n;
	int r = store_run(prepare(t, WEBHOOK_MAKE, w));
	if (!r && MUTANT(EVENT_LOST_AT_START))
		r = change_some(t, w, WEBHOOK_CLEAR, &n);
	if (r)
		return r;
	struct statement *st = prepare(t, WEBHOOK_COUNT, w);
	r = store_row(st);
	int64_t pending = r > 0 ? column_int(st, 0) : 0;
	if (r > 0) {
		w->given_up = column_int(st, 1);
		w->failing_since = column_int(st, 2);
		w->alarmed = -1;
	}
	store_reset(st);
	return r < 0 ? r : tick_after(t, loaded, webhook_place(t, w), pending);
}

static void forget_unanswered(struct tick *t, struct webhook *w)
{
	int64_t limit_ms = (int64_t)(1000 * json_num(w->config->settings, "timeout", 10)) + FORGOTTEN_MS;
	for (int i = 0; i < w->n_open; i++)
		if (t->mono_ms - w->open[i].since_mono_ms > limit_ms)
			w->open[i--] = w->open[--w->n_open];
}

/* Those whose day is over while nothing reaches the receiver, and those that nobody wanted again for a week. */
static int end_old(struct tick *t, struct webhook *w)
{
	int64_t n = 0, swept = 0;
	int r = w->failures >= WEBHOOK_FAILURES ? change_some(t, w, WEBHOOK_GIVE_UP_OLD, &n) : 0;
	if (!r && n)
		r = tick_after(t, webhook_count_waiting, webhook_place(t, w), -n);
	if (!r && w->given_up)
		r = change_some(t, w, WEBHOOK_SWEEP, &swept);
	return r || n == swept ? r : tick_after(t, webhook_count_given_up, webhook_place(t, w), n - swept);
}

int webhook_again(struct tick *t, struct webhook *w, int64_t *ret_n)
{
	int r = change_some(t, w, WEBHOOK_AGAIN, ret_n);
	if (!r)
		r = tick_after(t, webhook_count_waiting, webhook_place(t, w), *ret_n);
	return r ? r : tick_after(t, webhook_count_given_up, webhook_place(t, w), -*ret_n);
}

int webhook_discard(struct tick *t, struct webhook *w, int64_t *ret_n)
{
	int r = change_some(t, w, WEBHOOK_DISCARD, ret_n);
	return r ? r : tick_after(t, webhook_count_given_up, webhook_place(t, w), -*ret_n);
}

static int look_for_alarm(struct tick *t, struct webhook *w)
{
	bool long_failing = w->failing_since && t->in.now_ms - w->failing_since >= FAILING_MS;
	bool holds = w->given_up > 0 || long_failing;
	if ((int)holds == w->alarmed)
		return 0;
	int r = alarm_webhook(t, w->config->name, holds);
	return r ? r : tick_after(t, alarm_known, webhook_place(t, w), holds);
}

static int save(struct tick *t, struct webhook *w)
{
	if (!w->dirty || t->mono_ms - w->saved_mono_ms < SAVE_MS)
		return 0;
	struct statement *st = prepare(t, WEBHOOK_SAVE, w);
	bind_int(st, "$told", w->told);
	bind_int(st, "$lost", w->lost);
	bind_text(st, "$error", w->error);
	bind_int(st, "$now", t->in.now_ms);
	if (w->failing_since)
		bind_int(st, "$failing", w->failing_since);
	else
		bind_null(st, "$failing");
	w->saved_mono_ms = t->mono_ms;
	int r = store_write(st, -1);
	return r ? r : tick_after(t, saved, webhook_place(t, w), 0);
}

static int tend(struct tick *t, struct webhook *w)
{
	if (!w->known)
		return load(t, w);
	forget_unanswered(t, w);
	int r = end_old(t, w);
	if (!r)
		r = webhook_give_out(t, w);
	if (!r)
		r = look_for_alarm(t, w);
	return r ? r : save(t, w);
}

/* A piece of what a webhook left that is not configured any more. */
static int forget(struct tick *t, const char *name)
{
	struct statement *st = store_prepare(t->in.db, &webhook_upkeep_module, WEBHOOK_CLEAR);
	bind_text(st, "$hook", name);
	bind_int(st, "$n", ROWS);
	int r = store_run(st);
	if (r || store_changes(t->in.db))
		return r;
	st = store_prepare(t->in.db, &webhook_upkeep_module, WEBHOOK_FORGET);
	bind_text(st, "$hook", name);
	r = store_run(st);
	return r ? r : alarm_webhook(t, name, false);
}

static int forget_taken_out(struct tick *t)
{
	char name[40] = "";
	if (t->core->webhooks_swept_mono_ms && t->mono_ms - t->core->webhooks_swept_mono_ms < SWEEP_MS)
		return 0;
	struct statement *st = store_prepare(t->in.db, &webhook_upkeep_module, WEBHOOK_NAMES);
	int r = 0;
	while (!name[0] && (r = store_row(st)) > 0)
		if (!config_webhook(t->in.config, column_text(st, 0)))
			snprintf(name, sizeof(name), "%s", column_text(st, 0));
	store_reset(st);
	if (name[0])
		return forget(t, name); /* and looks again in the next tick */
	t->core->webhooks_swept_mono_ms = t->mono_ms;
	return r;
}

int webhook_duty(struct tick *t, int64_t *ret_due_at)
{
	int r = forget_taken_out(t);
	*ret_due_at = t->in.now_ms + (t->core->n_webhooks ? LOOK_MS : SWEEP_MS);
	for (int i = 0; !r && i < t->core->n_webhooks; i++)
		r = tend(t, &t->core->webhooks[i]);
	return r;
}
