/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table campaign: the row, its states, its shape. Called by every other file here; the moves themselves are decided in
 * approval.c and course.c. */
#include "campaigns/campaign.h"

#include <stdlib.h>
#include <string.h>

#include "campaigns/agenda.h"
#include "campaigns/eta.h"
#include "config/config.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/flow.h"
#include "gateway/price.h"
#include "gateway/store/store.h"
#include "gateway/unit.h"

enum campaign_sql { CAMPAIGN_GET, CAMPAIGN_SAVE, CAMPAIGN_SQL_COUNT };
static const char *const campaign_sql[CAMPAIGN_SQL_COUNT] = {
	[CAMPAIGN_GET] = "SELECT id, flow, state, class, name, text, audience, unit, author, pin, topic, submitted_by, approved_by, "
			 "returned_why, start_local, start_at, approval, total, excluded, segments, cost_vnd, planned, plan_cursor, wording, "
			 "replies, opt_outs, plan_done, started_at, start_seq, created_at, schedule, reason, signup FROM campaign WHERE id = $id",
	[CAMPAIGN_SAVE] = "UPDATE campaign SET state = $to, submitted_by = $submitted_by, approved_by = $approved_by, approval = $approval, "
			  "returned_why = $returned_why, start_at = $start_at, total = $total, excluded = $excluded, segments = $segments, "
			  "cost_vnd = $cost, planned = $planned, plan_cursor = $cursor, plan_done = $plan_done, wording = $wording, "
			  "started_at = $started_at, start_seq = $start_seq, changed_at = $now WHERE id = $id AND state = $from",
};
const struct sql_module campaign_module = { "campaign", campaign_sql, CAMPAIGN_SQL_COUNT };

#define TO(state) (1u << CAMPAIGN_##state)
static const unsigned campaign_moves[CAMPAIGN_STATES] = {
	[CAMPAIGN_DRAFT] = TO(SUBMITTED) | TO(CANCELLED),
	[CAMPAIGN_SUBMITTED] = TO(APPROVED) | TO(RETURNED) | TO(CANCELLED),
	[CAMPAIGN_RETURNED] = TO(SUBMITTED) | TO(CANCELLED),
	[CAMPAIGN_APPROVED] = TO(SCHEDULED) | TO(RUNNING) | TO(RETURNED) | TO(CANCELLED),
	[CAMPAIGN_SCHEDULED] = TO(APPROVED) | TO(RUNNING) | TO(PAUSED) | TO(DONE) | TO(CANCELLED),
	[CAMPAIGN_RUNNING] = TO(SCHEDULED) | TO(PAUSED) | TO(DONE) | TO(CANCELLED),
	[CAMPAIGN_PAUSED] = TO(SCHEDULED) | TO(RUNNING) | TO(CANCELLED),
	[CAMPAIGN_DONE] = 0,
	[CAMPAIGN_CANCELLED] = 0,
};
const char *const campaign_state_names[] = {
	[CAMPAIGN_DRAFT] = "draft",	    [CAMPAIGN_SUBMITTED] = "submitted", [CAMPAIGN_RETURNED] = "returned",
	[CAMPAIGN_APPROVED] = "approved",   [CAMPAIGN_SCHEDULED] = "scheduled", [CAMPAIGN_RUNNING] = "running",
	[CAMPAIGN_PAUSED] = "paused",	    [CAMPAIGN_DONE] = "done",		[CAMPAIGN_CANCELLED] = "cancelled",
	[CAMPAIGN_STATES] = NULL,
};

const char *const campaign_class_names[] = { "social_policy", "advert", "service", "emergency", NULL };

const char *campaign_state_name(enum campaign_state s)
{
	return s < CAMPAIGN_STATES ? campaign_state_names[s] : "?";
}

bool campaign_may_move(enum campaign_state from, enum campaign_state to)
{
	return from < CAMPAIGN_STATES && to < CAMPAIGN_STATES && (campaign_moves[from] & (1u << to)) != 0;
}

static int state_parse(const char *name, enum campaign_state *ret)
{
	for (unsigned i = 0; name && i < CAMPAIGN_STATES; i++)
		if (!strcmp(name, campaign_state_names[i])) {
			*ret = (enum campaign_state)i;
			return 0;
		}
	return E_CORRUPT;
}

void campaign_done(struct campaign *c)
{
	free(c->name);
	free(c->text);
	free(c->audience);
	free(c->unit);
	free(c->author);
	free(c->pin);
	free(c->topic);
	free(c->submitted_by);
	free(c->approved_by);
	free(c->returned_why);
	free(c->start_local);
	free(c->schedule);
	free(c->reason);
	free(c->signup);
	json_decref(c->excluded);
	*c = (struct campaign){ 0 };
}

int campaign_set_text(char **text, const char *value)
{
	char *copy = value ? strdup(value) : NULL;
	if (value && !copy)
		return E_NOMEM;
	free(*text);
	*text = copy;
	return 0;
}

static int read_texts(struct statement *st, struct campaign *c)
{
	char **const texts[] = { &c->name, &c->text, &c->audience, &c->unit, &c->author, &c->pin, &c->topic, &c->submitted_by,
				 &c->approved_by, &c->returned_why, &c->start_local };
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		const char *value = column_text(st, 4 + (int)i);
		/* the first six are never NULL in the struct */
		if (campaign_set_text(texts[i], value || i > 5 ? value : ""))
			return E_NOMEM;
	}
	int r = campaign_set_text(&c->schedule, column_text(st, 30));
	r = r ? r : campaign_set_text(&c->reason, column_text(st, 31));
	return r ? r : campaign_set_text(&c->signup, column_text(st, 32));
}

static int read_row(struct statement *st, struct campaign *c)
{
	size_t n_approval;
	const char *excluded = column_text(st, 18);
	const void *approval = column_blob(st, 16, &n_approval);
	int r = state_parse(column_text(st, 2), &c->state);
	if (!r)
		r = message_class_parse(column_text(st, 3), &c->class) ? E_CORRUPT : 0;
	if (!r)
		r = read_texts(st, c);
	if (!r)
		r = json_parse(excluded, strlen(excluded), &c->excluded) ? E_CORRUPT : 0;
	if (r)
		return r;
	c->id = column_int(st, 0);
	c->flow = column_int(st, 1);
	c->start_at = column_int(st, 15);
	c->has_approval = n_approval == CAMPAIGN_DIGEST_BYTES;
	if (c->has_approval)
		memcpy(c->approval, approval, CAMPAIGN_DIGEST_BYTES);
	c->total = column_null(st, 17) ? -1 : column_int(st, 17);
	int64_t *const numbers[] = { &c->segments, &c->cost_vnd, &c->planned, &c->plan_cursor, &c->wording, &c->replies, &c->opt_outs };
	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		*numbers[i] = column_int(st, 19 + (int)i);
	c->plan_done = column_int(st, 26);
	c->started_at = column_int(st, 27);
	c->start_seq = column_int(st, 28);
	c->created_at = column_int(st, 29);
	return 0;
}

const char *campaign_home(const struct scope *in)
{
	const char *home = in->config->organisation.unit;
	return home ? home : "";
}

/* What somebody without a territory wrote is the organisation's own. */
static bool within(const struct scope *in, const struct campaign *c, const char *unit)
{
	return unit_is_held(in, unit, *c->unit ? c->unit : campaign_home(in)) > 0;
}

int campaign_get(const struct scope *in, int64_t id, const char *unit, struct campaign *ret)
{
	struct campaign c = { 0 };
	struct statement *st = store_prepare(in->db, &campaign_module, CAMPAIGN_GET);
	bind_int(st, "$id", id);
	int r = store_row(st);
	r = r > 0 ? read_row(st, &c) : r == 0 ? E_NOT_FOUND : r;
	store_reset(st);
	if (!r && unit && !within(in, &c, unit))
		r = E_NOT_FOUND;
	if (r)
		campaign_done(&c);
	else
		*ret = c;
	return r;
}

int campaign_of_call(const struct scope *in, const struct call *call, struct campaign *ret, struct refusal *why)
{
	int r = campaign_get(in, json_int(call->args, "id", 0), call->unit, ret);
	return r == E_NOT_FOUND ? refuse(why, r, 404, "not_found", "id", "There is no such campaign.") : r;
}

static void bind_some(struct statement *st, const char *name, int64_t value, int64_t none)
{
	if (value == none)
		bind_null(st, name);
	else
		bind_int(st, name, value);
}

static int save(struct tick *t, struct campaign *c, enum campaign_state to)
{
	OWN(mem) char *excluded = json_text(c->excluded);
	if (!excluded)
		return E_NOMEM;
	struct statement *st = store_prepare(t->in.db, &campaign_module, CAMPAIGN_SAVE);
	bind_int(st, "$id", c->id);
	bind_text(st, "$from", campaign_state_name(c->state));
	bind_text(st, "$to", campaign_state_name(to));
	bind_text(st, "$submitted_by", c->submitted_by);
	bind_text(st, "$approved_by", c->approved_by);
	bind_blob(st, "$approval", c->has_approval ? c->approval : NULL, CAMPAIGN_DIGEST_BYTES);
	bind_text(st, "$returned_why", c->returned_why);
	bind_some(st, "$start_at", c->start_at, 0);
	bind_some(st, "$total", c->total, -1);
	bind_text(st, "$excluded", excluded);
	bind_int(st, "$segments", c->segments);
	bind_int(st, "$cost", c->cost_vnd);
	bind_int(st, "$planned", c->planned);
	bind_int(st, "$cursor", c->plan_cursor);
	bind_int(st, "$plan_done", c->plan_done);
	bind_some(st, "$wording", c->wording, 0);
	bind_some(st, "$started_at", c->started_at, 0);
	bind_some(st, "$start_seq", c->start_seq, 0);
	bind_int(st, "$now", t->in.now_ms);
	int r = store_run(st);
	if (r)
		return r;
	if (store_changes(t->in.db) != 1)
		return E_REFUSED;
	c->state = to;
	tick_changed(t, "campaign");
	return 0;
}

int campaign_save(struct tick *t, struct campaign *c)
{
	return save(t, c, c->state);
}

int campaign_move(struct tick *t, struct campaign *c, enum campaign_state to)
{
	return campaign_may_move(c->state, to) ? save(t, c, to) : E_REFUSED;
}

int campaign_refuse_state(const struct campaign *c, struct refusal *why)
{
	return refuse(why, E_REFUSED, 409, "state", "id", "This is not possible while the campaign is %s.", campaign_state_name(c->state));
}

/* The channel a person chose; else the first with a price, which an estimate needs; else the first. */
static const struct channel_config *route_of(const struct scope *in, const struct campaign *c)
{
	const struct config *config = in->config;
	for (size_t i = 0; i < config->n_channels; i++) {
		const struct channel_config *ch = &config->channels[i];
		if (*c->pin ? !strcmp(ch->name, c->pin) : ch->segment_price_vnd > 0)
			return ch;
	}
	return config->n_channels ? &config->channels[0] : NULL;
}

int64_t campaign_price_vnd(const struct scope *in, const struct campaign *c)
{
	const struct channel_config *ch = route_of(in, c);
	return ch && ch->segment_price_vnd > 0 ? ch->segment_price_vnd : CAMPAIGN_PRICE_VND;
}

void campaign_tariff(const struct scope *in, const struct campaign *c, struct tariff *ret)
{
	tariff_open(route_of(in, c), c->class == CLASS_ADVERT, ret);
	ret->other = !*c->pin && in->config->n_channels > 1;
}

static json_t *moment(const struct scope *in, int64_t at_ms)
{
	char text[CALENDAR_ISO_BYTES];
	return at_ms > 0 ? json_string(calendar_format_iso(in->zone, at_ms, text)) : json_null();
}

/* What the first preview finds out. */
static json_t *counted(const struct campaign *c, int64_t n)
{
	return c->total < 0 ? json_null() : json_integer(n);
}

int campaign_json(const struct scope *in, struct tick *t, const struct campaign *c, json_t **ret)
{
	int64_t counts[MESSAGE_STATES];
	int64_t spent_vnd = 0;
	int r = flow_counts(in, c->flow, counts);
	if (!r)
		r = price_of_flow(in, c->flow, &spent_vnd);
	if (r)
		return r;
	if (t)
		flow_add_pending(t, c->flow, counts);
	OWN(json) json_t *obj = json_pack(
		"{s:I, s:s, s:s, s:s, s:s, s:o, s:O, s:o, s:o, s:I, s:I, s:o, s:o}", "id", (json_int_t)c->id, "name", c->name, "state",
		campaign_state_name(c->state), "class", message_class_name(c->class), "audience", c->audience, "counts",
		flow_counts_json(counts), "excluded", c->excluded, "segments", counted(c, c->segments), "cost_vnd", counted(c, c->cost_vnd),
		"replies", (json_int_t)c->replies, "opt_outs", (json_int_t)c->opt_outs, "started_at", moment(in, c->started_at), "eta_at",
		moment(in, eta_at(in, c, counts)));
	OWN(json) json_t *more = json_pack("{s:s, s:s?, s:s?, s:s?, s:I, s:s?, s:o, s:s, s:s?, s:s?, s:s?, s:o}", "text", c->text, "reason", c->reason, "signup", c->signup, "topic", c->topic,
					   "planned", (json_int_t)c->planned, "channel", *c->pin ? c->pin : NULL, "start_at",
					   moment(in, c->start_at), "author", c->author, "submitted_by", c->submitted_by, "approved_by",
					   c->approved_by, "returned_why", c->returned_why, "created_at", moment(in, c->created_at));
	OWN(json) json_t *agenda = NULL;
	r = agenda_of_campaign(in, c, &agenda);
	if (r)
		return r;
	if (!obj || !more || json_object_update(obj, more) || json_object_set(obj, "schedule", agenda) || json_set_int(obj, "spent_vnd", spent_vnd) ||
	    json_object_set_new(obj, "total", counted(c, c->total)))
		return E_NOMEM;
	*ret = MOVE(obj);
	return 0;
}

int campaign_act(struct tick *t, const struct call *call, campaign_fn fn, json_t **ret, struct refusal *why)
{
	struct campaign c = { 0 };
	int r = campaign_of_call(&t->in, call, &c, why);
	if (!r)
		r = fn(t, call, &c, why);
	if (!r)
		r = campaign_json(&t->in, t, &c, ret);
	campaign_done(&c);
	return r;
}
