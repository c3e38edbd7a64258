/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts of a rule's people, a page a step: nobody is written to. People outside the caller's territory do not count. */
#include "campaigns/headcount.h"

#include <string.h>

#include "campaigns/audience.h"
#include "campaigns/person_facts.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/contact.h"
#include "gateway/unit.h"

/* sums holds "after", "count" and "units" between steps. */
static int count_person(const struct scope *in, int64_t person, const char *territory, json_t *sums)
{
	struct person_facts f = { .in = in, .person = person };
	json_t *units = json_object_get(sums, "units");
	const char *unit = NULL;
	int r = person_facts_unit(&f, &unit);
	unit = unit ? unit : "";
	int held = r ? 0 : unit_is_held(in, territory, unit);
	if (held < 0)
		r = held;
	if (held > 0) {
		r = json_set_int(units, unit, json_int(units, unit, 0) + 1);
		if (!r)
			r = json_set_int(sums, "count", json_int(sums, "count", 0) + 1);
	}
	person_facts_done(&f);
	return r;
}

/* E_AGAIN: there are more. */
static int count_page(const struct scope *in, const struct audience *a, const char *territory, json_t *sums)
{
	int64_t people[AUDIENCE_PAGE_MAX], cursor = json_int(sums, "after", 0);
	int n = 0;
	bool end = false;
	if (!json_object_get(sums, "units") && json_object_set_new(sums, "units", json_object()))
		return E_NOMEM;
	int r = audience_next(in, a, &cursor, CONTACT_SEQ_ALL, HEADCOUNT_DIRECT_MAX, people, &n, &end);
	for (int i = 0; !r && i < n; i++)
		r = count_person(in, people[i], territory, sums);
	if (!r)
		r = json_set_int(sums, "after", cursor);
	return r ? r : end ? 0 : E_AGAIN;
}

static int shape(const json_t *args, const json_t *sums, bool by_unit, json_t **ret)
{
	OWN(json) json_t *list = json_array(), *out = json_pack("{s:s, s:I}", "rule", json_str(args, "rule", ""), "count", (json_int_t)json_int(sums, "count", 0));
	const char *unit;
	json_t *n, *units = json_object_get(sums, "units");
	json_object_foreach(units, unit, n) {
		json_t *one = json_pack("{s:s?, s:O}", "unit", *unit ? unit : NULL, "count", n);
		if (!one || json_array_append_new(list, one))
			return E_NOMEM;
	}
	if (!list || !out || (by_unit && json_object_set(out, "units", list)))
		return E_NOMEM;
	*ret = MOVE(out);
	return 0;
}

static int read_rule(const struct scope *in, const json_t *args, struct audience *a, struct refusal *why)
{
	struct complaint bad = { 0 };
	int r = audience_parse(in, json_str(args, "rule", ""), a, &bad);
	if (!r)
		r = audience_check(in, a, &bad);
	return r && bad.rule[0] ? refuse(why, r, r == E_NOT_FOUND ? 404 : 422, bad.rule, "rule", "%s", bad.text) : r;
}

static int step(struct tick *t, struct job *j, bool by_unit)
{
	struct audience a;
	int r = read_rule(&t->in, j->args, &a, j->why);
	if (!r)
		r = count_page(&t->in, &a, json_str(j->args, "territory", ""), j->cursor);
	if (r)
		return r;
	return shape(j->args, j->cursor, by_unit, &j->result);
}

static int step_all(struct tick *t, struct job *j)
{
	return step(t, j, false);
}

static int step_units(struct tick *t, struct job *j)
{
	return step(t, j, true);
}

const struct job_kind headcount_job = { .verb = "group.count", .step = step_all };
const struct job_kind headcount_units_job = { .verb = "unit.count", .step = step_units };

static int start_job(struct tick *t, const struct call *c, const char *verb, json_t **ret)
{
	int64_t job;
	OWN(json) json_t *args = json_deep_copy(c->args);
	int r = args ? json_set_str(args, "territory", c->unit ? c->unit : "") : E_NOMEM;
	if (!r)
		r = job_new(t, c, verb, args, &job);
	if (r)
		return r;
	*ret = json_pack("{s:I}", "job", (json_int_t)job);
	return *ret ? 0 : E_NOMEM;
}

static int count(struct tick *t, const struct call *c, bool by_unit, json_t **ret, struct refusal *why)
{
	struct audience a;
	OWN(json) json_t *sums = json_object();
	int r = sums ? read_rule(&t->in, c->args, &a, why) : E_NOMEM;
	if (!r)
		r = count_page(&t->in, &a, c->unit ? c->unit : "", sums);
	if (r == E_AGAIN)
		return start_job(t, c, by_unit ? headcount_units_job.verb : headcount_job.verb, ret);
	return r ? r : shape(c->args, sums, by_unit, ret);
}

static int verb_group_count(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	return count(t, c, false, ret, why);
}

static int verb_unit_count(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	return count(t, c, true, ret, why);
}

static const struct verb_arg args[] = {
	{ .name = "rule", .type = ARG_TEXT, .rank = 1, .required = true, .min = 1, .max = RULE_BYTES_MAX,
	  .help_en = "who is meant: group:\"A\" and unit:02269 and \"han the\" within 30 days", .help_vi = "quy tắc chọn người" },
};
#define ROLES (R_(OUTREACH) | R_(APPROVER) | R_(SECRETARY))
static const struct verb verbs[] = {
	{ .noun = "group", .name = "count", .kind = VERB_COMMAND, .roles = ROLES, VERB_ARGS(args), .help_en = "how many people a rule means",
	  .help_vi = "quy tắc này gồm bao nhiêu người", .command = verb_group_count },
	{ .noun = "unit", .name = "count", .kind = VERB_COMMAND, .roles = ROLES, VERB_ARGS(args), .help_en = "how many people a rule means, by unit",
	  .help_vi = "quy tắc này gồm bao nhiêu người, theo đơn vị", .command = verb_unit_count },
};
const struct verb_table headcount_verbs = VERB_TABLE(verbs);
