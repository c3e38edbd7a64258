/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What runs, rests and ends. Pausing touches one row of flow; cancelling stops the flow at once and clears its messages in
 * pieces. The duty looks at the few campaigns that are under way, by partial indexes. */
#include "campaigns/course.h"

#include <stdlib.h>
#include <string.h>

#include "campaigns/approval.h"
#include "campaigns/occurrence.h"
#include "campaigns/planner.h"
#include "config/config.h"
#include "gateway/audit.h"
#include "gateway/base/json.h"
#include "gateway/base/log.h"
#include "gateway/base/own.h"
#include "gateway/core.h"
#include "gateway/flow.h"
#include "gateway/jump.h"
#include "gateway/outbox.h"
#include "gateway/store/store.h"

#define DOUBT_AGAIN_MS 1000
#define ACTIVE_MAX 256
#define CLEAR_BATCH 500
#define LOOK_MS 500  /* how often a running campaign is looked at */
#define IDLE_MS 1000

enum course_sql { COURSE_ACTIVE, COURSE_CLEARING, COURSE_SQL_COUNT };
static const char *const course_sql[COURSE_SQL_COUNT] = {
	[COURSE_ACTIVE] = "SELECT id FROM campaign WHERE state IN ('scheduled', 'running', 'paused') ORDER BY id LIMIT $n",
	[COURSE_CLEARING] = "SELECT id FROM campaign WHERE state = 'cancelled' AND plan_done = 0 ORDER BY id LIMIT $n",
};
const struct sql_module course_module = { "course", course_sql, COURSE_SQL_COUNT };

/* The duty may sleep for a while yet; asking every duty once more does no harm. */
static void wake_duties(struct core *core, int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	memset(core->duty_due_at, 0, sizeof(core->duty_due_at));
}

/* A person's step: written down, and looked at in the next tick. */
static int audit(struct tick *t, const char *actor, const char *verb, const struct campaign *c)
{
	char subject[40];
	snprintf(subject, sizeof(subject), "campaign:%lld", (long long)c->id);
	int r = tick_after(t, wake_duties, 0, 0);
	return r ? r : audit_put(t, actor, verb, subject, NULL);
}

/* ---- start ---- */

/* The counts of the preview make room for real ones. */
static int forget_counts(struct campaign *c)
{
	json_t *none = json_object();
	if (!none)
		return E_NOMEM;
	json_decref(c->excluded);
	c->excluded = none;
	c->segments = c->cost_vnd = c->planned = 0;
	return 0;
}

static int begin(struct tick *t, struct campaign *c)
{
	int r = c->started_at ? 0 : forget_counts(c);
	if (r)
		return r;
	c->plan_cursor = 0;
	c->plan_done = false;
	c->started_at = c->started_at ? c->started_at : t->in.now_ms;
	r = flow_set_state(t, c->flow, FLOW_RUNNING, c->start_at > t->in.now_ms ? c->start_at : 0);
	if (!r)
		r = c->state == CAMPAIGN_RUNNING ? campaign_save(t, c) : campaign_move(t, c, CAMPAIGN_RUNNING);
	return r ? r : planner_batch(t, c, PLANNER_BATCH);
}

/* ---- turns of a schedule ---- */

/* Who came into the lists since may have made it a matter for two people; a fact that it quotes may have been corrected. */
static int may_go_on(struct tick *t, struct campaign *c, bool *ret)
{
	struct audience a;
	struct complaint complaint = { 0 };
	int r = audience_parse(&t->in, c->audience, &a, &complaint);
	r = r ? r : approval_facts_hold(&t->in, c);
	if (r >= 0)
		*ret = r && approval_suffices(&t->in, c, &a);
	return r < 0 ? r : 0;
}

static int hold_back(struct tick *t, struct campaign *c)
{
	int r = flow_set_state(t, c->flow, FLOW_PAUSED, 0);
	if (!r)
		r = campaign_move(t, c, CAMPAIGN_PAUSED);
	return r ? r : audit(t, "system", "campaign.pause", c);
}

static int begin_turn(struct tick *t, struct campaign *c, const struct occurrence *o)
{
	bool may = true;
	int r = o->wave ? 0 : may_go_on(t, c, &may);
	if (r || !may)
		return r ? r : hold_back(t, c);
	r = occurrence_begin(t, c, o);
	if (r)
		return r;
	c->start_at = o->due_at;
	if (!o->wave)
		c->start_seq = tick_seq(t);
	return begin(t, c);
}

/* A turn whose hour has come is sent, or missed when that is long ago. Not while the clock is doubted: an hour that never was would use
 * up its turn. Nothing to do: *ret_at is when there will be, SCHEDULE_NEVER when that was the last. */
static int take_turn(struct tick *t, struct campaign *c, int64_t *ret_at)
{
	struct occurrence o;
	int r = occurrence_waiting(&t->in, c, &o);
	*ret_at = r ? SCHEDULE_NEVER : o.due_at;
	if (r || o.due_at > t->in.now_ms)
		return r == E_NOT_FOUND ? 0 : r;
	if (jump_in_doubt(t)) {
		*ret_at = t->in.now_ms + DOUBT_AGAIN_MS; /* not at once, or every tick would ask */
		return 0;
	}
	*ret_at = t->in.now_ms;
	return occurrence_is_late(&t->in, &o) ? occurrence_miss(t, c, &o) : begin_turn(t, c, &o);
}

/* The first turn. What is due at once begins in this tick; the delay before the first message is in the campaign's start. */
static int start_schedule(struct tick *t, struct campaign *c, int64_t first_at, struct refusal *why)
{
	struct occurrence o;
	int64_t due_at = 0;
	int r = occurrence_first(t, c, first_at, &due_at);
	if (r == E_NOT_FOUND)
		return refuse(why, E_REFUSED, 409, "schedule", "id", "The schedule has no day left.");
	bool now = c->start_at <= t->in.now_ms && due_at == first_at;
	c->start_at = due_at;
	if (r || !now)
		return r ? r : campaign_move(t, c, CAMPAIGN_SCHEDULED);
	r = occurrence_waiting(&t->in, c, &o);
	return r ? r : begin_turn(t, c, &o);
}

static int check_confirm(const struct scope *in, const struct call *call, const struct campaign *c, const struct audience *a,
			 struct refusal *why)
{
	int64_t given = json_int(call->args, "confirm", -1);
	bool must = approval_needs_two(in, c, a);
	if (given == c->total || (!must && given < 0))
		return 0;
	refuse(why, E_REFUSED, 409, "confirm", "confirm", given < 0 ? "This goes to %lld people: say so with --confirm %lld."
								     : "The number does not fit: this goes to %lld people (--confirm %lld).",
	       (long long)c->total, (long long)c->total);
	if (why)
		why->args = json_pack("{s:I}", "total", (json_int_t)c->total);
	return E_REFUSED;
}

static int start(struct tick *t, const struct call *call, struct campaign *c, struct refusal *why)
{
	struct audience a;
	if (c->state == CAMPAIGN_RUNNING || c->state == CAMPAIGN_SCHEDULED)
		return 0;
	if (c->state != CAMPAIGN_APPROVED)
		return campaign_refuse_state(c, why);
	int r = approval_audience(&t->in, c, &a, why);
	if (!r)
		r = approval_holds(&t->in, c, &a);
	if (r < 0)
		return r;
	if (!r)
		return refuse(why, E_REFUSED, 409, "approval", "id", "The text, list, schedule or a fact changed after the approval: approve it again.");
	r = check_confirm(&t->in, call, c, &a, why);
	if (r)
		return r;
	int64_t scheduled_at = c->start_at, delay_ms = t->in.config->sending.start_delay_s * 1000;
	int64_t first_at = t->in.now_ms + (c->class != CLASS_EMERGENCY && approval_is_large(&t->in, c, &a) ? delay_ms : 0);
	if (!c->start_seq || c->schedule) /* each turn is of those who are there then; what an older release approved has no moment */
		c->start_seq = tick_seq(t);
	if (c->schedule) {
		r = start_schedule(t, c, first_at, why);
		return r ? r : audit(t, call->actor, "campaign.start", c);
	}
	c->start_at = scheduled_at > first_at ? scheduled_at : first_at;
	r = scheduled_at > t->in.now_ms ? campaign_move(t, c, CAMPAIGN_SCHEDULED) : begin(t, c);
	return r ? r : audit(t, call->actor, "campaign.start", c);
}

/* ---- pause, resume, cancel ---- */

static int64_t later(const struct tick *t, const struct campaign *c)
{
	return c->start_at > t->in.now_ms ? c->start_at : 0;
}

static int pause_it(struct tick *t, const struct call *call, struct campaign *c, struct refusal *why)
{
	if (c->state == CAMPAIGN_PAUSED)
		return 0;
	if (!campaign_may_move(c->state, CAMPAIGN_PAUSED))
		return campaign_refuse_state(c, why);
	int r = flow_set_state(t, c->flow, FLOW_PAUSED, later(t, c));
	if (!r)
		r = campaign_move(t, c, CAMPAIGN_PAUSED);
	return r ? r : audit(t, call->actor, "campaign.pause", c);
}

/* Resuming what its approval does not cover any more is an approval. */
static int approve_again(struct tick *t, const struct call *call, struct campaign *c, struct refusal *why)
{
	struct audience a;
	int r = approval_audience(&t->in, c, &a, why);
	r = r ? r : approval_facts_hold(&t->in, c);
	if (r < 0 || (r && approval_suffices(&t->in, c, &a)))
		return r < 0 ? r : 0;
	r = approval_check_second(&t->in, call, c, &a, why);
	if (!r)
		r = campaign_set_text(&c->approved_by, call->actor);
	return r ? r : approval_digest(&t->in, c, &a, c->approval);
}

static int resume(struct tick *t, const struct call *call, struct campaign *c, struct refusal *why)
{
	bool begun = c->started_at > 0;
	if (c->state == CAMPAIGN_RUNNING || c->state == CAMPAIGN_SCHEDULED)
		return 0;
	if (c->state != CAMPAIGN_PAUSED)
		return campaign_refuse_state(c, why);
	int r = c->schedule ? approve_again(t, call, c, why) : 0;
	if (!r)
		r = flow_set_state(t, c->flow, begun ? FLOW_RUNNING : FLOW_DRAFT, begun ? later(t, c) : 0);
	if (!r)
		r = campaign_move(t, c, begun ? CAMPAIGN_RUNNING : CAMPAIGN_SCHEDULED);
	return r ? r : audit(t, call->actor, "campaign.resume", c);
}

static int left_in(struct tick *t, const struct campaign *c, int64_t *ret)
{
	int64_t n[MESSAGE_STATES];
	int r = flow_counts(&t->in, c->flow, n);
	if (r)
		return r;
	flow_add_pending(t, c->flow, n);
	*ret = n[MESSAGE_HELD] + n[MESSAGE_QUEUED] + n[MESSAGE_SENDING] + n[MESSAGE_RETRY];
	return 0;
}

/* One piece. What is being sent just now ends by itself; should it come back as retry, a later piece takes it. */
static int clear_some(struct tick *t, struct campaign *c, bool *ret_more)
{
	int64_t n = 0, left = 0;
	int r = outbox_cancel_flow(t, c->flow, "campaign_cancelled", CLEAR_BATCH, &n);
	if (!r)
		r = left_in(t, c, &left);
	if (r)
		return r;
	*ret_more = n > 0;
	if (n > 0 || left > 0)
		return 0;
	c->plan_done = true;
	return campaign_save(t, c);
}

static int cancel(struct tick *t, const struct call *call, struct campaign *c, struct refusal *why)
{
	bool more;
	if (c->state == CAMPAIGN_CANCELLED)
		return 0;
	if (!campaign_may_move(c->state, CAMPAIGN_CANCELLED))
		return campaign_refuse_state(c, why);
	int r = flow_set_state(t, c->flow, FLOW_STOPPED, 0);
	c->plan_done = false;
	if (!r)
		r = campaign_move(t, c, CAMPAIGN_CANCELLED);
	if (!r)
		r = clear_some(t, c, &more);
	return r ? r : audit(t, call->actor, "campaign.cancel", c);
}

int course_start(struct tick *t, const struct call *call, json_t **ret, struct refusal *why)
{
	return campaign_act(t, call, start, ret, why);
}

int course_pause(struct tick *t, const struct call *call, json_t **ret, struct refusal *why)
{
	return campaign_act(t, call, pause_it, ret, why);
}

int course_resume(struct tick *t, const struct call *call, json_t **ret, struct refusal *why)
{
	return campaign_act(t, call, resume, ret, why);
}

int course_cancel(struct tick *t, const struct call *call, json_t **ret, struct refusal *why)
{
	return campaign_act(t, call, cancel, ret, why);
}

/* ---- the duty ---- */

static struct statement *bind_ids(const struct scope *in, size_t sql)
{
	struct statement *st = store_prepare(in->db, &course_module, sql);
	bind_int(st, "$n", ACTIVE_MAX);
	return st;
}

static void ahead(struct tick *t)
{
	store_ahead(bind_ids(&t->in, COURSE_ACTIVE));
	store_ahead(bind_ids(&t->in, COURSE_CLEARING));
}

static int ids_of(const struct scope *in, size_t sql, int64_t ret[ACTIVE_MAX], int *ret_n)
{
	int n = 0, r;
	struct statement *st = bind_ids(in, sql);
	while ((r = store_row(st)) > 0 && n < ACTIVE_MAX)
		ret[n++] = column_int(st, 0);
	store_reset(st);
	*ret_n = n;
	return r < 0 ? r : 0;
}

/* next_at: when its schedule goes on. */
static int end_if_through(struct tick *t, struct campaign *c, int64_t next_at)
{
	int64_t left = 0;
	int r = left_in(t, c, &left);
	if (r || left)
		return r;
	r = flow_set_state(t, c->flow, FLOW_STOPPED, 0);
	if (!r && next_at != SCHEDULE_NEVER)
		c->start_at = next_at;
	return r ? r : campaign_move(t, c, next_at == SCHEDULE_NEVER ? CAMPAIGN_DONE : CAMPAIGN_SCHEDULED);
}

/* Between two turns, or before the first: *due_at as in look_at. */
static int follow_schedule(struct tick *t, struct campaign *c, int64_t *wish)
{
	int64_t next_at = SCHEDULE_NEVER;
	bool scheduled = c->state == CAMPAIGN_SCHEDULED;
	int r = c->schedule ? take_turn(t, c, &next_at) : 0;
	if (next_at < *wish)
		*wish = next_at;
	if (r || next_at <= t->in.now_ms)
		return r;
	if (!scheduled || next_at == SCHEDULE_NEVER)
		return end_if_through(t, c, next_at);
	if (c->start_at == next_at)
		return 0;
	c->start_at = next_at; /* the one before was missed */
	return campaign_save(t, c);
}

/* A fact that was corrected since would send other words than were approved: a person looks at it and starts it again. */
static int begin_in_time(struct tick *t, struct campaign *c)
{
	int r = approval_facts_hold(&t->in, c);
	if (r)
		return r < 0 ? r : begin(t, c);
	log_warn("campaign.fact_changed", "campaign=%lld", (long long)c->id);
	r = campaign_move(t, c, CAMPAIGN_APPROVED);
	return r ? r : audit(t, "system", "campaign.hold", c);
}

/* *budget: people that may still be planned in this tick. *due_at is brought forward, never back. */
static int look_at(struct tick *t, struct campaign *c, int *budget, int64_t *due_at)
{
	int64_t wish = t->in.now_ms + LOOK_MS;
	int r = 0;
	if (c->state == CAMPAIGN_SCHEDULED && c->schedule) {
		if (c->start_at <= t->in.now_ms)
			r = follow_schedule(t, c, &wish);
		else if (c->start_at < wish)
			wish = c->start_at;
	} else if (c->state == CAMPAIGN_SCHEDULED) {
		if (c->start_at <= t->in.now_ms)
			r = begin_in_time(t, c);
		else if (c->start_at < wish)
			wish = c->start_at;
	} else if (c->state == CAMPAIGN_RUNNING && !c->plan_done) {
		if (*budget > 0)
			r = planner_batch(t, c, *budget);
		*budget = 0;
		wish = t->in.now_ms;
	} else if (c->state == CAMPAIGN_RUNNING) {
		r = follow_schedule(t, c, &wish);
	}
	if (wish < *due_at)
		*due_at = wish;
	return r;
}

static int each(struct tick *t, size_t sql, int *budget, int64_t *due_at)
{
	int64_t ids[ACTIVE_MAX];
	int n = 0, r = ids_of(&t->in, sql, ids, &n);
	for (int i = 0; !r && i < n; i++) {
		struct campaign c = { 0 };
		bool more = false;
		r = campaign_get(&t->in, ids[i], NULL, &c);
		if (!r && sql == COURSE_ACTIVE)
			r = look_at(t, &c, budget, due_at);
		else if (!r)
			r = clear_some(t, &c, &more);
		if (more)
			*due_at = t->in.now_ms;
		campaign_done(&c);
		if (more)
			break;
	}
	return r;
}

static int run(struct tick *t, int64_t *ret_due_at)
{
	int budget = PLANNER_BATCH;
	int64_t due_at = t->in.now_ms + IDLE_MS;
	int64_t written = store_total_changes(t->in.db);
	int r = each(t, COURSE_ACTIVE, &budget, &due_at);
	if (store_total_changes(t->in.db) != written)
		store_forget_aheads(t->in.db);
	if (!r)
		r = each(t, COURSE_CLEARING, &budget, &due_at);
	if (!r)
		*ret_due_at = due_at;
	return r;
}

const struct duty course_duty = { .name = "campaign.course", .run = run, .ahead = ahead };
