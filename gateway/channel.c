/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Channels: what the core derives while it runs, the rows that outlive it, and the verbs that show and steer them. */
#include "gateway/channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/audit.h"
#include "gateway/balance.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/core.h"
#include "gateway/store/store.h"

#define BREAKER_FAULTS 5
#define BREAKER_MS 30000
#define FORGOTTEN_MS 120000
#define SAVE_MS 500

enum channel_sql { CHANNEL_MAKE, CHANNEL_GET, CHANNEL_LIVE, CHANNEL_STATE, CHANNEL_PERSONS, CHANNEL_SQL_COUNT };
static const char *const channel_sql[CHANNEL_SQL_COUNT] = {
	[CHANNEL_MAKE] = "INSERT INTO channel (name, state) VALUES ($name, 'running') ON CONFLICT DO NOTHING",
	[CHANNEL_GET] = "SELECT state, reason, day, day_segments, unclear, cause, sim, pin_tried, balance_vnd, balance_asked_at, month, month_vnd "
			"FROM channel WHERE name = $name",
	[CHANNEL_LIVE] = "UPDATE channel SET live = $live, last_error = CASE WHEN $well = 1 THEN $error ELSE coalesce($error, last_error) END WHERE name = $name",
	[CHANNEL_STATE] = "UPDATE channel SET state = $state, reason = $reason, cause = $cause WHERE name = $name",
	[CHANNEL_PERSONS] = "SELECT count(*) FROM channel_person WHERE channel = $name AND month = $month",
};
const struct sql_module channel_module = { "channel", channel_sql, CHANNEL_SQL_COUNT };

static const char *const state_names[] = {
	[CHANNEL_STARTING] = "starting", [CHANNEL_UP] = "up", [CHANNEL_BUSY] = "busy",
	[CHANNEL_DOWN] = "down", [CHANNEL_PAUSED] = "paused", [CHANNEL_SUSPENDED] = "suspended",
};

const char *channel_state_name(enum channel_state s)
{
	return state_names[s];
}

void channel_init(struct channel *ch, const struct channel_config *cfg, int64_t mono_ms)
{
	*ch = (struct channel){ .config = cfg, .bucket = bucket_full(cfg->rate_per_second, cfg->burst > 0 ? cfg->burst : cfg->rate_per_second, mono_ms),
				.balance_vnd = -1, .dirty = true };
}

void channel_done(struct channel *ch)
{
	json_decref(ch->status);
	json_decref(ch->limits);
	ch->status = ch->limits = NULL;
	free(ch->open);
	ch->open = NULL;
}

void channel_opened(struct channel *ch, int64_t attempt, int64_t mono_ms)
{
	if (ch->in_flight++ == 0)
		ch->since_mono_ms = mono_ms;
	ch->dirty = true;
	if (ch->n_open == ch->open_room) {
		size_t room = ch->open_room ? ch->open_room * 2 : 16;
		struct channel_open *more = realloc(ch->open, room * sizeof(*more));
		if (!more)
			return; /* only its deadline is not watched */
		ch->open = more;
		ch->open_room = room;
	}
	ch->open[ch->n_open++] = (struct channel_open){ attempt, mono_ms };
}

void channel_closed(struct channel *ch, int64_t attempt, int64_t mono_ms)
{
	size_t i = 0;
	while (i < ch->n_open && ch->open[i].attempt != attempt)
		i++;
	if (i == ch->n_open && ch->in_flight <= (int)ch->n_open)
		return; /* it was closed before: its result waited for the store */
	ch->in_flight -= ch->in_flight > 0;
	ch->since_mono_ms = mono_ms;
	ch->dirty = true;
	if (i < ch->n_open)
		memmove(&ch->open[i], &ch->open[i + 1], (--ch->n_open - i) * sizeof(ch->open[0]));
}

bool channel_has_open(const struct channel *ch, int64_t attempt)
{
	for (size_t i = 0; i < ch->n_open; i++)
		if (ch->open[i].attempt == attempt)
			return true;
	return false;
}

void channel_forget_open(struct channel *ch)
{
	ch->in_flight = 0;
	ch->n_open = 0;
	ch->dial = (struct dial){ 0 };
	ch->dirty = true;
}

bool channel_overdue(const struct channel *ch, int64_t mono_ms)
{
	int64_t limit_ms = (int64_t)(channel_deadline_s(ch) * 1000);
	if (ch->in_flight > 0 && mono_ms - ch->since_mono_ms > limit_ms)
		return true;
	return ch->n_open > 0 && mono_ms - ch->open[0].since_mono_ms > limit_ms + FORGOTTEN_MS;
}

double channel_deadline_s(const struct channel *ch)
{
	if (ch->config->submit_deadline_s > 0)
		return ch->config->submit_deadline_s;
	double own_s = json_num(ch->limits, "submit", 0);
	return own_s > 0 ? own_s + 5 : ch->whole ? 35 : 60;
}

static enum channel_state driver_state(const struct channel *ch)
{
	if (!ch->peer)
		return ch->last_error[0] ? CHANNEL_DOWN : CHANNEL_STARTING;
	if (!ch->ready)
		return CHANNEL_STARTING;
	if (ch->credit == 0)
		return CHANNEL_DOWN;
	return ch->in_flight >= ch->credit ? CHANNEL_BUSY : CHANNEL_UP;
}

enum channel_state channel_state(const struct channel *ch)
{
	return ch->suspended ? CHANNEL_SUSPENDED : ch->paused ? CHANNEL_PAUSED : driver_state(ch);
}

const char *channel_unreachable(const struct channel *ch)
{
	bool there = ch->peer && ch->ready;
	if (there && (ch->credit || !ch->ussd || json_object_get(ch->status, "model")))
		return NULL;
	return ch->last_error[0] ? ch->last_error : there ? "its modem is not ready" : "its driver is starting";
}

int channel_room(const struct channel *ch, int64_t mono_ms)
{
	if (!ch->peer || !ch->ready || ch->unread || ch->paused || ch->suspended || ch->sim.foreign || ch->breaker_until_mono_ms > mono_ms)
		return 0;
	int room = ch->credit - ch->in_flight, tokens = bucket_has(&ch->bucket, mono_ms);
	/* behind an open breaker one message, and no second beside it, goes out to see whether the channel is back */
	if (ch->failures >= BREAKER_FAULTS && room > 0)
		room = ch->in_flight ? 0 : 1;
	return room < tokens ? room : tokens;
}

void channel_note(struct channel *ch, enum channel_word word, int64_t wish_ms, int64_t mono_ms)
{
	ch->failures = word == CHANNEL_WORKS ? 0 : word == CHANNEL_FAILS ? ch->failures + 1 : ch->failures;
	if (ch->failures < BREAKER_FAULTS)
		ch->breaker_until_mono_ms = 0;
	else
		ch->breaker_until_mono_ms = mono_ms + (wish_ms > BREAKER_MS ? wish_ms : BREAKER_MS);
}

void channel_count_segments(struct core *core, int64_t index, int64_t n)
{
	struct channel *ch = &core->channels[index];
	struct calendar day = calendar_local(core->zone, clock_now_ms(core->clock));
	int64_t today = calendar_day_number(day.year, day.month, day.day);
	ch->day_segments = ch->day == today ? ch->day_segments + n : n;
	ch->day = today;
}

void channel_count_cost(struct core *core, int64_t index, int64_t vnd)
{
	struct channel *ch = &core->channels[index];
	struct calendar day = calendar_local(core->zone, clock_now_ms(core->clock));
	int64_t month = day.year * 12 + day.month;
	ch->month_vnd = ch->month == month ? ch->month_vnd + vnd : vnd;
	ch->month = month;
}

int64_t channel_month(const struct scope *in)
{
	struct calendar day = calendar_local(in->zone, in->now_ms);
	return day.year * 12 + day.month;
}

int64_t channel_day_segments(const struct channel *ch, const struct tick *t)
{
	struct calendar day = calendar_local(t->in.zone, t->in.now_ms);
	return ch->day == calendar_day_number(day.year, day.month, day.day) ? ch->day_segments : 0;
}

bool channel_counts_persons(const struct channel_config *cfg)
{
	return cfg->monthly_persons || !strcmp(cfg->driver, "gammu") || !strcmp(cfg->driver, "exec");
}

bool channel_quota_used(const struct channel *ch, const struct tick *t)
{
	if (ch->config->daily_segments && channel_day_segments(ch, t) >= ch->config->daily_segments)
		return true;
	if (ch->config->monthly_vnd && ch->month == channel_month(&t->in) && ch->month_vnd >= ch->config->monthly_vnd)
		return true;
	if (!ch->config->monthly_persons)
		return false;
	struct statement *st = store_prepare(t->in.db, &channel_module, CHANNEL_PERSONS);
	bind_text(st, "$name", ch->config->name);
	bind_int(st, "$month", channel_month(&t->in));
	bool used = store_row(st) > 0 && column_int(st, 0) >= ch->config->monthly_persons;
	store_reset(st);
	return used;
}

bool channel_takes_campaigns(const struct channel *ch, const struct tick *t)
{
	return !ch->sim.roaming && !balance_is_low(ch) && !channel_quota_used(ch, t);
}

bool channel_may_go_on(const struct channel *ch)
{
	/* a new driver may be there already: a part that it got now would leave and be decided with what the old one had */
	return ch->peer && ch->ready && !ch->lost && !ch->suspended && !ch->sim.foreign;
}

static void note_refusal(struct core *core, int64_t index, int64_t refused)
{
	struct channel *ch = &core->channels[index];
	ch->refusals = refused ? ch->refusals + 1 : 0;
}

int channel_count_refusal(struct tick *t, struct channel *ch, bool refused)
{
	char why[TROUBLE_BYTES];
	int limit = ch->config->refusals_in_a_row;
	if (!refused && !ch->refusals)
		return 0;
	int r = tick_after(t, note_refusal, ch - t->core->channels, refused);
	if (r || !refused || !limit || ch->refusals + 1 < limit || ch->suspended)
		return r;
	snprintf(why, sizeof(why), "the network refused %d messages one after the other", limit);
	return channel_suspend(t, ch, "refusals", why);
}

static void take_row(struct channel *ch, struct statement *st)
{
	ch->paused = !strcmp(column_text(st, 0), "paused");
	ch->suspended = !strcmp(column_text(st, 0), "suspended");
	snprintf(ch->reason, sizeof(ch->reason), "%s", column_text(st, 1) ? column_text(st, 1) : "");
	ch->day = column_int(st, 2);
	ch->day_segments = column_int(st, 3);
	ch->unclear = column_int(st, 4);
	snprintf(ch->cause, sizeof(ch->cause), "%s", column_text(st, 5) ? column_text(st, 5) : "");
	size_t n_pin = 0;
	const void *pin = column_null(st, 7) ? NULL : column_blob(st, 7, &n_pin);
	sim_load(&ch->sim, column_text(st, 6), pin, n_pin);
	ch->balance_vnd = column_null(st, 8) ? -1 : column_int(st, 8);
	ch->balance_asked_at = column_int(st, 9);
	ch->month = column_int(st, 10);
	ch->month_vnd = column_int(st, 11);
}

int channel_load(struct tick *t, struct channel *ch)
{
	struct statement *st = store_prepare(t->in.db, &channel_module, CHANNEL_MAKE);
	bind_text(st, "$name", ch->config->name);
	int r = store_run(st);
	if (r)
		return r;
	st = store_prepare(t->in.db, &channel_module, CHANNEL_GET);
	bind_text(st, "$name", ch->config->name);
	r = store_row(st);
	if (r > 0)
		take_row(ch, st);
	store_reset(st);
	return r < 0 ? r : 0;
}

bool channel_wants_save(const struct channel *ch, int64_t mono_ms)
{
	return ch->dirty && (mono_ms - ch->saved_mono_ms >= SAVE_MS || sim_is_open(ch));
}

/* The row's own state says paused and suspended: what is under them is shown at once by whoever resumes. */
int channel_save(struct tick *t, struct channel *ch)
{
	OWN(json) json_t *live = json_pack("{s:s,s:i,s:i,s:O*}", "state", channel_state_name(driver_state(ch)), "in_flight", ch->in_flight,
					   "credit", ch->credit, "status", ch->status);
	OWN(mem) char *text = live ? json_text(live) : NULL;
	struct statement *st = store_prepare(t->in.db, &channel_module, CHANNEL_LIVE);
	bind_text(st, "$name", ch->config->name);
	bind_text(st, "$live", text);
	bind_text(st, "$error", ch->last_error[0] ? ch->last_error : NULL);
	bind_int(st, "$well", ch->well);
	int r = store_write(st, -1);
	if (!r)
		r = sim_settle(t, ch);
	if (!r)
		r = trouble_save(t, ch);
	ch->dirty = r != 0;
	ch->saved_mono_ms = t->mono_ms;
	return r;
}

int channel_take_status(struct channel *ch, const json_t *status)
{
	json_t *copy = json_deep_copy(status);
	if (!copy)
		return E_NOMEM;
	json_object_del(copy, "op");
	json_decref(ch->status);
	ch->status = copy;
	ch->dirty = true;
	sim_status(&ch->sim, copy);
	return 0;
}

/* ---- states that outlive the process ---- */

static int write_state(struct tick *t, const char *name, const char *state, const char *cause, const char *reason)
{
	struct statement *st = store_prepare(t->in.db, &channel_module, CHANNEL_STATE);
	bind_text(st, "$name", name);
	bind_text(st, "$state", state);
	bind_text(st, "$cause", cause);
	bind_text(st, "$reason", reason);
	tick_changed(t, "channel");
	return store_run(st);
}

enum { AFTER_RUNNING, AFTER_PAUSED, AFTER_SUSPENDED };

static void after_state(struct core *core, int64_t index, int64_t what)
{
	struct channel *ch = &core->channels[index];
	ch->paused = what == AFTER_PAUSED;
	ch->suspended = what == AFTER_SUSPENDED;
	if (what != AFTER_SUSPENDED)
		ch->cause[0] = '\0';
	if (what == AFTER_RUNNING) {
		ch->failures = ch->refusals = 0;
		ch->breaker_until_mono_ms = 0;
		trouble_over(ch);
	}
	ch->dirty = true;
}

int channel_suspend(struct tick *t, struct channel *ch, const char *cause, const char *why)
{
	trouble_note(ch, "%s", why);
	snprintf(ch->cause, sizeof(ch->cause), "%s", cause);
	int r = write_state(t, ch->config->name, "suspended", cause, why);
	if (!r)
		r = audit_put(t, "system", "channel.suspend", ch->config->name, why);
	return r ? r : tick_after(t, after_state, ch - t->core->channels, AFTER_SUSPENDED);
}

int channel_release(struct tick *t, struct channel *ch)
{
	int r = write_state(t, ch->config->name, "running", NULL, NULL);
	if (!r)
		r = audit_put(t, "system", "channel.release", ch->config->name, ch->cause);
	return r ? r : tick_after(t, after_state, ch - t->core->channels, AFTER_RUNNING);
}

int channel_pause(struct tick *t, struct channel *ch)
{
	int r = write_state(t, ch->config->name, "paused", NULL, NULL);
	return r ? r : tick_after(t, after_state, ch - t->core->channels, AFTER_PAUSED);
}

int channel_resume(struct tick *t, struct channel *ch)
{
	int r = write_state(t, ch->config->name, "running", NULL, NULL);
	if (!r)
		r = sim_accept(t, ch);
	return r ? r : tick_after(t, after_state, ch - t->core->channels, AFTER_RUNNING);
}
