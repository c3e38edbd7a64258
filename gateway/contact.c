/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads people: list and show. The table person is written by imports alone. Runs in the query process; a number is
 * opened for operators and outreach staff only. */
#include "gateway/contact.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/address.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/group.h"
#include "gateway/store/store.h"

#define COLUMNS "SELECT p.id, p.address, p.name, p.unit, p.hamlet, p.language, p.fields, p.basis, p.imported_at, a.off FROM "
#define SEEN " AND " CONTACT_VISIBLE("p.import") " AND " CONTACT_OF_UNIT

enum contact_sql { CONTACT_LIST, CONTACT_OF_GROUP, CONTACT_OF_NUMBER, CONTACT_SHOW, CONTACT_GROUPS, CONTACT_SQL_COUNT };
static const char *const contact_sql[CONTACT_SQL_COUNT] = {
	[CONTACT_LIST] = COLUMNS "person p JOIN address a ON a.id = p.address WHERE p.id > $after" SEEN " ORDER BY p.id LIMIT $limit",
	[CONTACT_OF_GROUP] = COLUMNS "member m JOIN person p ON p.id = m.person JOIN address a ON a.id = p.address WHERE m.grp = $group "
				     "AND m.person > $after AND " CONTACT_VISIBLE("m.import") SEEN " ORDER BY m.person LIMIT $limit",
	[CONTACT_OF_NUMBER] = COLUMNS "person p JOIN address a ON a.id = p.address WHERE p.address = $address AND p.id > $after" SEEN
				      " ORDER BY p.fold LIMIT $limit",
	[CONTACT_SHOW] = COLUMNS "person p JOIN address a ON a.id = p.address WHERE p.id = $id" SEEN,
	[CONTACT_GROUPS] = "SELECT g.name FROM member m JOIN grp g ON g.id = m.grp WHERE m.person = $person AND "
			   CONTACT_VISIBLE("m.import"),
};
const struct sql_module contact_module = { "contact", contact_sql, CONTACT_SQL_COUNT };

static int groups_json(const struct scope *in, int64_t person, json_t **ret)
{
	OWN(json) json_t *list = json_array();
	struct statement *st = store_prepare(in->db, &contact_module, CONTACT_GROUPS);
	bind_int(st, "$person", person);
	bind_int(st, "$seq", CONTACT_SEQ_ALL);
	int r;
	while ((r = store_row(st)) > 0)
		if (json_array_append_new(list, json_string(column_text(st, 0)))) {
			r = E_NOMEM;
			break;
		}
	store_reset(st);
	if (!r)
		*ret = MOVE(list);
	return r;
}

/* " campaign topic:BHYT " → ["campaign","topic:BHYT"] */
static json_t *scopes_json(const char *off)
{
	json_t *list = json_array();
	for (const char *p = off; list && *(p += strspn(p, " "));) {
		size_t n = strcspn(p, " ");
		json_array_append_new(list, json_stringn(p, n));
		p += n;
	}
	return list;
}

static bool sees_numbers(const struct call *c)
{
	return c->role == ROLE_OPERATOR || c->role == ROLE_OUTREACH;
}

static int set_number(const struct scope *in, bool shown, int64_t address, json_t *obj)
{
	if (!shown)
		return json_set_str(obj, "number", NULL);
	OWN(mem) char *number = NULL;
	int r = address_number(in, address, &number);
	return r ? r : json_set_str(obj, "number", number);
}

/* A list without a column of names has "" in it. */
static const char *said(struct statement *st, int column)
{
	const char *text = column_text(st, column);
	return text && *text ? text : NULL;
}

/* The row the statement stands on; the groups are another statement's. */
static int row_json(const struct scope *in, bool shown, struct statement *st, json_t **ret)
{
	char person[24], at[CALENDAR_ISO_BYTES];
	const char *fields = column_text(st, 6);
	OWN(json) json_t *values = NULL;
	if (fields && json_parse(fields, strlen(fields), &values))
		return E_CORRUPT;
	address_pseudonym(column_int(st, 1), person);
	OWN(json) json_t *obj = json_pack("{s:I, s:s, s:s?, s:s?, s:s?, s:s?, s:O?, s:s?, s:s, s:o}", "id", (json_int_t)column_int(st, 0),
					  "person", person, "name", said(st, 2), "unit", said(st, 3), "hamlet", said(st, 4),
					  "language", said(st, 5), "fields", values, "basis", said(st, 7), "imported_at",
					  calendar_format_iso(in->zone, column_int(st, 8), at), "opted_out", scopes_json(column_text(st, 9)));
	json_t *groups = NULL;
	int r = obj ? set_number(in, shown, column_int(st, 1), obj) : E_NOMEM;
	if (!r)
		r = groups_json(in, column_int(st, 0), &groups);
	if (!r)
		r = json_object_set_new(obj, "groups", groups) ? E_NOMEM : 0;
	if (!r)
		*ret = MOVE(obj);
	return r;
}

int contact_json(const struct scope *in, const struct call *c, int64_t id, bool shown, json_t **ret)
{
	struct statement *st = store_prepare(in->db, &contact_module, CONTACT_SHOW);
	bind_int(st, "$id", id);
	bind_int(st, "$seq", CONTACT_SEQ_ALL);
	bind_text(st, "$unit", c->unit ? c->unit : "");
	int r = store_row(st);
	r = r > 0 ? row_json(in, shown || sees_numbers(c), st, ret) : r == 0 ? E_NOT_FOUND : r;
	store_reset(st);
	return r;
}

static int verb_show(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	*ret_next = 0;
	int r = contact_json(in, c, json_int(c->args, "id", 0), false, ret);
	return r == E_NOT_FOUND ? refuse(why, r, 404, "not_found", "id", "There is no such contact.") : r;
}

/* The statement of the list that the filters ask for. E_NOT_FOUND: nobody. */
static int list_statement(const struct scope *in, const struct call *c, struct statement **ret, struct refusal *why)
{
	const char *group = json_str(c->args, "group", NULL), *number = json_str(c->args, "number", NULL);
	struct group g = { 0 };
	int64_t address = 0;
	int r = 0;
	if (group && number)
		return refuse(why, E_INVALID, 422, "conflict", "number", "Ask for a group or for a number.");
	/* who may not ask what a number agreed to may not find out by trying whose it is */
	if (number && !sees_numbers(c) && c->role != ROLE_SECRETARY)
		return refuse(why, E_DENIED, 403, "role", "number", "The role %s may not search by number.", role_name(c->role));
	if (group)
		r = group_find(in, group, &g);
	if (r == E_NOT_FOUND)
		return refuse(why, r, 404, "not_found", "group", "There is no such group.");
	if (number)
		r = address_find(in, number, &address);
	if (r)
		return r;
	*ret = store_prepare(in->db, &contact_module, group ? CONTACT_OF_GROUP : number ? CONTACT_OF_NUMBER : CONTACT_LIST);
	if (group)
		bind_int(*ret, "$group", g.id);
	if (number)
		bind_int(*ret, "$address", address);
	return 0;
}

static int read_page(const struct scope *in, const struct call *c, struct statement *st, int64_t after, int64_t limit, json_t *list,
		     int64_t *ret_last)
{
	int r;
	bind_int(st, "$after", after);
	bind_int(st, "$seq", CONTACT_SEQ_ALL);
	bind_text(st, "$unit", c->unit ? c->unit : "");
	bind_int(st, "$limit", limit);
	while ((r = store_row(st)) > 0) {
		json_t *one = NULL;
		*ret_last = column_int(st, 0);
		r = row_json(in, sees_numbers(c), st, &one);
		if (!r)
			r = json_array_append_new(list, one) ? E_NOMEM : 0;
		if (r)
			break;
	}
	store_reset(st);
	return r;
}

int contact_page(const struct scope *in, const struct call *c, int64_t after, int64_t limit, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	struct statement *st = NULL;
	OWN(json) json_t *list = json_array();
	int64_t last = 0;
	int r = list ? list_statement(in, c, &st, why) : E_NOMEM;
	if (r == E_NOT_FOUND && !why->rule[0]) /* a number nobody ever had */
		r = 0;
	if (!r && st)
		r = read_page(in, c, st, after, limit, list, &last);
	if (r)
		return r;
	/* one number has a page of people at most, in the order of their names */
	bool paged = !json_object_get(c->args, "number");
	*ret_next = paged && (int64_t)json_array_size(list) == limit ? last : 0;
	*ret = MOVE(list);
	return 0;
}

static int verb_list(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	return contact_page(in, c, json_int(c->args, "after", 0), json_int(c->args, "limit", 100), ret, ret_next, why);
}

static const struct verb_arg list_args[] = {
	{ .name = "group", .type = ARG_TEXT, .max = GROUP_NAME_BYTES_MAX, .help_en = "people of this list only", .help_vi = "chỉ danh sách này" },
	{ .name = "number", .type = ARG_PHONE, .help_en = "people of this number only", .help_vi = "chỉ số điện thoại này" },
};
static const struct verb_arg show_args[] = {
	{ .name = "id", .type = ARG_INT, .rank = 1, .required = true, .min = 1, .max = INT64_C(1) << 53, .help_en = "contact", .help_vi = "người liên hệ" },
};
static const struct verb verbs[] = {
	{ .noun = "contact", .name = "list", .kind = VERB_QUERY, .roles = ROLES_STAFF, .list = true, VERB_ARGS(list_args),
	  .help_en = "people", .help_vi = "danh bạ", .query = verb_list },
	{ .noun = "contact", .name = "show", .kind = VERB_QUERY, .roles = ROLES_STAFF, VERB_ARGS(show_args), .help_en = "one person",
	  .help_vi = "một người", .query = verb_show },
};
const struct verb_table contact_verbs = VERB_TABLE(verbs);
