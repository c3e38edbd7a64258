/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table grp. Called by imports, audiences and the verbs below; members are rows that imports write. */
#include "gateway/group.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/audit.h"
#include "gateway/base/calendar.h"
#include "gateway/base/fold.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/page.h"
#include "gateway/store/store.h"
#include "gateway/territory.h"
#include "gateway/unit.h"

enum group_sql { GROUP_FIND, GROUP_BY_ID, GROUP_LIST, GROUP_NEW, GROUP_GROWN, GROUP_DROP, GROUP_SQL_COUNT };
#define GROUP_COLUMNS "id, members, version, name, unit, created_at"
static const char *const group_sql[GROUP_SQL_COUNT] = {
	[GROUP_FIND] = "SELECT " GROUP_COLUMNS " FROM grp WHERE fold = $fold",
	[GROUP_BY_ID] = "SELECT " GROUP_COLUMNS " FROM grp WHERE id = $id",
	[GROUP_LIST] = "SELECT " GROUP_COLUMNS " FROM grp WHERE id > $after AND " TERRITORY_HOLDS("grp.unit", "$unit")
		       " ORDER BY id LIMIT $limit",
	[GROUP_NEW] = "INSERT INTO grp (name, fold, unit, created_at) VALUES ($name, $fold, $unit, $now)",
	[GROUP_GROWN] = "UPDATE grp SET members = members + $n, version = version + 1 WHERE id = $id",
	[GROUP_DROP] = "DELETE FROM grp WHERE id = $id AND version = 0 AND NOT EXISTS (SELECT 1 FROM member WHERE grp = $id)",
};
const struct sql_module group_module = { "group", group_sql, GROUP_SQL_COUNT };

static struct group read_group(struct statement *st)
{
	return (struct group){ .id = column_int(st, 0), .members = column_int(st, 1), .version = column_int(st, 2) };
}

/* 1, 0 or negative. */
static int is_of(const struct scope *in, struct statement *st, const char *unit)
{
	const char *own = column_text(st, 4);
	return unit ? unit_is_held(in, unit, own ? own : "") : 1;
}

/* unit: the territory it must belong to, NULL = any. */
static int find_folded(const struct scope *in, const char *folded, const char *unit, struct group *ret)
{
	struct statement *st = store_prepare(in->db, &group_module, GROUP_FIND);
	bind_text(st, "$fold", folded);
	int r = store_row(st);
	if (r > 0 && is_of(in, st, unit) <= 0)
		r = E_DENIED;
	if (r > 0)
		*ret = read_group(st);
	store_reset(st);
	return r > 0 ? 0 : r == 0 ? E_NOT_FOUND : r;
}

int group_find_own(const struct scope *in, const char *name, const char *unit, struct group *ret)
{
	OWN(mem) char *folded = fold(name);
	return folded ? find_folded(in, folded, unit, ret) : E_NOMEM;
}

int group_find(const struct scope *in, const char *name, struct group *ret)
{
	return group_find_own(in, name, NULL, ret);
}

int group_refuse_stranger(struct refusal *why, const char *field)
{
	return refuse(why, E_DENIED, 403, "territory", field, "A list of this name belongs to another unit; take another name.");
}

int group_put(struct tick *t, const char *name, const char *unit, struct group *ret, bool *ret_new)
{
	OWN(mem) char *folded = fold(name);
	if (!folded)
		return E_NOMEM;
	if (!*folded || strlen(name) > GROUP_NAME_BYTES_MAX)
		return E_INVALID;
	int r = find_folded(&t->in, folded, unit, ret);
	if (r != E_NOT_FOUND) {
		if (!r)
			*ret_new = false;
		return r;
	}
	struct statement *st = store_prepare(t->in.db, &group_module, GROUP_NEW);
	bind_text(st, "$name", name);
	bind_text(st, "$fold", folded);
	bind_text(st, "$unit", unit && *unit ? unit : NULL);
	bind_int(st, "$now", t->in.now_ms);
	r = store_run(st);
	if (r)
		return r;
	*ret = (struct group){ .id = store_last_id(t->in.db) };
	*ret_new = true;
	return 0;
}

int group_grown(struct tick *t, int64_t id, int64_t members)
{
	struct statement *st = store_prepare(t->in.db, &group_module, GROUP_GROWN);
	bind_int(st, "$id", id);
	bind_int(st, "$n", members);
	return store_run(st);
}

int group_drop_unused(struct tick *t, int64_t id)
{
	struct statement *st = store_prepare(t->in.db, &group_module, GROUP_DROP);
	bind_int(st, "$id", id);
	return store_run(st);
}

/* ---- verbs ---- */

static json_t *group_row_json(const struct scope *in, struct statement *st, const void *arg)
{
	(void)arg;
	char at[CALENDAR_ISO_BYTES];
	return json_pack("{s:I, s:s, s:I, s:s?, s:s}", "id", (json_int_t)column_int(st, 0), "name", column_text(st, 3), "members",
			 (json_int_t)column_int(st, 1), "unit", column_text(st, 4), "created_at",
			 calendar_format_iso(in->zone, column_int(st, 5), at));
}

static bool is_id(const char *text)
{
	size_t n = strspn(text, "0123456789");
	return n > 0 && n < 16 && !text[n];
}

/* By id, or by name: a list that is called "2026" is found as well. unit: the caller's territory. */
static int show(const struct scope *in, const char *id_or_name, const char *unit, json_t **ret)
{
	OWN(mem) char *folded = fold(id_or_name);
	if (!folded)
		return E_NOMEM;
	int r = 0;
	for (int by_name = 0; r == 0 && by_name < 2; by_name++) {
		if (!by_name && !is_id(id_or_name))
			continue;
		struct statement *st = store_prepare(in->db, &group_module, by_name ? GROUP_FIND : GROUP_BY_ID);
		if (by_name)
			bind_text(st, "$fold", folded);
		else
			bind_int(st, "$id", strtoll(id_or_name, NULL, 10));
		r = store_row(st);
		if (r > 0 && is_of(in, st, unit) <= 0)
			r = 0;
		if (r > 0)
			*ret = group_row_json(in, st, NULL);
		store_reset(st);
	}
	return r > 0 ? *ret ? 0 : E_NOMEM : r == 0 ? E_NOT_FOUND : r;
}

static int verb_add(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	const char *name = json_str(c->args, "name", "");
	struct group g;
	bool is_new;
	int r = group_put(t, name, c->unit, &g, &is_new);
	if (r == E_INVALID)
		return refuse(why, E_INVALID, 422, "out_of_range", "name", "A group needs a name.");
	if (r == E_DENIED)
		return group_refuse_stranger(why, "name");
	if (!r && is_new)
		r = audit_put(t, c->actor, "group.add", "", name);
	if (r)
		return r;
	char id[24];
	snprintf(id, sizeof(id), "%lld", (long long)g.id);
	r = show(&t->in, id, c->unit, ret);
	return r == E_NOT_FOUND ? refuse(why, E_EXISTS, 409, "exists", "name", "A list of this name exists elsewhere.") : r;
}

static int verb_show(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	*ret_next = 0;
	int r = show(in, json_str(c->args, "id", ""), c->unit, ret);
	return r == E_NOT_FOUND ? refuse(why, r, 404, "not_found", "id", "There is no such group.") : r;
}

static int verb_list(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	(void)why;
	struct statement *st = store_prepare(in->db, &group_module, GROUP_LIST);
	bind_int(st, "$after", json_int(c->args, "after", 0));
	bind_text(st, "$unit", c->unit ? c->unit : "");
	return page_read(in, c, st, 0, group_row_json, NULL, ret, ret_next);
}

static const struct verb_arg add_args[] = {
	{ .name = "name", .type = ARG_TEXT, .rank = 1, .required = true, .min = 1, .max = GROUP_NAME_BYTES_MAX, .help_en = "name of the list",
	  .help_vi = "tên danh sách" },
};
static const struct verb_arg show_args[] = {
	{ .name = "id", .type = ARG_TEXT, .rank = 1, .required = true, .min = 1, .max = GROUP_NAME_BYTES_MAX, .help_en = "number or name",
	  .help_vi = "số hoặc tên" },
};
static const struct verb verbs[] = {
	{ .noun = "group", .name = "add", .kind = VERB_COMMAND, .roles = R_(OUTREACH), .creates = true, VERB_ARGS(add_args),
	  .help_en = "make an empty list", .help_vi = "tạo danh sách trống", .command = verb_add },
	{ .noun = "group", .name = "list", .kind = VERB_QUERY, .roles = ROLES_STAFF, .list = true, .help_en = "lists of people",
	  .help_vi = "các danh sách", .query = verb_list },
	{ .noun = "group", .name = "show", .kind = VERB_QUERY, .roles = ROLES_STAFF, VERB_ARGS(show_args), .help_en = "one list",
	  .help_vi = "một danh sách", .query = verb_show },
};
const struct verb_table group_verbs = VERB_TABLE(verbs);
