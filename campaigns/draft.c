/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads what somebody wrote, checks all of it, and writes the row: a new one, or over one that was not approved. Called by
 * campaign_verbs.c. Decides nothing about states beyond which one may still be written. */
#include "campaigns/draft.h"

#include <stdlib.h>
#include <string.h>

#include "campaigns/audience.h"
#include "campaigns/schedule.h"
#include "campaigns/template.h"
#include "config/config.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "gateway/core.h"
#include "gateway/flow.h"
#include "gateway/store/store.h"

enum draft_sql { DRAFT_NEW, DRAFT_OVER, DRAFT_SQL_COUNT };
static const char *const draft_sql[DRAFT_SQL_COUNT] = {
	[DRAFT_NEW] = "INSERT INTO campaign (flow, name, state, class, topic, text, audience, pin, unit, author, start_local, start_zone, start_at, "
		      "schedule, reason, signup, created_at, changed_at) VALUES ($flow, $name, 'draft', $class, $topic, $text, $audience, $pin, $unit, $author, "
		      "$start_local, $start_zone, $start_at, $schedule, $reason, $signup, $now, $now)",
	/* nothing that was counted or approved of the former words is left */
	[DRAFT_OVER] = "UPDATE campaign SET name = $name, class = $class, topic = $topic, text = $text, audience = $audience, pin = $pin, "
		       "author = $author, start_local = $start_local, start_zone = $start_zone, start_at = $start_at, schedule = $schedule, reason = $reason, signup = $signup, "
		       "submitted_by = NULL, approved_by = NULL, approval = NULL, total = NULL, segments = 0, cost_vnd = 0, "
		       "changed_at = $now WHERE id = $id AND state IN ('draft', 'returned')",
};
const struct sql_module draft_module = { "draft", draft_sql, DRAFT_SQL_COUNT };

void draft_done(struct draft *d)
{
	free(d->text);
	free(d->audience);
	free(d->schedule);
	*d = (struct draft){ 0 };
}

/* Exactly one of two arguments. */
static int one_of(const struct call *call, const char *a, const char *b, const char **ret, struct refusal *why)
{
	const char *va = json_str(call->args, a, NULL), *vb = json_str(call->args, b, NULL);
	if (!va == !vb)
		return refuse(why, E_INVALID, 422, va ? "conflict" : "missing", a, "Give either %s or %s.", a, b);
	*ret = va ? va : vb;
	return 0;
}

static int read_text(const struct call *call, char **ret, struct refusal *why)
{
	const char *text = NULL;
	struct complaint bad = { 0 };
	int r = one_of(call, "text", "text-file", &text, why);
	if (r)
		return r;
	OWN(mem) char *nfc = text_nfc(text);
	if (!nfc)
		return E_NOMEM;
	size_t n = strlen(nfc);
	while (n && strchr("\r\n \t", nfc[n - 1]))
		nfc[--n] = '\0';
	if (!n)
		return refuse(why, E_INVALID, 422, "missing", "text", "The text is empty.");
	if (n > DRAFT_TEXT_BYTES_MAX)
		return refuse(why, E_INVALID, 422, "out_of_range", "text", "The text has more than %d bytes.", DRAFT_TEXT_BYTES_MAX);
	r = template_check(nfc, &bad);
	if (r == E_INVALID)
		return refuse(why, r, 422, bad.rule, "text", "%s", bad.text);
	if (!r)
		*ret = MOVE(nfc);
	return r;
}

static int read_audience(const struct scope *in, const struct call *call, char **ret, struct refusal *why)
{
	const char *given = NULL;
	struct audience a;
	struct complaint bad = { 0 };
	int r = one_of(call, "group", "audience", &given, why);
	if (r)
		return r;
	bool by_group = json_str(call->args, "group", NULL) != NULL;
	OWN(mem) char *rule = by_group ? audience_rule_of(given) : strdup(given);
	if (!rule)
		return E_NOMEM;
	r = audience_parse(in, rule, &a, &bad);
	if (!r)
		r = audience_check(in, &a, &bad);
	if (r && bad.rule[0])
		return refuse(why, r, r == E_NOT_FOUND ? 404 : 422, bad.rule, by_group ? "group" : "audience", "%s", bad.text);
	if (!r)
		*ret = MOVE(rule);
	return r;
}

static int read_channel(const struct scope *in, const struct call *call, struct refusal *why)
{
	const char *channel = json_str(call->args, "channel", NULL);
	if (channel && !config_channel(in->config, channel))
		return refuse(why, E_NOT_FOUND, 404, "unknown_channel", "channel", "There is no channel %s.", channel);
	return 0;
}

/* A topic that nobody can refuse by its name would pass by every refusal. */
static int read_topic(struct tick *t, const struct call *call, const char **ret, struct refusal *why)
{
	const char *said = json_str(call->args, "topic", NULL);
	const struct wiring *w = t->core->wiring;
	const char *code = said && *said && w->topic ? w->topic(&t->in, said) : said;
	if (said && *said && !code)
		return refuse(why, E_INVALID, 422, "not_a_choice", "topic", "There is no topic of this code.");
	*ret = code;
	return 0;
}

/* What people sign up for says what the campaign is about, where nobody else does. */
static int read_signup(struct tick *t, const struct call *call, const char **ret_topic, struct refusal *why)
{
	const char *name = json_str(call->args, "signup", NULL);
	const struct wiring *w = t->core->wiring;
	if (!name || !*name || !w->programme)
		return 0;
	const char *topic = w->programme(&t->in, name);
	if (!topic)
		return refuse(why, E_INVALID, 422, "not_a_choice", "signup", "There is no programme of this name.");
	if (!*ret_topic || !**ret_topic)
		*ret_topic = topic;
	return 0;
}

/* An author who named none: what the text itself speaks of. */
static int read_about(struct tick *t, const char *text, const char **ret_topic)
{
	const struct wiring *w = t->core->wiring;
	return (*ret_topic && **ret_topic) || !w->about ? 0 : w->about(&t->in, text, ret_topic);
}

/* It passes by refusals, night and the cap: so it says why, keeps to an area, and is said once. */
static int check_emergency(const struct scope *in, const struct call *call, const struct draft *d, struct refusal *why)
{
	bool reason = json_str(call->args, "reason", NULL) != NULL;
	struct audience a;
	struct complaint bad = { 0 };
	if (d->class != CLASS_EMERGENCY)
		return reason ? refuse(why, E_INVALID, 422, "conflict", "reason", "Only an emergency has a reason.") : 0;
	if (!reason)
		return refuse(why, E_INVALID, 422, "missing", "reason", "An emergency needs a reason: what has happened.");
	if (d->schedule)
		return refuse(why, E_INVALID, 422, "conflict", "repeat", "An emergency is said once.");
	int r = audience_parse(in, d->audience, &a, &bad);
	if (!r && !rule_is_within_units(&a.rule))
		return refuse(why, E_INVALID, 422, "no_area", "audience", "An emergency goes to an area: name its units, such as unit:02269.");
	return r;
}

int draft_read(struct tick *t, const struct call *call, struct draft *ret, struct refusal *why)
{
	struct draft d = { 0 };
	int r = read_text(call, &d.text, why);
	if (!r)
		r = read_audience(&t->in, call, &d.audience, why);
	if (!r)
		r = schedule_read_start(&t->in, call->args, &d.start_at, why);
	if (!r)
		r = schedule_read(&t->in, call->args, d.start_at, &d.schedule, why);
	if (!r)
		r = read_channel(&t->in, call, why);
	if (!r)
		r = message_class_parse(json_str(call->args, "class", ""), &d.class);
	if (!r)
		r = check_emergency(&t->in, call, &d, why);
	if (!r)
		r = read_topic(t, call, &d.topic, why);
	if (!r)
		r = read_signup(t, call, &d.topic, why);
	if (!r)
		r = read_about(t, d.text, &d.topic);
	if (r)
		draft_done(&d);
	else
		*ret = d;
	return r;
}

/* What both statements take. */
static void bind_draft(struct statement *st, const struct tick *t, const struct call *call, const struct draft *d)
{
	bind_text(st, "$name", json_str(call->args, "name", ""));
	bind_text(st, "$class", message_class_name(d->class));
	bind_text(st, "$topic", d->topic);
	bind_text(st, "$text", d->text);
	bind_text(st, "$audience", d->audience);
	bind_text(st, "$pin", json_str(call->args, "channel", ""));
	bind_text(st, "$author", call->actor);
	bind_text(st, "$start_local", json_str(call->args, "start", NULL));
	bind_text(st, "$start_zone", d->start_at ? zone_name(t->in.zone) : NULL);
	if (d->start_at)
		bind_int(st, "$start_at", d->start_at);
	else
		bind_null(st, "$start_at");
	bind_text(st, "$schedule", d->schedule);
	bind_text(st, "$reason", json_str(call->args, "reason", NULL));
	bind_text(st, "$signup", json_str(call->args, "signup", NULL));
	bind_int(st, "$now", t->in.now_ms);
}

int draft_new(struct tick *t, const struct call *call, const struct draft *d, int64_t *ret_id)
{
	int64_t flow;
	int r = flow_new(t, json_str(call->args, "name", ""), d->class, &flow);
	if (r)
		return r;
	struct statement *st = store_prepare(t->in.db, &draft_module, DRAFT_NEW);
	bind_draft(st, t, call, d);
	bind_int(st, "$flow", flow);
	bind_text(st, "$unit", call->unit && *call->unit ? call->unit : NULL);
	r = store_run(st);
	if (!r)
		*ret_id = store_last_id(t->in.db);
	return r;
}

int draft_over(struct tick *t, const struct call *call, const struct draft *d, const struct campaign *c)
{
	struct statement *st = store_prepare(t->in.db, &draft_module, DRAFT_OVER);
	bind_draft(st, t, call, d);
	bind_int(st, "$id", c->id);
	int r = store_run(st);
	if (!r && store_changes(t->in.db) != 1)
		r = E_REFUSED;
	return r ? r : flow_describe(t, c->flow, json_str(call->args, "name", ""), d->class);
}
