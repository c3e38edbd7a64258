/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Day by day: how many minutes are open, what each channel's pace and quotas let through in them; minute by minute on the last day.
 * Called by previews and the campaign's shape. Reads only. */
#include "gateway/forecast.h"

#include <math.h>
#include <string.h>

#include "config/config.h"
#include "gateway/base/calendar.h"
#include "gateway/policy.h"
#include "gateway/store/store.h"

#define DAYS_MOST 366
#define WAYS_MOST 64
#define UNLIMITED_PER_S 1000.0
#define MINUTE_MS 60000

enum forecast_sql { FORECAST_ROW, FORECAST_PERSONS, FORECAST_SQL_COUNT };
static const char *const forecast_sql[FORECAST_SQL_COUNT] = {
	[FORECAST_ROW] = "SELECT day, day_segments, state FROM channel WHERE name = $name",
	[FORECAST_PERSONS] = "SELECT count(*) FROM channel_person WHERE channel = $name AND month = $month",
};
const struct sql_module forecast_module = { "forecast", forecast_sql, FORECAST_SQL_COUNT };

/* What one channel can still do; HUGE_VAL where nothing limits it. */
struct way {
	const struct channel_config *config;
	double per_minute, day_left, month_left;
};

struct ways {
	struct way at[WAYS_MOST];
	int n;
	double segments_a_person;
	int month;
};

static int month_of(const struct calendar *day)
{
	return day->year * 12 + day->month;
}

static double month_quota(const struct ways *w, const struct channel_config *cfg, int64_t used)
{
	int64_t left = cfg->monthly_persons - used;
	return cfg->monthly_persons ? (double)(left > 0 ? left : 0) * w->segments_a_person : HUGE_VAL;
}

static int read_way(const struct scope *in, struct ways *w, const struct channel_config *cfg, const struct calendar *today)
{
	struct way *way = &w->at[w->n];
	int64_t used = 0, persons = 0;
	bool stopped = false;
	struct statement *st = store_prepare(in->db, &forecast_module, FORECAST_ROW);
	bind_text(st, "$name", cfg->name);
	int r = store_row(st);
	if (r > 0) {
		used = column_int(st, 0) == calendar_day_number(today->year, today->month, today->day) ? column_int(st, 1) : 0;
		stopped = strcmp(column_text(st, 2), "running") != 0;
	}
	store_reset(st);
	if (r >= 0 && cfg->monthly_persons) {
		st = store_prepare(in->db, &forecast_module, FORECAST_PERSONS);
		bind_text(st, "$name", cfg->name);
		bind_int(st, "$month", month_of(today));
		r = store_row(st);
		persons = r > 0 ? column_int(st, 0) : 0;
		store_reset(st);
	}
	if (r < 0 || stopped)
		return r < 0 ? r : 0;
	int64_t left = cfg->daily_segments - used;
	*way = (struct way){ .config = cfg, .per_minute = 60 * (cfg->rate_per_second > 0 ? cfg->rate_per_second : UNLIMITED_PER_S),
			     .day_left = cfg->daily_segments ? (double)(left > 0 ? left : 0) : HUGE_VAL, .month_left = month_quota(w, cfg, persons) };
	w->n++;
	return 0;
}

static int read_ways(const struct scope *in, const struct forecast *f, struct ways *w)
{
	struct calendar today = calendar_local(in->zone, in->now_ms);
	int r = 0;
	*w = (struct ways){ .segments_a_person = f->persons > 0 ? (double)f->segments / (double)f->persons : 1, .month = month_of(&today) };
	for (size_t i = 0; !r && i < in->config->n_channels && w->n < WAYS_MOST; i++)
		if (!f->channel || !f->channel[0] || !strcmp(f->channel, in->config->channels[i].name))
			r = read_way(in, w, &in->config->channels[i], &today);
	return r;
}

static void next_day(struct ways *w, int month)
{
	for (int i = 0; i < w->n; i++) {
		struct way *way = &w->at[i];
		way->day_left = way->config->daily_segments ? (double)way->config->daily_segments : HUGE_VAL;
		if (month != w->month)
			way->month_left = month_quota(w, way->config, 0);
	}
	w->month = month;
}

/* What goes through in so many open minutes. */
static double carry(struct ways *w, double minutes)
{
	double sum = 0;
	for (int i = 0; i < w->n; i++) {
		struct way *way = &w->at[i];
		double n = fmin(way->per_minute * minutes, fmin(way->day_left, way->month_left));
		way->day_left -= isinf(way->day_left) ? 0 : n;
		way->month_left -= isinf(way->month_left) ? 0 : n;
		sum += n;
	}
	return sum;
}

static bool is_open(const struct scope *in, const struct forecast *f, int minute)
{
	return !f->sleeps || !policy_quiet(in->config->sending.quiet_from_min, in->config->sending.quiet_to_min, minute);
}

static int open_minutes(const struct scope *in, const struct forecast *f, int from_minute)
{
	int n = 0;
	for (int m = from_minute; m < 1440; m++)
		n += is_open(in, f, m);
	return n;
}

static int64_t on_last_day(const struct scope *in, const struct forecast *f, struct ways *w, double left, int64_t at_ms, int from_minute)
{
	for (int m = from_minute; m < 1440; m++) {
		double n = is_open(in, f, m) ? carry(w, 1) : 0;
		if (n >= left)
			return at_ms + (int64_t)((m - from_minute + left / n) * MINUTE_MS);
		left -= n;
	}
	return at_ms + (int64_t)(1440 - from_minute) * MINUTE_MS;
}

int forecast_end(const struct scope *in, const struct forecast *f, int64_t *ret_end_ms)
{
	struct ways w;
	int r = read_ways(in, f, &w);
	if (r)
		return r;
	double left = (double)f->segments;
	int64_t at_ms = f->from_ms > in->now_ms ? f->from_ms : in->now_ms;
	if (at_ms >= calendar_midnight_ms(in->zone, in->now_ms, 1)) {
		struct calendar first = calendar_local(in->zone, at_ms);
		next_day(&w, month_of(&first));
	}
	for (int day = 0; day < DAYS_MOST && w.n && left > 0; day++) {
		struct ways before = w;
		int from_minute = calendar_minutes(in->zone, at_ms);
		double n = carry(&w, open_minutes(in, f, from_minute));
		if (n >= left) {
			*ret_end_ms = on_last_day(in, f, &before, left, at_ms, from_minute);
			return 0;
		}
		left -= n;
		at_ms = calendar_midnight_ms(in->zone, at_ms, 1);
		struct calendar next = calendar_local(in->zone, at_ms);
		next_day(&w, month_of(&next));
	}
	*ret_end_ms = left > 0 ? FORECAST_NEVER : at_ms;
	return 0;
}
