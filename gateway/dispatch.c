/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which flows and networks each channel takes messages from, answers first. Called once a tick. What is decided for one message stands
 * in claim.c, frames from drivers in driver_frame.c, outcomes in settle.c. */
#include "gateway/dispatch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/calendar.h"
#include "gateway/base/mutant.h"
#include "gateway/claim.h"
#include "gateway/core.h"
#include "gateway/detour.h"
#include "gateway/lineup.h"
#include "gateway/outbox_row.h"
#include "gateway/resting.h"
#include "gateway/route.h"
#include "gateway/store/store.h"

#define CLAIM_TICK 1024 /* messages claimed in one tick at most */
#define CLAIM_FEW 32
#define NETWORKS_MAX 32
#define PINS_OWN 3 /* what is bound to the channel, what wishes for it, and what names it */
#define PINS_MAX (PINS_OWN + NETWORKS_MAX)

enum dispatch_sql { DISPATCH_QUOTA, DISPATCH_SQL_COUNT };
static const char *const dispatch_sql[DISPATCH_SQL_COUNT] = {
	[DISPATCH_QUOTA] = "UPDATE channel SET day_segments = CASE WHEN day = $day THEN day_segments + $n ELSE $n END, day = $day, "
			   "month_vnd = CASE WHEN month = $month THEN month_vnd + $vnd ELSE $vnd END, month = $month WHERE name = $name",
};
const struct sql_module dispatch_module = { "dispatch", dispatch_sql, DISPATCH_SQL_COUNT };

static bool full(const struct claim *k, int index)
{
	return k->used[index] >= k->room[index] || k->left <= 0;
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

/* The campaign that was served last has more as a rule. */
static bool is_busy(const struct claim *k, const struct lineup_flow *f)
{
	return f->id == k->t->core->turn;
}

/* What is asked ahead, and the same when it is read: all where the channel took lately, few where as a rule nothing waits, one where the
 * channel is mostly full before. */
static int first_rows(const struct claim *k, int index, const struct lineup_flow *f, char pins[PINS_MAX][40], int pin)
{
	bool all = !store_asks_ahead(k->t->in.db) || (is_busy(k, f) && (pin < PINS_OWN || candidates_marked(k->t, index, f->id, pins[pin])));
	return least(k->room[index], all ? CANDIDATES_MAX : is_busy(k, f) ? 1 : CLAIM_FEW);
}

static int claim_rows(struct claim *k, int index, int64_t flow, const char *pin, bool begun, int n)
{
	int r = 0, before = k->used[index];
	const struct candidate *last = NULL;
	candidates_count_ahead(k->t, k->rows, n);
	for (int i = 0; !r && i < n && !full(k, index); i++) {
		k->rows[i].begun = begun;
		r = claim_one(k, index, flow, &k->rows[i]);
		last = k->used[index] > before ? &k->rows[i] : last;
		before = k->used[index];
	}
	k->left -= n;
	return r || !last ? r : candidates_passed(k->t, index, flow, pin, last);
}

static int claim_pin(struct claim *k, int index, const struct lineup_flow *f, char pins[PINS_MAX][40], int pin)
{
	int r = 0, n = 0, want = 0, asked = first_rows(k, index, f, pins, pin);
	if (full(k, index))
		return 0;
	do {
		want = least(asked, least(k->room[index] - k->used[index], k->left));
		r = candidates_read(k->t, index, f->id, pins[pin], asked, want, k->rows, &n);
		if (!r)
			r = claim_rows(k, index, f->id, pins[pin], pin == 0, n);
		for (int i = 0; i < n; i++)
			candidate_done(&k->rows[i]);
		asked = least(k->room[index], CANDIDATES_MAX);
	} while (!r && n == want && !full(k, index));
	return r;
}

/* Networks of the plan, each once, and "" for what no range names. */
static int networks_of(const struct phone_plan *plan, const char *ret[NETWORKS_MAX])
{
	int n = 0;
	ret[n++] = "";
	for (size_t i = 0; i < plan->n_ranges && n < NETWORKS_MAX; i++) {
		int k = 0;
		while (k < n && strcmp(ret[k], plan->ranges[i].network))
			k++;
		if (k == n)
			ret[n++] = plan->ranges[i].network;
	}
	return n;
}

/* Every pin whose messages the channel may take, what is bound to it first; how many. */
static int pins_of(const struct claim *k, int index, char ret[PINS_MAX][40])
{
	const struct channel_config *cfg = k->t->core->channels[index].config;
	const char *networks[NETWORKS_MAX];
	int n = 0, n_networks = networks_of(&k->t->in.config->plan, networks);
	outbox_bound_pin(cfg->name, ret[n++]);
	outbox_wish_pin(cfg->name, ret[n++]);
	snprintf(ret[n++], sizeof(ret[0]), "%s", cfg->name);
	for (int i = 0; i < n_networks; i++)
		if (route_serves(cfg, networks[i]))
			outbox_network_pin(networks[i], ret[n++]);
	return n;
}

static int claim_flow(struct claim *k, int index, const struct lineup_flow *f)
{
	char pins[PINS_MAX][40];
	int r = 0, n = pins_of(k, index, pins);
	for (int i = 0; !r && i < n; i++)
		r = claim_pin(k, index, f, pins, i);
	return r;
}

static bool may_claim(const struct claim *k, int index, int lane)
{
	return k->room[index] > 0 && (lane == 0 || channel_takes_campaigns(&k->t->core->channels[index], k->t));
}

static void ask_lane(const struct claim *k, int index, int lane)
{
	char pins[PINS_MAX][40];
	int n = store_asks_ahead(k->t->in.db) && may_claim(k, index, lane) ? pins_of(k, index, pins) : 0;
	for (int i = 0; n && i < k->lineup.n; i++) {
		const struct lineup_flow *f = &k->lineup.flows[i];
		for (int p = 0; f->lane == lane && p < n; p++)
			candidates_ahead(k->t, index, f->id, pins[p], first_rows(k, index, f, pins, p));
	}
}

/* Everything a tick without messages reads is asked for at once; a channel that took some may have left less for those behind it. */
static void ask_lanes(struct claim *k)
{
	for (int lane = 0; lane < 2; lane++)
		for (int i = 0; i < k->t->core->n_channels; i++)
			ask_lane(k, i, lane);
	k->written = store_total_changes(k->t->in.db);
}

static void ask_lane_again(struct claim *k, int index, int lane)
{
	if (store_total_changes(k->t->in.db) == k->written)
		return;
	if (!MUTANT(AHEAD_KEPT))
		store_forget_aheads(k->t->in.db);
	ask_lane(k, index, lane);
	k->written = store_total_changes(k->t->in.db);
}

static int write_usage(struct claim *k, int index)
{
	struct tick *t = k->t;
	struct channel *ch = &t->core->channels[index];
	if (!k->segments[index])
		return 0;
	struct calendar day = calendar_local(t->in.zone, t->in.now_ms);
	struct statement *st = store_prepare(t->in.db, &dispatch_module, DISPATCH_QUOTA);
	bind_text(st, "$name", ch->config->name);
	bind_int(st, "$day", calendar_day_number(day.year, day.month, day.day));
	bind_int(st, "$n", k->segments[index]);
	int64_t vnd = k->segments[index] * ch->config->segment_price_vnd;
	bind_int(st, "$month", channel_month(&t->in));
	bind_int(st, "$vnd", vnd);
	int r = store_write(st, -1);
	if (!r)
		r = tick_after(t, channel_count_segments, index, k->segments[index]);
	return r ? r : tick_after(t, channel_count_cost, index, vnd);
}

static int claim_lane(struct claim *k, int index, int lane)
{
	int r = 0;
	for (int i = 0; !r && i < k->lineup.n; i++) {
		const struct lineup_flow *f = &k->lineup.flows[i];
		int before = k->used[index];
		if (f->lane != lane)
			continue;
		r = claim_flow(k, index, f);
		if (!r && lane > 0 && k->used[index] > before)
			r = lineup_served(&k->lineup, k->t, f->id);
	}
	return r;
}

/* A message begun before goes on before one of its lane is begun. */
static int claim_or_go_on(struct claim *k, int index, int lane)
{
	bool went;
	int r = resting_go_on(k->t, &k->t->core->channels[index], lane, k->used[index], &went);
	k->used[index] += !r && went;
	if (r || !may_claim(k, index, lane))
		return r;
	ask_lane_again(k, index, lane);
	return claim_lane(k, index, lane);
}

static bool any_room(const struct tick *t, int ret_room[CHANNELS_MAX])
{
	const struct core *core = t->core;
	bool any = false;
	for (int i = 0; i < core->n_channels; i++) {
		ret_room[i] = core->low_disk || core->damaged ? 0 : channel_room(&core->channels[i], t->mono_ms);
		any |= ret_room[i] > 0 || core->channels[i].resting;
	}
	return any;
}

/* By the lineup of the tick before: what is no more so is asked for nothing. */
void dispatch_claim_ahead(struct tick *t)
{
	struct claim k = { .t = t, .lineup = t->core->lineup };
	if (!any_room(t, k.room))
		return;
	lineup_ahead(t);
	ask_lanes(&k);
}

/* When the quiet hours are over, from within them. */
static int64_t quiet_end(const struct claim *k)
{
	int wait_min = (k->t->in.config->sending.quiet_to_min - k->local_min + 1440) % 1440;
	return k->t->in.now_ms - k->t->in.now_ms % 60000 + (wait_min ? wait_min : 1440) * INT64_C(60000);
}

static int claim_lanes(struct claim *k)
{
	struct core *core = k->t->core;
	int order[DETOUR_PLACES];
	int r = lineup_read(k->t, &k->lineup);
	if (!r) {
		core->lineup = k->lineup;
		ask_lanes(k);
	}
	detour_order(core, order);
	for (int lane = 0; !r && lane < 2; lane++)
		for (int i = 0; !r && i < core->n_channels; i++)
			r = claim_or_go_on(k, order[i], lane);
	for (int i = 0; !r && i < core->n_channels; i++)
		r = write_usage(k, i);
	return r ? r : lineup_end(&k->lineup, k->t);
}

int dispatch_claim(struct tick *t)
{
	struct claim k = { .t = t, .left = CLAIM_TICK };
	t->core->claim_due_at = 0;
	if (!any_room(t, k.room))
		return 0;
	k.local_min = MUTANT(QUIET_IN_UTC) ? (int)(t->in.now_ms / 60000 % 1440) : calendar_minutes(t->in.zone, t->in.now_ms);
	k.quiet_ends_at = quiet_end(&k);
	k.rows = calloc(CANDIDATES_MAX, sizeof(*k.rows));
	int r = k.rows ? claim_lanes(&k) : E_NOMEM;
	free(k.rows);
	if (!r && k.left == 0)
		t->core->claim_due_at = t->in.now_ms;
	return r;
}

int64_t dispatch_due_mono_ms(const struct core *core)
{
	int64_t mono = clock_mono_ms(core->clock), due = mono + 1000;
	if (core->claim_due_at) {
		int64_t wait = core->claim_due_at - clock_now_ms(core->clock);
		due = mono + (wait < 0 ? 0 : wait < 1000 ? wait : 1000);
	}
	for (int i = 0; i < core->n_channels; i++) {
		const struct channel *ch = &core->channels[i];
		if (!ch->ready || ch->in_flight >= ch->credit || ch->bucket.per_s <= 0 || bucket_has(&ch->bucket, mono) > 0)
			continue;
		int64_t next = bucket_next_mono_ms(&ch->bucket, mono);
		due = next < due ? next : due;
	}
	return due;
}
