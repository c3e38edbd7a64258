/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts of a rule's people, in the query process: nobody is written to, nothing is kept. People outside the caller's territory do not count. */
#include "campaigns/headcount.h"

#include <string.h>

#include "campaigns/audience.h"
#include "campaigns/person_facts.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/contact.h"

struct headcount {
	const struct scope *in;
	const char *unit; /* territory */
	int64_t total;
	json_t *by_unit;
};

static int count_person(struct headcount *k, int64_t person)
{
	struct person_facts f = { .in = k->in, .person = person };
	const char *unit = NULL;
	int r = person_facts_unit(&f, &unit);
	unit = unit ? unit : "";
	if (!r && !strncmp(unit, k->unit, strlen(k->unit))) {
		k->total++;
		r = json_set_int(k->by_unit, unit, json_int(k->by_unit, unit, 0) + 1);
	}
	person_facts_done(&f);
	return r;
}

static int count_all(struct headcount *k, const struct audience *a)
{
	int64_t people[AUDIENCE_PAGE_MAX], cursor = 0;
	bool end = false;
	int r = 0;
	while (!r && !end) {
		int n = 0;
		r = audience_next(k->in, a, &cursor, CONTACT_SEQ_ALL, AUDIENCE_PAGE_MAX, people, &n, &end);
		for (int i = 0; !r && i < n; i++)
			r = count_person(k, people[i]);
	}
	return r;
}

static int units_json(const struct headcount *k, json_t **ret)
{
	OWN(json) json_t *list = json_array();
	const char *unit;
	json_t *n;
	json_object_foreach(k->by_unit, unit, n) {
		json_t *one = json_pack("{s:s?, s:O}", "unit", *unit ? unit : NULL, "count", n);
		if (!one || json_array_append_new(list, one))
			return E_NOMEM;
	}
	*ret = MOVE(list);
	return *ret ? 0 : E_NOMEM;
}

static int headcount(const struct scope *in, const struct call *c, struct headcount *k, struct refusal *why)
{
	struct complaint bad = { 0 };
	OWN(mem) struct audience *a = calloc(1, sizeof(*a));
	if (!a)
		return E_NOMEM;
	int r = audience_parse(in, json_str(c->args, "rule", ""), a, &bad);
	if (r && bad.rule[0])
		return refuse(why, r, r == E_NOT_FOUND ? 404 : 422, bad.rule, "rule", "%s", bad.text);
	return r ? r : count_all(k, a);
}

static int verb_group_count(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	OWN(json) json_t *by_unit = json_object();
	struct headcount k = { .in = in, .unit = c->unit ? c->unit : "", .by_unit = by_unit };
	*ret_next = 0;
	int r = by_unit ? headcount(in, c, &k, why) : E_NOMEM;
	if (r)
		return r;
	*ret = json_pack("{s:s, s:I}", "rule", json_str(c->args, "rule", ""), "count", (json_int_t)k.total);
	return *ret ? 0 : E_NOMEM;
}

static int verb_unit_count(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	OWN(json) json_t *by_unit = json_object(), *units = NULL;
	struct headcount k = { .in = in, .unit = c->unit ? c->unit : "", .by_unit = by_unit };
	*ret_next = 0;
	int r = by_unit ? headcount(in, c, &k, why) : E_NOMEM;
	if (!r)
		r = units_json(&k, &units);
	if (r)
		return r;
	*ret = json_pack("{s:s, s:I, s:O}", "rule", json_str(c->args, "rule", ""), "count", (json_int_t)k.total, "units", units);
	return *ret ? 0 : E_NOMEM;
}

static const struct verb_arg args[] = {
	{ .name = "rule", .type = ARG_TEXT, .rank = 1, .required = true, .min = 1, .max = RULE_BYTES_MAX,
	  .help_en = "who is meant: group:\"A\" and unit:02269 and \"han the\" within 30 days", .help_vi = "quy tắc chọn người" },
};
#define ROLES (R_(OUTREACH) | R_(APPROVER) | R_(SECRETARY))
static const struct verb verbs[] = {
	{ .noun = "group", .name = "count", .kind = VERB_QUERY, .roles = ROLES, VERB_ARGS(args), .help_en = "how many people a rule means",
	  .help_vi = "quy tắc này gồm bao nhiêu người", .query = verb_group_count },
	{ .noun = "unit", .name = "count", .kind = VERB_QUERY, .roles = ROLES, VERB_ARGS(args), .help_en = "how many people a rule means, by unit",
	  .help_vi = "quy tắc này gồm bao nhiêu người, theo đơn vị", .query = verb_unit_count },
};
const struct verb_table headcount_verbs = VERB_TABLE(verbs);
