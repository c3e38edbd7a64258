/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From row to wire: which messages may go now, by which channel, and what is written before they do. Called once a tick.
 * Frames from drivers are handled in driver_frame.c, outcomes in settle.c. */
#include "gateway/dispatch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/attempt.h"
#include "gateway/base/calendar.h"
#include "gateway/base/log.h"
#include "gateway/base/mutant.h"
#include "gateway/base/own.h"
#include "gateway/base/seal.h"
#include "gateway/core.h"
#include "gateway/dnc.h"
#include "gateway/detour.h"
#include "gateway/handover.h"
#include "gateway/jump.h"
#include "gateway/lineup.h"
#include "gateway/outbox_row.h"
#include "gateway/policy.h"
#include "gateway/resting.h"
#include "gateway/route.h"
#include "gateway/settle.h"
#include "gateway/store/store.h"

#define CLAIM_TICK 1024 /* messages claimed in one tick at most */
#define CLAIM_BATCH 64  /* read at once */
#define NETWORKS_MAX 32
#define PINS_OWN 3 /* what is bound to the channel, what wishes for it, and what names it */
#define PINS_MAX (PINS_OWN + NETWORKS_MAX)
#define DAY_MS (INT64_C(24) * 3600000)

enum dispatch_sql {
	DISPATCH_READY, DISPATCH_CAP, DISPATCH_CLAIM, DISPATCH_LAST_REF, DISPATCH_QUOTA, DISPATCH_PERSON, DISPATCH_SQL_COUNT
};
static const char *const dispatch_sql[DISPATCH_SQL_COUNT] = {
	[DISPATCH_READY] = "SELECT m.id, m.class, m.topic, m.state, m.expires_at, m.tries, m.parts, m.udh_ref, m.claimed_at, m.sender, "
			   "coalesce(m.text, w.text), a.id, a.sealed, a.off, a.unreachable, a.kind, "
			   "CASE WHEN m.class = 'advert' AND " DNC_HOLDS("a") " THEN 1 ELSE 0 END FROM message m JOIN address a ON a.id = m.address "
			   "LEFT JOIN wording w ON w.id = m.wording WHERE m.flow = $flow AND m.pin = $pin AND m.state IN ('queued', 'retry') "
			   "AND m.due_at <= $now ORDER BY m.due_at, m.id LIMIT $n",
	[DISPATCH_CAP] = "SELECT count(*), min(claimed_at) FROM message WHERE address = $address AND claimed_at > $since AND id <> $id "
			 "AND class IN ('social_policy', 'advert')",
	[DISPATCH_CLAIM] = "UPDATE message SET state = 'sending', reason = NULL, state_since = $now, channel = $channel, encoding = $encoding, "
			   "parts = $parts, udh_ref = $ref, claimed_at = CASE WHEN $begun = 1 THEN claimed_at ELSE $now END, tries = tries + 1 "
			   "WHERE id = $id AND state = $from",
	[DISPATCH_LAST_REF] = "SELECT udh_ref FROM message WHERE address = $address AND claimed_at > 0 AND parts > 1 ORDER BY claimed_at DESC NULLS LAST LIMIT 1",
	[DISPATCH_QUOTA] = "UPDATE channel SET day_segments = CASE WHEN day = $day THEN day_segments + $n ELSE $n END, day = $day, "
			   "month_vnd = CASE WHEN month = $month THEN month_vnd + $vnd ELSE $vnd END, month = $month WHERE name = $name",
	[DISPATCH_PERSON] = "INSERT INTO channel_person (channel, month, address) VALUES ($channel, $month, $address) ON CONFLICT DO NOTHING",
};
const struct sql_module dispatch_module = { "dispatch", dispatch_sql, DISPATCH_SQL_COUNT };

struct candidate {
	int64_t id, address, expires_at, claimed_at;
	enum message_class class;
	enum message_state state;
	int tries, parts, udh_ref;
	bool begun;      /* a part of it was accepted or is unclear */
	bool dnc;        /* an advert to somebody on the Do-Not-Call list */
	const char *bad; /* why no frame can be made of it: it must not hold up the others; NULL = none */
	char *topic, *sender, *text, *number, *off, *unreachable;
};

static void candidate_done(struct candidate *c)
{
	free(c->topic);
	free(c->sender);
	free(c->text);
	free(c->number);
	free(c->off);
	free(c->unreachable);
}

/* What holds for the whole claim of one tick. */
struct claim {
	struct tick *t;
	struct lineup lineup;
	int room[CHANNELS_MAX], used[CHANNELS_MAX], segments[CHANNELS_MAX];
	int left;
	int64_t written; /* changes when the lanes were asked for */
	int local_min;
	int64_t quiet_ends_at;
};

static char *copy(const char *text)
{
	return text ? strdup(text) : NULL;
}

static int read_candidate(struct tick *t, struct statement *st, struct candidate *c)
{
	*c = (struct candidate){ .id = column_int(st, 0), .expires_at = column_int(st, 4), .tries = (int)column_int(st, 5),
				 .parts = (int)column_int(st, 6), .udh_ref = (int)column_int(st, 7), .claimed_at = column_int(st, 8),
				 .address = column_int(st, 11), .dnc = column_int(st, 16) != 0 };
	if (message_class_parse(column_text(st, 1), &c->class) || message_state_parse(column_text(st, 3), &c->state))
		return E_CORRUPT;
	size_t n_box, n_number;
	const void *box = column_blob(st, 12, &n_box);
	int r = seal_open_box(t->in.seal, box, n_box, &c->number, &n_number);
	c->topic = copy(column_text(st, 2));
	c->sender = copy(column_text(st, 9));
	c->text = copy(column_text(st, 10) ? column_text(st, 10) : "");
	c->off = copy(MUTANT(CLAIM_WITHOUT_CONSENT) ? "" : column_text(st, 13));
	c->unreachable = copy(column_text(st, 14));
	enum phone_kind kind = PHONE_MOBILE;
	bool receives = !phone_kind_parse(column_text(st, 15), &kind) && phone_can_receive(&(struct phone){ .kind = kind });
	if ((r && r != E_NOMEM) || !receives) {
		c->bad = "invalid_number";
		r = 0;
	}
	return r ? r : c->text && c->off ? 0 : E_NOMEM;
}

/* Asks for as many as the channel has room for in the tick, whatever is used of it: an answer asked ahead fits then, too. */
static struct statement *bind_ready(struct tick *t, int64_t flow, const char *pin, int room)
{
	struct statement *st = store_prepare(t->in.db, &dispatch_module, DISPATCH_READY);
	bind_int(st, "$flow", flow);
	bind_text(st, "$pin", pin);
	bind_int(st, "$now", t->in.now_ms);
	bind_int(st, "$n", room < CLAIM_BATCH ? room : CLAIM_BATCH);
	return st;
}

static int read_ready(struct tick *t, struct statement *st, int n, struct candidate *ret, int *ret_n)
{
	int r = 0, got = 0;
	while (got < n && (r = store_row(st)) > 0) {
		r = read_candidate(t, st, &ret[got++]);
		if (r)
			break;
	}
	store_reset(st);
	*ret_n = got;
	return r < 0 ? r : 0;
}

static struct statement *bind_cap(struct tick *t, const struct candidate *c)
{
	struct statement *st = store_prepare(t->in.db, &dispatch_module, DISPATCH_CAP);
	bind_int(st, "$address", c->address);
	bind_int(st, "$since", MUTANT(CAP_BY_DAY) ? t->in.now_ms - t->in.now_ms % DAY_MS : t->in.now_ms - DAY_MS);
	bind_int(st, "$id", c->id);
	return st;
}

/* Only the first of a number: what that one does counts for the others. */
static void ask_ahead(struct tick *t, const struct candidate *rows, int n)
{
	for (int i = 0; i < n; i++) {
		int k = 0;
		while (k < i && rows[k].address != rows[i].address)
			k++;
		if (k == i && message_class_is_bulk(rows[i].class))
			store_ahead(bind_cap(t, &rows[i]));
	}
}

static int count_24h(struct tick *t, const struct candidate *c, int64_t *ret_count, int64_t *ret_oldest)
{
	*ret_count = *ret_oldest = 0;
	if (!message_class_is_bulk(c->class))
		return 0;
	struct statement *st = bind_cap(t, c);
	int r = store_row(st);
	if (r > 0) {
		*ret_count = column_int(st, 0);
		*ret_oldest = column_int(st, 1);
	}
	store_reset(st);
	return r < 0 ? r : 0;
}

static int ask_policy(const struct claim *k, const struct candidate *c, struct policy_answer *ret)
{
	int64_t count, oldest;
	int r = count_24h(k->t, c, &count, &oldest);
	const struct config *cfg = k->t->in.config;
	if (!r)
		*ret = policy_ask(&(struct policy_question){
			.class = c->class, .topic = c->topic, .off = c->off, .unreachable = c->unreachable, .dnc = c->dnc, .begun = c->begun,
			.now_ms = k->t->in.now_ms, .expires_at = c->expires_at, .local_min = k->local_min,
			.quiet_from_min = cfg->sending.quiet_from_min, .quiet_to_min = cfg->sending.quiet_to_min,
			.quiet_ends_at = k->quiet_ends_at, .sent_24h = count, .cap_frees_at = oldest + DAY_MS,
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
	struct statement *st = store_prepare(t->in.db, &dispatch_module, DISPATCH_LAST_REF);
	bind_int(st, "$address", c->address);
	int r = store_row(st);
	h->udh_ref = r > 0 ? (int)((column_int(st, 0) + 1) & 0xff) : (int)random_below(t->in.random, 256);
	store_reset(st);
	return r < 0 ? r : 0;
}

static int write_claim(struct tick *t, int64_t flow, const struct channel *ch, const struct candidate *c, const struct handover *h)
{
	struct statement *st = store_prepare(t->in.db, &dispatch_module, DISPATCH_CLAIM);
	bind_int(st, "$id", c->id);
	bind_text(st, "$from", message_state_name(c->state));
	bind_text(st, "$channel", ch->config->name);
	bind_text(st, "$encoding", encoding_name(h->encoding));
	bind_int(st, "$parts", h->parts);
	bind_int(st, "$ref", h->udh_ref);
	bind_int(st, "$begun", c->begun);
	bind_int(st, "$now", t->in.now_ms);
	int r = store_write_row(st);
	tick_touch(t, (uint64_t)c->id);
	tick_flow(t, flow, c->state, MESSAGE_SENDING);
	return r;
}

static int write_attempts(struct tick *t, const struct channel *ch, const struct candidate *c, struct handover *h)
{
	if (c->tries)
		return attempt_again(t, ch, c->id, h->parts, &h->attempt, &h->part);
	for (int part = 1; part <= h->parts; part++) {
		int64_t id;
		int r = attempt_new(t, ch, c->id, part, part == 1, &id);
		if (r)
			return r;
		if (part == 1)
			h->attempt = id;
	}
	h->part = 1;
	return 0;
}

static int count_person(struct tick *t, const struct channel *ch, const struct candidate *c)
{
	if (!ch->config->monthly_persons)
		return 0;
	struct calendar day = calendar_local(t->in.zone, t->in.now_ms);
	struct statement *st = store_prepare(t->in.db, &dispatch_module, DISPATCH_PERSON);
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

static int claim_one(struct claim *k, int index, int64_t flow, const struct candidate *c)
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
		r = write_claim(t, flow, ch, c, &h);
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

static bool full(const struct claim *k, int index)
{
	return k->used[index] >= k->room[index] || k->left <= 0;
}

static int claim_pin(struct claim *k, int index, const struct lineup_flow *f, const char *pin, bool begun)
{
	int r = 0, n = 0, want = 0;
	if (full(k, index))
		return 0;
	do {
		struct candidate rows[CLAIM_BATCH];
		want = k->room[index] - k->used[index];
		want = want > k->left ? k->left : want;
		want = want > CLAIM_BATCH ? CLAIM_BATCH : want;
		r = read_ready(k->t, bind_ready(k->t, f->id, pin, k->room[index]), want, rows, &n);
		if (!r)
			ask_ahead(k->t, rows, n);
		for (int i = 0; i < n; i++) {
			rows[i].begun = begun;
			if (!r && !full(k, index))
				r = claim_one(k, index, f->id, &rows[i]);
			candidate_done(&rows[i]);
		}
		k->left -= n;
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

static void ask_pins(const struct claim *k, int index, const struct lineup_flow *f, char pins[PINS_MAX][40], int from, int to)
{
	for (int i = from; i < to; i++)
		store_ahead(bind_ready(k->t, f->id, pins[i], k->room[index]));
}

/* The campaign that was served last fills the channel from its own pins as a rule: its networks are asked for when it does not. */
static bool is_busy(const struct claim *k, const struct lineup_flow *f)
{
	return f->id == k->t->core->turn;
}

static int claim_flow(struct claim *k, int index, const struct lineup_flow *f)
{
	char pins[PINS_MAX][40];
	int r = 0, n = pins_of(k, index, pins);
	for (int i = 0; !r && i < n; i++) {
		if (i == PINS_OWN && store_asks_ahead(k->t->in.db) && is_busy(k, f) && !full(k, index))
			ask_pins(k, index, f, pins, i, n);
		r = claim_pin(k, index, f, pins[i], i == 0);
	}
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
		if (f->lane == lane)
			ask_pins(k, index, f, pins, 0, is_busy(k, f) ? PINS_OWN : n);
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

void dispatch_claim_ahead(struct tick *t)
{
	int room[CHANNELS_MAX];
	if (any_room(t, room))
		lineup_ahead(t);
}

int dispatch_claim(struct tick *t)
{
	struct core *core = t->core;
	int order[DETOUR_PLACES];
	struct claim k = { .t = t, .left = CLAIM_TICK };
	core->claim_due_at = 0;
	if (!any_room(t, k.room))
		return 0;
	const struct config *cfg = t->in.config;
	k.local_min = MUTANT(QUIET_IN_UTC) ? (int)(t->in.now_ms / 60000 % 1440) : calendar_minutes(t->in.zone, t->in.now_ms);
	int wait_min = (cfg->sending.quiet_to_min - k.local_min + 1440) % 1440;
	k.quiet_ends_at = t->in.now_ms - t->in.now_ms % 60000 + (wait_min ? wait_min : 1440) * INT64_C(60000);
	int r = lineup_read(t, &k.lineup);
	if (!r)
		ask_lanes(&k);
	detour_order(core, order);
	for (int lane = 0; !r && lane < 2; lane++)
		for (int i = 0; !r && i < core->n_channels; i++)
			r = claim_or_go_on(&k, order[i], lane);
	for (int i = 0; !r && i < core->n_channels; i++)
		r = write_usage(&k, i);
	if (!r)
		r = lineup_end(&k.lineup, t);
	if (!r && k.left == 0)
		core->claim_due_at = t->in.now_ms;
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
