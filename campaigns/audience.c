/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rules and the walk through their lists. Called by preview, approval and planner; reads grp and member, writes nothing. */
#include "campaigns/audience.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/buffer.h"
#include "gateway/base/own.h"
#include "gateway/contact.h"
#include "gateway/store/store.h"

enum audience_sql { AUDIENCE_NEXT, AUDIENCE_HAS, AUDIENCE_SQL_COUNT };
static const char *const audience_sql[AUDIENCE_SQL_COUNT] = {
	[AUDIENCE_NEXT] = "SELECT m.person FROM member m WHERE m.grp = $group AND m.person > $after AND " CONTACT_VISIBLE("m.import")
			  " ORDER BY m.person LIMIT $n",
	[AUDIENCE_HAS] = "SELECT 1 FROM member m WHERE m.grp = $group AND m.person = $person AND " CONTACT_VISIBLE("m.import"),
};
const struct sql_module audience_module = { "audience", audience_sql, AUDIENCE_SQL_COUNT };

/* ---- the rule ---- */

static int bad_rule(struct complaint *c)
{
	return complaint_set(c, "audience", "bad_rule", "An audience is written group:NAME, or group:NAME or group:OTHER.");
}

static bool is_or(const char *p)
{
	return p[0] == ' ' && tolower((unsigned char)p[1]) == 'o' && tolower((unsigned char)p[2]) == 'r' && p[3] == ' ';
}

/* The name at *p, quoted or up to the next " or "; *p moves behind it and its " or ". */
static int take_name(const char **p, char name[GROUP_NAME_BYTES_MAX + 1])
{
	const char *from = *p, *end;
	if (*from == '"') {
		end = strchr(++from, '"');
		if (!end)
			return E_INVALID;
		*p = end + 1;
	} else {
		for (end = from; *end && !is_or(end); end++)
			;
		*p = end;
		while (end > from && end[-1] == ' ')
			end--;
	}
	size_t n = (size_t)(end - from);
	if (!n || n > GROUP_NAME_BYTES_MAX)
		return E_INVALID;
	memcpy(name, from, n);
	name[n] = '\0';
	bool more = is_or(*p);
	const char *rest = more ? *p + 4 : *p;
	bool empty = !rest[strspn(rest, " ")];
	if (more == empty)
		return E_INVALID;
	*p = empty ? rest + strlen(rest) : rest;
	return 0;
}

static int add_group(const struct scope *in, const char *name, struct audience *a, struct complaint *c)
{
	struct group g;
	int r = group_find(in, name, &g);
	if (r == E_NOT_FOUND)
		complaint_set(c, "audience", "unknown_group", "There is no group %.100s.", name);
	if (r)
		return r;
	for (size_t i = 0; i < a->n_groups; i++)
		if (a->groups[i].id == g.id)
			return 0;
	if (a->n_groups == AUDIENCE_GROUPS_MAX)
		return complaint_set(c, "audience", "bad_rule", "An audience has at most %d groups.", AUDIENCE_GROUPS_MAX);
	a->groups[a->n_groups++] = g;
	return 0;
}

int audience_parse(const struct scope *in, const char *rule, struct audience *ret, struct complaint *c)
{
	struct audience a = { 0 };
	char name[GROUP_NAME_BYTES_MAX + 1];
	const char *p = rule + strspn(rule, " ");
	do {
		p += strspn(p, " ");
		if (strncmp(p, "group:", 6))
			return bad_rule(c);
		p += 6;
		if (take_name(&p, name))
			return bad_rule(c);
		int r = add_group(in, name, &a, c);
		if (r)
			return r;
	} while (*p);
	*ret = a;
	return 0;
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
		n += a->groups[i].members;
	return n;
}

/* ---- the walk ---- */

static int page_of(const struct scope *in, int64_t group, int64_t after, int64_t seq, int n, int64_t *ret)
{
	struct statement *st = store_prepare(in->db, &audience_module, AUDIENCE_NEXT);
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

int audience_next(const struct scope *in, const struct audience *a, int64_t after, int64_t seq, int n, int64_t *ret, int *ret_n)
{
	int64_t page[AUDIENCE_PAGE_MAX], both[AUDIENCE_PAGE_MAX];
	if (n > AUDIENCE_PAGE_MAX)
		n = AUDIENCE_PAGE_MAX;
	int got = 0;
	for (size_t g = 0; g < a->n_groups; g++) {
		int r = page_of(in, a->groups[g].id, after, seq, n, page);
		if (r < 0)
			return r;
		got = merge(ret, got, page, r, both, n);
		memcpy(ret, both, (size_t)got * sizeof(*ret));
	}
	*ret_n = got;
	return 0;
}

int audience_has(const struct scope *in, const struct audience *a, int64_t person, int64_t seq)
{
	int r = 0;
	for (size_t g = 0; g < a->n_groups && r == 0; g++) {
		struct statement *st = store_prepare(in->db, &audience_module, AUDIENCE_HAS);
		bind_int(st, "$group", a->groups[g].id);
		bind_int(st, "$person", person);
		bind_int(st, "$seq", seq);
		r = store_row(st);
		store_reset(st);
	}
	return r;
}
