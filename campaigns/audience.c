/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rules about people in the database. Called by preview, approval, planner and counts; reads grp, member and person, writes nothing. */
#include "campaigns/audience.h"

#include <stdlib.h>
#include <string.h>

#include "campaigns/person_facts.h"
#include "gateway/base/buffer.h"
#include "gateway/base/mutant.h"
#include "gateway/base/own.h"
#include "gateway/contact.h"
#include "gateway/store/store.h"
#include "gateway/unit.h"

enum audience_sql { AUDIENCE_NEXT, AUDIENCE_ANYBODY, AUDIENCE_HAS, AUDIENCE_THERE, AUDIENCE_NEWEST, AUDIENCE_CAMPAIGN, AUDIENCE_SQL_COUNT };
static const char *const audience_sql[AUDIENCE_SQL_COUNT] = {
	[AUDIENCE_NEXT] = "SELECT m.person FROM member m WHERE m.grp = $group AND m.person > $after AND " CONTACT_VISIBLE("m.import")
			  " ORDER BY m.person LIMIT $n",
	[AUDIENCE_ANYBODY] = "SELECT p.id FROM person p WHERE p.id > $after AND " CONTACT_VISIBLE("p.import") " ORDER BY p.id LIMIT $n",
	[AUDIENCE_HAS] = "SELECT 1 FROM member m WHERE m.grp = $group AND m.person = $person AND " CONTACT_VISIBLE("m.import"),
	[AUDIENCE_THERE] = "SELECT 1 FROM person p WHERE p.id = $person AND " CONTACT_VISIBLE("p.import"),
	[AUDIENCE_NEWEST] = "SELECT max(id) FROM person",
	[AUDIENCE_CAMPAIGN] = "SELECT 1 FROM campaign WHERE id = $id",
};
const struct sql_module audience_module = { "audience", audience_sql, AUDIENCE_SQL_COUNT };

/* ---- the rule ---- */

static int add_group(const struct scope *in, struct rule_node *n, struct audience *a, struct complaint *c)
{
	struct group g;
	const char *name = rule_text(&a->rule, n->name);
	int r = group_find(in, name, &g);
	if (r == E_NOT_FOUND)
		complaint_set(c, "audience", "unknown_group", "There is no group %.100s (character %d).", name, n->at);
	if (r)
		return r;
	for (size_t i = 0; i < a->n_groups; i++)
		if (a->groups[i].id == g.id) {
			n->number = (int64_t)i;
			return 0;
		}
	if (a->n_groups == AUDIENCE_GROUPS_MAX)
		return complaint_set(c, "audience", "bad_rule", "An audience has at most %d groups.", AUDIENCE_GROUPS_MAX);
	n->number = (int64_t)a->n_groups;
	a->groups[a->n_groups++] = g;
	return 0;
}

/* "not answered:21" where 12 was meant would be everybody. */
static int check_campaign(const struct scope *in, const struct rule_node *n, struct complaint *c)
{
	struct statement *st = store_prepare(in->db, &audience_module, AUDIENCE_CAMPAIGN);
	bind_int(st, "$id", n->number);
	int r = store_row(st);
	store_reset(st);
	if (r)
		return r < 0 ? r : 0;
	complaint_set(c, "audience", "unknown_campaign", "There is no campaign %lld (character %d).", (long long)n->number, n->at);
	return E_NOT_FOUND;
}

/* Which groups together hold everybody that node i means; 0: none do. *plain stays true while a node is nothing but such groups. */
static uint32_t bounds_of(const struct audience *a, int i, bool *plain)
{
	const struct rule_node *n = &a->rule.nodes[i];
	if (n->kind == RULE_GROUP)
		return 1u << n->number;
	if (n->kind == RULE_OR) {
		uint32_t left = bounds_of(a, n->left, plain), right = bounds_of(a, n->right, plain);
		return left && right ? left | right : 0;
	}
	*plain = false;
	if (n->kind != RULE_AND)
		return 0;
	uint32_t left = bounds_of(a, n->left, plain);
	return left ? left : bounds_of(a, n->right, plain);
}

static int count_everybody(const struct scope *in, int64_t *ret)
{
	struct statement *st = store_prepare(in->db, &audience_module, AUDIENCE_NEWEST);
	int r = store_row(st);
	*ret = r > 0 ? column_int(st, 0) : 0;
	store_reset(st);
	return r < 0 ? r : 0;
}

int audience_parse(const struct scope *in, const char *rule, struct audience *ret, struct complaint *c)
{
	ret->n_groups = 0;
	ret->everybody = 0;
	int r = rule_parse(rule, &ret->rule, c);
	for (int i = 0; !r && i < ret->rule.n_nodes; i++)
		if (ret->rule.nodes[i].kind == RULE_GROUP)
			r = add_group(in, &ret->rule.nodes[i], ret, c);
	if (r)
		return r;
	ret->plain = true;
	ret->bounds = bounds_of(ret, ret->rule.root, &ret->plain);
	if (!ret->bounds)
		r = count_everybody(in, &ret->everybody);
	return r;
}

int audience_check(const struct scope *in, const struct audience *a, struct complaint *c)
{
	char meant[UNIT_CODE_MAX];
	int r = 0;
	for (int i = 0; !r && i < a->rule.n_nodes; i++) {
		const struct rule_node *n = &a->rule.nodes[i];
		if (n->kind == RULE_ANSWERED || n->kind == RULE_SENT)
			r = check_campaign(in, n, c);
		else if (n->kind == RULE_UNIT)
			r = unit_check(in, rule_text(&a->rule, n->name), "audience", meant, c);
	}
	return r;
}

char *audience_rule_of(const char *group)
{
	OWN(buffer) struct buffer b = { 0 };
	bool quotes = strchr(group, '"') != NULL;
	if (buffer_puts(&b, quotes ? "group:" : "group:\"") || buffer_puts(&b, group) || (!quotes && buffer_puts(&b, "\"")))
		return NULL;
	return MOVE(b.data);
}

int64_t audience_count(const struct audience *a)
{
	int64_t n = 0;
	for (size_t i = 0; i < a->n_groups; i++)
		n += a->bounds >> i & 1 ? a->groups[i].members : 0;
	return a->bounds ? n : a->everybody;
}

bool audience_is_exact(const struct audience *a)
{
	return a->plain && a->bounds && !(a->bounds & (a->bounds - 1));
}

/* ---- one person ---- */

static int in_group(const struct scope *in, int64_t group, int64_t person, int64_t seq)
{
	struct statement *st = store_prepare(in->db, &audience_module, AUDIENCE_HAS);
	bind_int(st, "$group", group);
	bind_int(st, "$person", person);
	bind_int(st, "$seq", seq);
	int r = store_row(st);
	store_reset(st);
	return r;
}

static int means(const struct audience *a, int i, struct person_facts *f, int64_t seq)
{
	const struct rule_node *n = &a->rule.nodes[i];
	int r;
	switch (n->kind) {
	case RULE_OR:
		r = means(a, n->left, f, seq);
		return r ? r : means(a, n->right, f, seq);
	case RULE_AND:
		r = means(a, n->left, f, seq);
		return r <= 0 ? r : means(a, n->right, f, seq);
	case RULE_NOT:
		r = means(a, n->left, f, seq);
		return r < 0 ? r : !r;
	case RULE_GROUP: return in_group(f->in, a->groups[n->number].id, f->person, seq);
	case RULE_ALL: return 1;
	case RULE_UNIT:
	case RULE_TARGET:
	case RULE_ANSWERED:
	case RULE_SENT:
	case RULE_COMPARE:
	case RULE_WITHIN:
	case RULE_EMPTY: break;
	}
	return person_facts_meet(f, &a->rule, n);
}

static int judge(const struct scope *in, const struct audience *a, int64_t person, int64_t seq)
{
	struct person_facts f = { .in = in, .person = person };
	int r = means(a, a->rule.root, &f, seq);
	if (r > 0 && f.moved_seq > seq && !MUTANT(MOVED_IN)) {
		f.as_was = true; /* who came by moving is as new as who was added */
		r = means(a, a->rule.root, &f, seq);
	}
	person_facts_done(&f);
	return r;
}

static int is_there(const struct scope *in, int64_t person, int64_t seq)
{
	struct statement *st = store_prepare(in->db, &audience_module, AUDIENCE_THERE);
	bind_int(st, "$person", person);
	bind_int(st, "$seq", seq);
	int r = store_row(st);
	store_reset(st);
	return r;
}

int audience_has(const struct scope *in, const struct audience *a, int64_t person, int64_t seq)
{
	int r = a->bounds ? 1 : is_there(in, person, seq);
	return r <= 0 ? r : judge(in, a, person, seq);
}

/* ---- the walk ---- */

/* group 0: everybody there is. */
static int page_of(const struct scope *in, int64_t group, int64_t after, int64_t seq, int n, int64_t *ret)
{
	struct statement *st = store_prepare(in->db, &audience_module, group ? AUDIENCE_NEXT : AUDIENCE_ANYBODY);
	if (group)
		bind_int(st, "$group", group);
	bind_int(st, "$after", after);
	bind_int(st, "$seq", seq);
	bind_int(st, "$n", n);
	int r, got = 0;
	while ((r = store_row(st)) > 0 && got < n)
		ret[got++] = column_int(st, 0);
	store_reset(st);
	return r < 0 ? r : got;
}

/* a and b ascending, into out, each value once; result = how many, at most n. */
static int merge(const int64_t *a, int n_a, const int64_t *b, int n_b, int64_t *out, int n)
{
	int i = 0, j = 0, k = 0;
	while (k < n && (i < n_a || j < n_b)) {
		int64_t next = j == n_b || (i < n_a && a[i] <= b[j]) ? a[i] : b[j];
		while (i < n_a && a[i] == next)
			i++;
		while (j < n_b && b[j] == next)
			j++;
		out[k++] = next;
	}
	return k;
}

static int candidates(const struct scope *in, const struct audience *a, int64_t after, int64_t seq, int n, int64_t *ret)
{
	int64_t page[AUDIENCE_PAGE_MAX], both[AUDIENCE_PAGE_MAX];
	int got = 0;
	if (!a->bounds)
		return page_of(in, 0, after, seq, n, ret);
	for (size_t g = 0; g < a->n_groups; g++) {
		if (!(a->bounds >> g & 1))
			continue;
		int r = page_of(in, a->groups[g].id, after, seq, n, page);
		if (r < 0)
			return r;
		got = merge(ret, got, page, r, both, n);
		memcpy(ret, both, (size_t)got * sizeof(*ret));
	}
	return got;
}

int audience_next(const struct scope *in, const struct audience *a, int64_t *cursor, int64_t seq, int n, int64_t *ret, int *ret_n, bool *ret_end)
{
	if (n > AUDIENCE_PAGE_MAX)
		n = AUDIENCE_PAGE_MAX;
	int got = candidates(in, a, *cursor, seq, n, ret), kept = 0;
	if (got < 0)
		return got;
	int64_t last = got ? ret[got - 1] : *cursor;
	for (int i = 0; i < got; i++) {
		int meant = a->plain ? 1 : judge(in, a, ret[i], seq);
		if (meant < 0)
			return meant;
		if (meant)
			ret[kept++] = ret[i];
	}
	*cursor = last;
	*ret_n = kept;
	*ret_end = got < n;
	return 0;
}
