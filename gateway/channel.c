/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Channels: what the core derives while it runs, the rows that outlive it, and the verbs that show and steer them. */
#include "gateway/channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/audit.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/core.h"
#include "gateway/store/store.h"

#define BREAKER_FAULTS 5
#define BREAKER_MS 30000
#define FORGOTTEN_MS 120000

enum channel_sql { CHANNEL_MAKE, CHANNEL_GET, CHANNEL_LIVE, CHANNEL_STATE, CHANNEL_LIST, CHANNEL_PERSONS, CHANNEL_SQL_COUNT };
static const char *const channel_sql[CHANNEL_SQL_COUNT] = {
	[CHANNEL_MAKE] = "INSERT INTO channel (name, state) VALUES ($name, 'running') ON CONFLICT DO NOTHING",
	[CHANNEL_GET] = "SELECT state, reason, day, day_segments, unclear FROM channel WHERE name = $name",
	[CHANNEL_LIVE] = "UPDATE channel SET live = $live, last_error = coalesce($error, last_error) WHERE name = $name",
	[CHANNEL_STATE] = "UPDATE channel SET state = $state, reason = $reason WHERE name = $name",
	[CHANNEL_LIST] = "SELECT name, state, reason, day, day_segments, unclear, balance_vnd, last_error, live FROM channel WHERE name = $name",
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
				.dirty = true };
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

enum channel_state channel_state(const struct channel *ch)
{
	if (ch->suspended)
		return CHANNEL_SUSPENDED;
	if (ch->paused)
		return CHANNEL_PAUSED;
	if (!ch->peer)
		return ch->last_error[0] ? CHANNEL_DOWN : CHANNEL_STARTING;
	if (!ch->ready)
		return CHANNEL_STARTING;
	if (ch->credit == 0)
		return CHANNEL_DOWN;
	return ch->in_flight >= ch->credit ? CHANNEL_BUSY : CHANNEL_UP;
}

int channel_room(const struct channel *ch, int64_t mono_ms)
{
	if (!ch->peer || !ch->ready || ch->paused || ch->suspended || ch->breaker_until_mono_ms > mono_ms)
		return 0;
	int room = ch->credit - ch->in_flight, tokens = bucket_has(&ch->bucket, mono_ms);
	/* behind an open breaker one message goes out to see whether the channel is back */
	if (ch->failures >= BREAKER_FAULTS && room > 1)
		room = 1;
	return room < tokens ? room : tokens;
}

void channel_note(struct channel *ch, bool fault, int64_t mono_ms)
{
	ch->failures = fault ? ch->failures + 1 : 0;
	ch->breaker_until_mono_ms = ch->failures >= BREAKER_FAULTS ? mono_ms + BREAKER_MS : 0;
}

void channel_count_segments(struct core *core, int64_t index, int64_t n)
{
	struct channel *ch = &core->channels[index];
	struct calendar day = calendar_local(core->zone, clock_now_ms(core->clock));
	int64_t today = calendar_day_number(day.year, day.month, day.day);
	ch->day_segments = ch->day == today ? ch->day_segments + n : n;
	ch->day = today;
}

int64_t channel_day_segments(const struct channel *ch, const struct tick *t)
{
	struct calendar day = calendar_local(t->in.zone, t->in.now_ms);
	return ch->day == calendar_day_number(day.year, day.month, day.day) ? ch->day_segments : 0;
}

bool channel_quota_used(const struct channel *ch, const struct tick *t)
{
	struct calendar day = calendar_local(t->in.zone, t->in.now_ms);
	if (ch->config->daily_segments && channel_day_segments(ch, t) >= ch->config->daily_segments)
		return true;
	if (!ch->config->monthly_persons)
		return false;
	struct statement *st = store_prepare(t->in.db, &channel_module, CHANNEL_PERSONS);
	bind_text(st, "$name", ch->config->name);
	bind_int(st, "$month", day.year * 12 + day.month);
	bool used = store_row(st) > 0 && column_int(st, 0) >= ch->config->monthly_persons;
	store_reset(st);
	return used;
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
	if (r > 0) {
		ch->paused = !strcmp(column_text(st, 0), "paused");
		ch->suspended = !strcmp(column_text(st, 0), "suspended");
		snprintf(ch->reason, sizeof(ch->reason), "%s", column_text(st, 1) ? column_text(st, 1) : "");
		ch->day = column_int(st, 2);
		ch->day_segments = column_int(st, 3);
		ch->unclear = column_int(st, 4);
	}
	store_reset(st);
	return r < 0 ? r : 0;
}

int channel_save(struct tick *t, struct channel *ch)
{
	OWN(json) json_t *live = json_pack("{s:s,s:i,s:i,s:O*}", "state", channel_state_name(channel_state(ch)), "in_flight", ch->in_flight,
					   "credit", ch->credit, "status", ch->status);
	OWN(mem) char *text = live ? json_text(live) : NULL;
	struct statement *st = store_prepare(t->in.db, &channel_module, CHANNEL_LIVE);
	bind_text(st, "$name", ch->config->name);
	bind_text(st, "$live", text);
	bind_text(st, "$error", ch->last_error[0] ? ch->last_error : NULL);
	int r = store_write(st, -1);
	ch->dirty = r != 0;
	ch->saved_mono_ms = t->mono_ms;
	return r;
}

static int write_state(struct tick *t, const char *name, const char *state, const char *reason)
{
	struct statement *st = store_prepare(t->in.db, &channel_module, CHANNEL_STATE);
	bind_text(st, "$name", name);
	bind_text(st, "$state", state);
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
	if (what == AFTER_RUNNING) {
		ch->failures = 0;
		ch->breaker_until_mono_ms = 0;
		ch->last_error[0] = '\0';
	}
	ch->dirty = true;
}

int channel_suspend(struct tick *t, struct channel *ch, const char *why)
{
	snprintf(ch->last_error, sizeof(ch->last_error), "%s", why);
	int r = write_state(t, ch->config->name, "suspended", why);
	if (!r)
		r = audit_put(t, "system", "channel.suspend", ch->config->name, why);
	return r ? r : tick_after(t, after_state, ch - t->core->channels, AFTER_SUSPENDED);
}

/* ---- verbs ---- */

static int channel_json(const struct scope *in, const struct channel_config *cfg, json_t **ret)
{
	struct statement *st = store_prepare(in->db, &channel_module, CHANNEL_LIST);
	bind_text(st, "$name", cfg->name);
	int r = store_row(st);
	if (r < 0) {
		store_reset(st);
		return r;
	}
	OWN(json) json_t *live = NULL;
	const char *text = r > 0 ? column_text(st, 8) : NULL;
	if (text && json_parse(text, strlen(text), &live))
		live = NULL;
	const json_t *status = json_object_get(live, "status");
	const char *row_state = r > 0 ? column_text(st, 1) : "running";
	const char *state = strcmp(row_state, "running") ? row_state : json_str(live, "state", "starting");
	struct calendar day = calendar_local(in->zone, in->now_ms);
	bool today = r > 0 && column_int(st, 3) == calendar_day_number(day.year, day.month, day.day);
	json_t *signal = json_object_get(status, "signal_percent"), *network = json_object_get(status, "network");
	const char *error = r > 0 ? column_text(st, 2) ? column_text(st, 2) : column_text(st, 7) : NULL;
	json_t *obj = json_pack("{s:s,s:s,s:s,s:I,s:I,s:f,s:I,s:I,s:O?,s:O?,s:s?}", "name", cfg->name, "driver", cfg->driver, "state", state,
				"in_flight", (json_int_t)json_int(live, "in_flight", 0), "credit", (json_int_t)json_int(live, "credit", 0),
				"rate", cfg->rate_per_second, "sent_today", (json_int_t)(today ? column_int(st, 4) : 0), "unclear",
				(json_int_t)(r > 0 ? column_int(st, 5) : 0), "signal_percent", signal, "network", network, "last_error", error);
	if (obj && r > 0 && !column_null(st, 6))
		json_set_int(obj, "balance_vnd", column_int(st, 6));
	else if (obj)
		json_object_set_new(obj, "balance_vnd", json_null());
	store_reset(st);
	*ret = obj;
	return obj ? 0 : E_NOMEM;
}

static int query_list(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	(void)c;
	(void)why;
	*ret_next = 0;
	OWN(json) json_t *rows = json_array();
	for (size_t i = 0; i < in->config->n_channels; i++) {
		json_t *obj = NULL;
		int r = channel_json(in, &in->config->channels[i], &obj);
		if (r)
			return r;
		json_array_append_new(rows, obj);
	}
	*ret = MOVE(rows);
	return 0;
}

static int no_channel(struct refusal *why)
{
	return refuse(why, E_NOT_FOUND, 404, "not_found", "name", "there is no channel of that name in the configuration");
}

static int query_show(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	*ret_next = 0;
	const struct channel_config *cfg = config_channel(in->config, json_str(c->args, "name", ""));
	return cfg ? channel_json(in, cfg, ret) : no_channel(why);
}

static int set_state(struct tick *t, const struct call *c, const char *state, int what, json_t **ret, struct refusal *why)
{
	const char *name = json_str(c->args, "name", "");
	struct channel *ch = tick_channel(t, name);
	if (!ch)
		return no_channel(why);
	int r = write_state(t, name, state, NULL);
	if (!r)
		r = audit_put(t, c->actor, what == AFTER_PAUSED ? "channel.pause" : "channel.resume", name, NULL);
	if (!r)
		r = tick_after(t, after_state, ch - t->core->channels, what);
	return r ? r : channel_json(&t->in, ch->config, ret);
}

static int command_pause(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	return set_state(t, c, "paused", AFTER_PAUSED, ret, why);
}

static int command_resume(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	return set_state(t, c, "running", AFTER_RUNNING, ret, why);
}

static const struct verb_arg name_arg[] = {
	{ .name = "name", .type = ARG_NAME, .rank = 1, .required = true, .help_en = "channel", .help_vi = "kênh" },
};
static const struct verb verbs[] = {
	{ .noun = "channel", .name = "list", .kind = VERB_QUERY, .roles = ROLES_ALL, .list = true, .query = query_list,
	  .help_en = "channels with their health, rate and last error", .help_vi = "các kênh và tình trạng" },
	{ .noun = "channel", .name = "show", .kind = VERB_QUERY, .roles = ROLES_ALL, VERB_ARGS(name_arg), .query = query_show,
	  .help_en = "one channel", .help_vi = "một kênh" },
	{ .noun = "channel", .name = "pause", .kind = VERB_COMMAND, .roles = R_(OPERATOR) | R_(OUTREACH) | R_(ADMINISTRATOR), VERB_ARGS(name_arg),
	  .command = command_pause, .help_en = "send nothing more through it", .help_vi = "tạm dừng gửi qua kênh" },
	{ .noun = "channel", .name = "resume", .kind = VERB_COMMAND, .roles = R_(OPERATOR) | R_(OUTREACH) | R_(ADMINISTRATOR),
	  VERB_ARGS(name_arg), .command = command_resume, .help_en = "go on, also after a suspension", .help_vi = "gửi tiếp qua kênh" },
};
const struct verb_table channel_verbs = VERB_TABLE(verbs);
