/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts of a rule's people, a page a step: nobody is written to. People outside the caller's territory do not count. */
#include "campaigns/headcount.h"

#include <string.h>

#include "campaigns/audience.h"
#include "campaigns/leftout.h"
#include "campaigns/person_facts.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/contact.h"
#include "gateway/unit.h"

/* What is counted, for whom. */
struct question {
	const struct audience *a;
	const char *territory;
	const struct leftout *leftout; /* NULL: nobody asks who is left out */
};

/* sums holds "after", "count", "units" and what leftout_add keeps between steps. */
static int count_person(const struct scope *in, int64_t person, const struct question *q, json_t *sums)
{
	struct person_facts f = { .in = in, .person = person };
	json_t *units = json_object_get(sums, "units");
	const char *unit = NULL;
	int r = person_facts_unit(&f, &unit);
	unit = unit ? unit : "";
	int held = r ? 0 : unit_is_held(in, q->territory, unit);
	if (held < 0)
		r = held;
	if (held > 0) {
		r = json_set_int(units, unit, json_int(units, unit, 0) + 1);
		if (!r)
			r = json_set_int(sums, "count", json_int(sums, "count", 0) + 1);
		if (!r && q->leftout)
			r = leftout_add(in, q->leftout, q->a, person, f.name, sums);
	}
	person_facts_done(&f);
	return r;
}

/* E_AGAIN: there are more. */
static int count_page(const struct scope *in, const struct question *q, json_t *sums)
{
	int64_t people[AUDIENCE_PAGE_MAX], cursor = json_int(sums, "after", 0);
	int n = 0, most = q->leftout ? HEADCOUNT_JUDGED_MAX : HEADCOUNT_DIRECT_MAX;
	bool end = false;
	if (!json_object_get(sums, "units") && json_object_set_new(sums, "units", json_object()))
		return E_NOMEM;
	int r = audience_next(in, q->a, &cursor, CONTACT_SEQ_ALL, most, people, &n, &end);
	for (int i = 0; !r && i < n; i++)
		r = count_person(in, people[i], q, sums);
	if (!r)
		r = json_set_int(sums, "after", cursor);
	return r ? r : end ? 0 : E_AGAIN;
}

/* With who is left out where the arguments ask for it. */
static int count_asked(const struct scope *in, const struct audience *a, const json_t *args, const char *territory, json_t *sums)
{
	struct leftout l = { 0 };
	bool judged = json_flag(args, "left-out", false);
	int r = judged ? leftout_open(args, &l) : 0;
	if (!r)
		r = count_page(in, &(struct question){ .a = a, .territory = territory, .leftout = judged ? &l : NULL }, sums);
	leftout_done(&l);
	return r;
}

/* Nobody may be meant: then nobody is left out either. */
static int shape_leftout(const json_t *sums, json_t *out)
{
	json_t *excluded = json_object_get(sums, "excluded"), *named = json_object_get(sums, "left_out");
	return json_object_set_new(out, "excluded", excluded ? json_incref(excluded) : json_object()) ||
		       json_object_set_new(out, "left_out", named ? json_incref(named) : json_array())
		       ? E_NOMEM : 0;
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
	int r = json_flag(args, "left-out", false) ? shape_leftout(sums, out) : 0;
	if (!r)
		*ret = MOVE(out);
	return r;
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
		r = count_asked(&t->in, &a, j->args, json_str(j->args, "territory", ""), j->cursor);
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
		r = count_asked(&t->in, &a, c->args, c->unit ? c->unit : "", sums);
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

#define ARG_RULE \
	{ .name = "rule", .type = ARG_TEXT, .rank = 1, .required = true, .min = 1, .max = RULE_BYTES_MAX, \
	  .help_en = "who is meant: group:\"A\" and unit:02269 and \"han the\" within 30 days", .help_vi = "quy tắc chọn người" }
static const struct verb_arg unit_args[] = { ARG_RULE };
static const struct verb_arg group_args[] = {
	ARG_RULE,
	{ .name = "left-out", .type = ARG_FLAG, .help_en = "also who would be left out, and why", .help_vi = "cả những ai không nhận, và vì sao" },
	{ .name = "text", .type = ARG_TEXT, .max = 4096, .help_en = "what would be sent, as far as it is written", .help_vi = "nội dung đang soạn" },
	{ .name = "class", .type = ARG_TEXT, .choices = campaign_class_names, .help_en = "class of the message", .help_vi = "loại tin" },
	{ .name = "topic", .type = ARG_TEXT, .max = 32, .help_en = "its topic", .help_vi = "mã chủ đề" },
	{ .name = "channel", .type = ARG_NAME, .help_en = "by this channel only", .help_vi = "chỉ qua kênh này" },
};
#define ROLES (R_(OUTREACH) | R_(APPROVER) | R_(SECRETARY))
static const struct verb verbs[] = {
	{ .noun = "group", .name = "count", .kind = VERB_COMMAND, .roles = ROLES, VERB_ARGS(group_args), .help_en = "how many people a rule means",
	  .help_vi = "quy tắc này gồm bao nhiêu người", .command = verb_group_count },
	{ .noun = "unit", .name = "count", .kind = VERB_COMMAND, .roles = ROLES, VERB_ARGS(unit_args), .help_en = "how many people a rule means, by unit",
	  .help_vi = "quy tắc này gồm bao nhiêu người, theo đơn vị", .command = verb_unit_count },
};
const struct verb_table headcount_verbs = VERB_TABLE(verbs);
