/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sign-ups as JSON. Runs in the core (the answer of a command) and in the query process. */
#include "handlers/signuplist.h"

#include <string.h>

#include "gateway/address.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/base/mask.h"
#include "gateway/base/own.h"
#include "gateway/page.h"
#include "gateway/store/store.h"
#include "gateway/territory.h"
#include "handlers/enrolment.h"

#define COMMUNE_CHARS 5

/* Somebody has to ask: it was said so, or our question had no answer for a day. */
#define ASKS "CASE WHEN e.wants_person IS NULL AND e.state = 'received' AND (e.place = '' OR e.fold = '') AND e.received_at < $stale THEN 'not answered' ELSE e.wants_person END"
#define COLUMNS                                                                                                                             \
	"SELECT e.id, e.code, e.programme, e.state, e.head, e.hamlet, e.unit, e.address, e.received_at, e.visit_due_at, e.visited_at, e.decided_at," \
	" e.result, e.reason, " ASKS " FROM enrolment e "
#define WANTED                                                                                                                             \
	" AND e.id > $after AND ($state = '' OR e.state = $state) AND ($programme = '' OR e.programme = $programme) AND " TERRITORY_HOLDS("e.unit", "$unit") \
	" AND ($overdue = 0 OR e.visit_due_at < $now) AND ($asks = 0 OR " ASKS " IS NOT NULL) AND ($decided = 0 OR (e.result IS NOT NULL AND e.head <> '')) AND "      \
	TERRITORY_HOLDS("e.unit", "$territory") " ORDER BY e.id LIMIT $limit"

enum { SIGNUPLIST_ONE, SIGNUPLIST_ALL, SIGNUPLIST_STATE, SIGNUPLIST_NEAR, SIGNUPLIST_OVERDUE, SIGNUPLIST_TIMELINE, SIGNUPLIST_SQL_COUNT };
static const char *const signuplist_sql[SIGNUPLIST_SQL_COUNT] = {
	[SIGNUPLIST_ONE] = COLUMNS "WHERE e.id = $id AND " TERRITORY_HOLDS("e.unit", "$territory"),
	[SIGNUPLIST_ALL] = COLUMNS "WHERE e.id > 0" WANTED,
	[SIGNUPLIST_STATE] = COLUMNS "WHERE e.state = $state" WANTED,
	[SIGNUPLIST_NEAR] = COLUMNS "WHERE e.id IN (SELECT n.id FROM enrolment n WHERE n.unit >= $near AND n.unit < $near || '~')" WANTED,
	[SIGNUPLIST_OVERDUE] = COLUMNS "WHERE e.id IN (SELECT v.id FROM enrolment v WHERE v.visit_due_at < $now)" WANTED,
	[SIGNUPLIST_TIMELINE] = "SELECT at, what, who, text FROM enrolment_event WHERE enrolment = $id ORDER BY id LIMIT 1000",
};
const struct sql_module signuplist_module = { "signuplist", signuplist_sql, SIGNUPLIST_SQL_COUNT };

/* ---- one ---- */

static int put_time(const struct scope *in, json_t *row, const char *key, struct statement *st, int column)
{
	char at[CALENDAR_ISO_BYTES];
	return json_set_str(row, key, column_null(st, column) ? NULL : calendar_format_iso(in->zone, column_int(st, column), at));
}

/* What is not known, or was forgotten, is null. */
static const char *said(struct statement *st, int column)
{
	const char *text = column_text(st, column);
	return text && *text ? text : NULL;
}

static json_t *row_json(const struct scope *in, struct statement *st, const void *arg)
{
	(void)arg;
	char person[24];
	bool phone = !column_null(st, 7), overdue = !column_null(st, 9) && column_int(st, 9) < in->now_ms;
	if (phone)
		address_pseudonym(column_int(st, 7), person);
	OWN(json) json_t *row = json_pack("{s:I, s:s, s:s, s:s, s:s?, s:s?, s:s?, s:s?, s:b, s:b, s:s?, s:s?, s:s?}", "id", (json_int_t)column_int(st, 0), "code",
					  column_text(st, 1), "programme", column_text(st, 2), "state", column_text(st, 3), "head", said(st, 4), "hamlet",
					  said(st, 5), "unit", said(st, 6), "person", phone ? person : NULL, "phone", phone, "overdue", overdue, "result",
					  said(st, 12), "reason", said(st, 13), "wants_person", said(st, 14));
	int r = row ? put_time(in, row, "received_at", st, 8) : E_NOMEM;
	r = r ? r : put_time(in, row, "visit_due_at", st, 9);
	r = r ? r : put_time(in, row, "visited_at", st, 10);
	r = r ? r : put_time(in, row, "decided_at", st, 11);
	return r ? NULL : MOVE(row);
}

static int add_timeline(const struct scope *in, json_t *row)
{
	OWN(json) json_t *list = json_array();
	struct statement *st = store_prepare(in->db, &signuplist_module, SIGNUPLIST_TIMELINE);
	bind_int(st, "$id", json_int(row, "id", 0));
	int r = list ? 0 : E_NOMEM;
	while (!r && (r = store_row(st)) > 0) {
		char at[CALENDAR_ISO_BYTES];
		const char *said = column_text(st, 3);
		OWN(mem) char *text = said ? mask_personal(said) : NULL;
		calendar_format_iso(in->zone, column_int(st, 0), at);
		r = (said && !text) || json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s?}", "at", at, "what", column_text(st, 1), "who", column_text(st, 2), "text", text)) ? E_NOMEM : 0;
	}
	store_reset(st);
	return r ? r : json_object_set_new(row, "timeline", MOVE(list)) ? E_NOMEM : 0;
}

int signuplist_one(const struct scope *in, int64_t id, const char *territory, json_t **ret)
{
	struct statement *st = store_prepare(in->db, &signuplist_module, SIGNUPLIST_ONE);
	bind_int(st, "$id", id);
	bind_int(st, "$stale", in->now_ms - ENROLMENT_DAY_MS);
	bind_text(st, "$territory", territory ? territory : "");
	OWN(json) json_t *row = NULL;
	int r = page_one(in, st, row_json, NULL, &row);
	r = r ? r : add_timeline(in, row);
	if (!r)
		*ret = MOVE(row);
	return r;
}

static int query_show(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	struct enrolment e;
	*ret_next = 0;
	int r = enrolment_find(in, json_str(c->args, "id", ""), &e);
	r = r ? r : signuplist_one(in, e.id, c->unit, ret);
	return r == E_NOT_FOUND ? refuse(why, r, 404, "not_found", "id", "There is no such sign-up.") : r;
}

/* ---- many ---- */

/* A commune or hamlet that all that is wanted lies in; "" = none. */
static const char *near_of(const struct call *c)
{
	const char *unit = json_str(c->args, "unit", ""), *own = c->unit ? c->unit : "";
	return strlen(unit) >= COMMUNE_CHARS ? unit : strlen(own) >= COMMUNE_CHARS ? own : "";
}

static struct statement *prepare_page(const struct scope *in, const struct call *c, bool decided)
{
	const char *near = near_of(c), *state = json_str(c->args, "state", "");
	bool overdue = json_flag(c->args, "overdue", false);
	size_t sql = overdue ? SIGNUPLIST_OVERDUE : *near ? SIGNUPLIST_NEAR : *state ? SIGNUPLIST_STATE : SIGNUPLIST_ALL;
	struct statement *st = store_prepare(in->db, &signuplist_module, sql);
	if (sql == SIGNUPLIST_NEAR)
		bind_text(st, "$near", near);
	bind_int(st, "$after", json_int(c->args, "after", 0));
	bind_int(st, "$now", in->now_ms);
	bind_int(st, "$stale", in->now_ms - ENROLMENT_DAY_MS);
	bind_int(st, "$overdue", overdue);
	bind_int(st, "$asks", json_flag(c->args, "wants-person", false));
	bind_int(st, "$decided", decided);
	bind_text(st, "$state", state);
	bind_text(st, "$programme", json_str(c->args, "programme", ""));
	bind_text(st, "$unit", json_str(c->args, "unit", ""));
	bind_text(st, "$territory", c->unit ? c->unit : "");
	return st;
}

static int query_list(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	(void)why;
	return page_read(in, c, prepare_page(in, c, false), 0, row_json, NULL, ret, ret_next);
}

/* For posting: who, where, what came of it, and nothing by which anybody is found. */
static json_t *public_json(const struct scope *in, struct statement *st, const void *arg)
{
	(void)in;
	(void)arg;
	return json_pack("{s:s, s:s, s:s}", "head", column_text(st, 4), "hamlet", column_text(st, 5), "result", column_text(st, 12));
}

static int query_export(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	(void)why;
	bool posted = json_flag(c->args, "public", false);
	return page_read(in, c, prepare_page(in, c, posted), 0, posted ? public_json : row_json, NULL, ret, ret_next);
}

#define SHAPE_EN ". A sign-up: id, code, programme, state, head, hamlet, unit, person, phone, received_at, visit_due_at, overdue, visited_at, decided_at, result, reason, wants_person"
#define SHAPE_VI ". Mỗi đăng ký: id, code, programme, state, head, hamlet, unit, person, phone, received_at, visit_due_at, overdue, visited_at, decided_at, result, reason, wants_person"

static const char *const states[] = { "received", "confirmed", "visited", "eligible", "not_eligible", "notified", "closed", "withdrawn", NULL };
#define FILTER_ARGS \
	{ .name = "state", .type = ARG_TEXT, .choices = states, .help_en = "only those in this state", .help_vi = "chỉ đăng ký ở bước này" }, \
	{ .name = "programme", .type = ARG_NAME, .help_en = "only those of this programme", .help_vi = "chỉ đăng ký của chương trình này" }, \
	{ .name = "unit", .type = ARG_TEXT, .max = 15, .otherwise = "", .help_en = "only those of this unit and below", .help_vi = "chỉ của đơn vị này và cấp dưới" }, \
	{ .name = "overdue", .type = ARG_FLAG, .help_en = "only those where nobody came in time", .help_vi = "chỉ hộ quá hạn chưa đến xác minh" }, \
	{ .name = "wants-person", .type = ARG_FLAG, .help_en = "only those where somebody has to ask", .help_vi = "chỉ hộ cần cán bộ hỏi thêm" }
static const struct verb_arg list_args[] = { FILTER_ARGS };
static const struct verb_arg export_args[] = {
	FILTER_ARGS,
	{ .name = "public", .type = ARG_FLAG, .help_en = "for posting: head, hamlet and result of those that are decided, nothing else",
	  .help_vi = "để niêm yết: chỉ chủ hộ, thôn, kết quả của các hộ đã có kết quả" },
};
static const struct verb_arg show_args[] = {
	{ .name = "id", .type = ARG_TEXT, .rank = 1, .required = true, .min = 1, .max = 24, .help_en = "id or code, such as NT503172",
	  .help_vi = "số hoặc mã, ví dụ NT503172" },
};
#define READERS (R_(OPERATOR) | R_(REVIEWER) | R_(SECRETARY))
static const struct verb verbs[] = {
	{ .noun = "signup", .name = "list", .kind = VERB_QUERY, .roles = READERS, .list = true, VERB_ARGS(list_args),
	  .help_en = "households that signed up and how far they are" SHAPE_EN, .help_vi = "các hộ đã đăng ký và tiến độ" SHAPE_VI, .query = query_list },
	{ .noun = "signup", .name = "show", .kind = VERB_QUERY, .roles = READERS, VERB_ARGS(show_args),
	  .help_en = "one household with its timeline (at, what, who, text)" SHAPE_EN, .help_vi = "một hộ và quá trình xử lý (timeline: at, what, who, text)" SHAPE_VI,
	  .query = query_show },
	{ .noun = "signup", .name = "export", .kind = VERB_QUERY, .roles = READERS, .list = true, VERB_ARGS(export_args),
	  .help_en = "the list for whoever visits, or the one to be posted (head, hamlet, result)", .help_vi = "danh sách cho cán bộ đi xác minh, hoặc để niêm yết (chủ hộ, thôn, kết quả)",
	  .query = query_export },
};
const struct verb_table signuplist_verbs = VERB_TABLE(verbs);
