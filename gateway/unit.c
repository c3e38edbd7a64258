/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table unit. Called by rules of audiences, by the import of the list of units and by the verbs below. */
#include "gateway/unit.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "gateway/audit.h"
#include "gateway/base/calendar.h"
#include "gateway/base/fold.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/page.h"
#include "gateway/store/store.h"
#include "gateway/territory.h"

#define STEPS_MAX 8 /* up to a province, dissolved ones on the way counted */

enum unit_sql { UNIT_GET, UNIT_PUT, UNIT_LIST, UNIT_BELOW, UNIT_HELD, UNIT_ANY_BELOW, UNIT_SQL_COUNT };
#define COLUMNS "SELECT code, name, kind, parent, from_day, to_day, successor, id FROM unit "
static const char *const unit_sql[UNIT_SQL_COUNT] = {
	[UNIT_HELD] = "SELECT 1 WHERE " TERRITORY_HOLDS("CAST($code AS TEXT)", "CAST($territory AS TEXT)"),
	[UNIT_ANY_BELOW] = "SELECT 1 FROM unit WHERE parent = $parent LIMIT 1",
	[UNIT_GET] = COLUMNS "WHERE code = $code",
	[UNIT_PUT] = "INSERT INTO unit (code, name, fold, kind, parent, from_day, to_day, successor) VALUES "
		     "($code, $name, $fold, $kind, $parent, $from, $to, $successor) ON CONFLICT (code) DO UPDATE SET name = excluded.name, "
		     "fold = excluded.fold, kind = excluded.kind, parent = excluded.parent, from_day = excluded.from_day, to_day = excluded.to_day, "
		     "successor = excluded.successor",
	[UNIT_LIST] = COLUMNS "WHERE id > $after AND (CAST($day AS TEXT) IS NULL OR (from_day <= $day AND (to_day = '' OR to_day >= $day))) "
			      "ORDER BY id LIMIT $limit",
	[UNIT_BELOW] = COLUMNS "WHERE parent = $parent AND id > $after AND (CAST($day AS TEXT) IS NULL OR (from_day <= $day AND (to_day = '' OR "
			       "to_day >= $day))) ORDER BY id LIMIT $limit",
};
const struct sql_module unit_module = { "unit", unit_sql, UNIT_SQL_COUNT };

const char *unit_kind_of(const char *code)
{
	size_t n = strspn(code, "0123456789"), behind = 0;
	if (!code[n])
		return n == 2 ? "province" : n == 5 ? "commune" : NULL;
	if (n == 5 && code[5] == '.')
		while (isalnum((unsigned char)code[6 + behind]))
			behind++;
	return behind >= 1 && behind <= 4 && !code[6 + behind] ? "hamlet" : NULL;
}

/* ---- one unit ---- */

static struct statement *bind_get(const struct scope *in, const char *code)
{
	struct statement *st = store_prepare(in->db, &unit_module, UNIT_GET);
	bind_text(st, "$code", code);
	return st;
}

int unit_has_below(const struct scope *in, const char *code)
{
	struct statement *st = store_prepare(in->db, &unit_module, UNIT_ANY_BELOW);
	bind_text(st, "$parent", code);
	int r = store_row(st);
	store_reset(st);
	return r;
}

/* ---- codes that people type ---- */

/* A spreadsheet took it for a number: its zeros in front are gone. One zero is lost often, more of them only where the table says so. */
static int find_meant(const struct scope *in, const char *code, char ret[UNIT_CODE_MAX])
{
	size_t digits = strspn(code, "0123456789");
	ret[0] = '\0';
	if (digits < 1 || digits > 4 || strlen(code) > 9)
		return 0;
	char padded[UNIT_CODE_MAX];
	snprintf(padded, sizeof(padded), "%.*s%s", (int)(digits == 1 ? 1 : 5 - digits), "0000", code);
	int r = unit_kind_of(padded) ? 1 : 0;
	if (r && digits != 1 && digits != 4) {
		struct statement *st = bind_get(in, padded);
		r = store_row(st);
		store_reset(st);
	}
	if (r > 0)
		snprintf(ret, UNIT_CODE_MAX, "%s", padded);
	return r < 0 ? r : 0;
}

int unit_check(const struct scope *in, const char *code, const char *field, char meant[UNIT_CODE_MAX], struct complaint *c)
{
	meant[0] = '\0';
	int r = unit_kind_of(code) ? 0 : find_meant(in, code, meant);
	if (r || unit_kind_of(code))
		return r;
	if (*meant)
		return complaint_set(c, field, "unknown_unit", "A unit's code keeps its zeros in front: %s was probably meant.", meant);
	return complaint_set(c, field, "unknown_unit", "A unit's code has 2 digits, 5 digits, or 5 digits, a dot and the hamlet's number.");
}

int unit_check_said(const struct scope *in, const char *code, const char *field, struct refusal *why)
{
	char meant[UNIT_CODE_MAX];
	struct complaint c = { 0 };
	int r = code && *code ? unit_check(in, code, field, meant, &c) : 0;
	return r && c.rule[0] ? refuse(why, r, 422, c.rule, field, "%s", c.text) : r;
}

/* ---- shapes ---- */

static json_t *row_json(const struct scope *in, struct statement *st, const void *arg)
{
	(void)in;
	(void)arg;
	static const char *const keys[] = { "code", "name", "kind", "parent", "from", "to", "successor" };
	json_t *obj = json_object();
	for (size_t i = 0; obj && i < COUNT_OF(keys); i++) {
		const char *value = column_text(st, (int)i);
		if (json_set_str(obj, keys[i], value && *value ? value : NULL)) {
			json_decref(obj);
			return NULL;
		}
	}
	return obj;
}

static int unit_json(const struct scope *in, const char *code, json_t **ret)
{
	return page_one(in, bind_get(in, code), row_json, NULL, ret);
}

static bool is_day(const char *text)
{
	int y, m, d, n = 0;
	return !*text || (sscanf(text, "%4d-%2d-%2d%n", &y, &m, &d, &n) == 3 && n == 10 && !text[n] && calendar_date_exists(y, m, d));
}

static int check(const struct unit *u, const char *parent, struct complaint *c)
{
	const char *kind = unit_kind_of(u->code), *above = unit_kind_of(parent);
	if (!kind)
		return complaint_set(c, "code", "bad_code", "A code has 2 digits, 5 digits, or 5 digits, a dot and the hamlet's number.");
	if (!*u->name)
		return complaint_set(c, "name", "no_name", "A unit has a name.");
	if (!is_day(u->from))
		return complaint_set(c, "from", "bad_date", "A day is written 2025-07-01.");
	if (!is_day(u->to))
		return complaint_set(c, "to", "bad_date", "A day is written 2025-07-01.");
	if (*u->successor && !unit_kind_of(u->successor))
		return complaint_set(c, "successor", "bad_code", "The successor is told by its code.");
	bool fits = !strcmp(kind, "province") ? !*parent : above && !strcmp(above, !strcmp(kind, "commune") ? "province" : "commune");
	return fits ? 0 : complaint_set(c, "parent", "no_parent", "A commune lies in a province, a hamlet in a commune, told by its code.");
}

static bool is_same(const json_t *was, const struct unit *u, const char *kind, const char *parent)
{
	const struct {
		const char *key, *value;
	} now[] = { { "name", u->name }, { "kind", kind }, { "parent", parent }, { "from", u->from }, { "to", u->to }, { "successor", u->successor } };
	for (size_t i = 0; i < COUNT_OF(now); i++)
		if (strcmp(json_str(was, now[i].key, ""), now[i].value))
			return false;
	return true;
}

static int write_unit(struct tick *t, const struct unit *u, const char *kind, const char *parent)
{
	OWN(mem) char *folded = fold(u->name);
	if (!folded)
		return E_NOMEM;
	struct statement *st = store_prepare(t->in.db, &unit_module, UNIT_PUT);
	bind_text(st, "$code", u->code);
	bind_text(st, "$name", u->name);
	bind_text(st, "$fold", folded);
	bind_text(st, "$kind", kind);
	bind_text(st, "$parent", parent);
	bind_text(st, "$from", u->from);
	bind_text(st, "$to", u->to);
	bind_text(st, "$successor", u->successor);
	return store_run(st);
}

int unit_put(struct tick *t, const struct unit *u, bool check_only, int *ret_as, struct complaint *c)
{
	char commune[6] = "";
	OWN(json) json_t *was = NULL;
	if (!*u->parent && strlen(u->code) > 5)
		snprintf(commune, sizeof(commune), "%.5s", u->code);
	const char *parent = *u->parent ? u->parent : commune;
	int r = check(u, parent, c);
	if (!r)
		r = unit_json(&t->in, u->code, &was);
	if (r && r != E_NOT_FOUND)
		return r;
	const char *kind = u->kind && *u->kind ? u->kind : was ? json_str(was, "kind", "") : unit_kind_of(u->code);
	*ret_as = !was ? 2 : !is_same(was, u, kind, parent);
	return *ret_as && !check_only ? write_unit(t, u, kind, parent) : 0;
}

/* ---- subtrees ---- */

/* The next step up: into what a dissolved unit went, else to its parent. "" at the top or where nothing is known. */
static int step_up(const struct scope *in, const char *code, char ret[UNIT_CODE_MAX + 1])
{
	struct statement *st = bind_get(in, code);
	int r = store_row(st);
	const char *successor = r > 0 ? column_text(st, 6) : "", *parent = r > 0 ? column_text(st, 3) : "";
	bool known = r > 0;
	snprintf(ret, UNIT_CODE_MAX + 1, "%s", *successor ? successor : parent);
	store_reset(st);
	if (!known && strlen(code) > 5)
		snprintf(ret, UNIT_CODE_MAX + 1, "%.5s", code);
	return r < 0 ? r : 0;
}

int unit_is_within(const struct scope *in, const char *own, const char *code)
{
	char at[UNIT_CODE_MAX + 1];
	snprintf(at, sizeof(at), "%s", own);
	for (int i = 0; i < STEPS_MAX && *at; i++) {
		char up[UNIT_CODE_MAX + 1];
		if (!strcmp(at, code))
			return 1;
		int r = step_up(in, at, up);
		if (r)
			return r;
		memcpy(at, up, sizeof(at));
	}
	return 0;
}

int unit_is_held(const struct scope *in, const char *territory, const char *code)
{
	if (strlen(territory) != 2)
		return !strncmp(code, territory, strlen(territory));
	struct statement *st = store_prepare(in->db, &unit_module, UNIT_HELD);
	bind_text(st, "$code", code);
	bind_text(st, "$territory", territory);
	int r = store_row(st);
	store_reset(st);
	return r;
}

/* ---- verbs ---- */

static int verb_show(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	*ret_next = 0;
	int r = unit_json(in, json_str(c->args, "id", ""), ret);
	return r == E_NOT_FOUND ? refuse(why, r, 404, "not_found", "id", "There is no such unit.") : r;
}

static int verb_list(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	const char *parent = json_str(c->args, "parent", NULL), *day = json_str(c->args, "day", NULL);
	int r = parent ? unit_check_said(in, parent, "parent", why) : 0;
	if (r)
		return r;
	if (day && !is_day(day))
		return refuse(why, E_INVALID, 422, "bad_date", "day", "A day is written 2025-07-01.");
	struct statement *st = store_prepare(in->db, &unit_module, parent ? UNIT_BELOW : UNIT_LIST);
	if (parent)
		bind_text(st, "$parent", parent);
	bind_int(st, "$after", json_int(c->args, "after", 0));
	bind_text(st, "$day", day);
	return page_read(in, c, st, 7, row_json, NULL, ret, ret_next);
}

static int verb_add(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct complaint bad = { 0 };
	const char *code = json_str(c->args, "code", "");
	char subject[40];
	int as;
	if (c->unit && *c->unit)
		return refuse(why, E_DENIED, 403, "territory", "", "The list of units is kept for the whole organisation.");
	int r = unit_put(t, &(struct unit){ .code = code, .name = json_str(c->args, "name", ""), .kind = json_str(c->args, "kind", NULL),
					    .parent = json_str(c->args, "parent", ""), .from = json_str(c->args, "from", ""),
					    .to = json_str(c->args, "to", ""), .successor = json_str(c->args, "successor", "") }, false, &as, &bad);
	if (r == E_INVALID)
		return refuse(why, r, 422, bad.rule, bad.field, "%s", bad.text);
	snprintf(subject, sizeof(subject), "unit:%s", code);
	if (!r && as)
		r = audit_put(t, c->actor, "unit.add", subject, json_str(c->args, "name", ""));
	return r ? r : unit_json(&t->in, code, ret);
}

static const char *const kinds[] = { "province", "commune", "ward", "special_zone", "hamlet", NULL };
static const struct verb_arg show_args[] = {
	{ .name = "id", .type = ARG_TEXT, .rank = 1, .required = true, .max = UNIT_CODE_MAX, .help_en = "code", .help_vi = "mã" },
};
static const struct verb_arg list_args[] = {
	{ .name = "parent", .type = ARG_TEXT, .max = UNIT_CODE_MAX, .help_en = "right below this one", .help_vi = "ngay dưới đơn vị này" },
	{ .name = "day", .type = ARG_TEXT, .max = 10, .help_en = "valid on this day, 2025-07-01", .help_vi = "còn hiệu lực ngày này" },
};
static const struct verb_arg add_args[] = {
	{ .name = "code", .type = ARG_TEXT, .rank = 1, .required = true, .max = UNIT_CODE_MAX, .help_en = "code: 08, 02269 or 02269.5", .help_vi = "mã" },
	{ .name = "name", .type = ARG_TEXT, .required = true, .min = 1, .max = 300, .help_en = "name", .help_vi = "tên" },
	{ .name = "kind", .type = ARG_TEXT, .choices = kinds, .help_en = "what it is; else as the code says", .help_vi = "loại" },
	{ .name = "parent", .type = ARG_TEXT, .max = UNIT_CODE_MAX, .help_en = "code of what it lies in", .help_vi = "mã cấp trên" },
	{ .name = "from", .type = ARG_TEXT, .max = 10, .help_en = "first day", .help_vi = "từ ngày" },
	{ .name = "to", .type = ARG_TEXT, .max = 10, .help_en = "last day", .help_vi = "đến ngày" },
	{ .name = "successor", .type = ARG_TEXT, .max = UNIT_CODE_MAX, .help_en = "code of what it went into", .help_vi = "mã đơn vị kế thừa" },
};
static const struct verb verbs[] = {
	{ .noun = "unit", .name = "list", .kind = VERB_QUERY, .roles = ROLES_ALL, .list = true, VERB_ARGS(list_args), .help_en = "administrative units",
	  .help_vi = "các đơn vị hành chính", .query = verb_list },
	{ .noun = "unit", .name = "show", .kind = VERB_QUERY, .roles = ROLES_ALL, VERB_ARGS(show_args), .help_en = "one unit", .help_vi = "một đơn vị",
	  .query = verb_show },
	{ .noun = "unit", .name = "add", .whole = true, .kind = VERB_COMMAND, .roles = R_(ADMINISTRATOR), .creates = true, VERB_ARGS(add_args),
	  .help_en = "add or change a unit", .help_vi = "thêm hoặc sửa đơn vị", .command = verb_add },
};
const struct verb_table unit_verbs = VERB_TABLE(verbs);
