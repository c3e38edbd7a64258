/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cases as the contract shows them, one and by the page. Reads only; runs in the core and in the query process. */
#include "handlers/caselist.h"

#include <stdio.h>
#include <string.h>

#include "gateway/address.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/base/mask.h"
#include "gateway/base/own.h"
#include "gateway/page.h"
#include "gateway/store/store.h"
#include "gateway/territory.h"
#include "handlers/casefile.h"

#define PROVINCE_CHARS 2

/* Past the day that was promised, or past the time that its present state should take. */
#define OVERDUE "((c.due_at < $now AND c.state NOT IN ('answered', 'notified', 'closed')) OR c.step_due_at < $now)"
#define COLUMNS                                                                                                                     \
	"SELECT c.id, c.code, c.state, c.topic, c.topics, c.kind, c.urgency, c.restricted, c.unit, c.address, c.received_at, c.due_at, " \
	"CASE WHEN " OVERDUE " THEN 1 ELSE 0 END, c.text, c.step_due_at, c.assigned, c.referred, c.accused, c.raised, c.promised_at, "                  \
	"(SELECT m.code FROM casefile m WHERE m.id = c.merged_into), l.holder, l.until_at, "                                             \
	"(SELECT max(p.at) FROM portal p WHERE p.casefile = c.id), c.portal_ref, c.draft"                                                    \
	" FROM casefile c LEFT JOIN case_lock l ON l.casefile = c.id AND l.until_at > $now "
#define CHOSEN " AND ($state = '' OR c.state = $state) AND ($topic = '' OR c.topic = $topic) AND ($assigned = '' OR c.assigned = $assigned) AND "
#define WANTED                                                                                                                   \
	TERRITORY_HOLDS("c.unit", "$unit")                                                                                          \
	" AND ($code = '' OR lower(c.code) LIKE $code ESCAPE '!' OR ($words <> '' AND c.fold LIKE $words ESCAPE '!')) AND ($raised = 0 OR c.raised > 0)"  \
	" AND ($overdue = 0 OR " OVERDUE ") AND " CASE_SEEN("c", "$territory")
#define PAGE_UP(wanted) " AND c.id > $after" CHOSEN wanted " ORDER BY c.id LIMIT $limit"
#define PAGE_DOWN(wanted) " AND c.id < $after" CHOSEN wanted " ORDER BY c.id DESC LIMIT $limit"
#define UP PAGE_UP(PAGE_MOSTLY(WANTED))
#define DOWN PAGE_DOWN(PAGE_MOSTLY(WANTED))

/* Those of a unit with all that lies in it, and what is offered to them. No code has a character behind '~'. */
#define NEAR                                                                                                                       \
	"WHERE c.id IN (SELECT u.id FROM casefile u WHERE u.unit >= $near AND u.unit < $near || '~'"                              \
	" UNION ALL SELECT r.id FROM casefile r WHERE r.referred >= $near AND r.referred < $near || '~')"

/* One text for each index that narrows the list, oldest first and newest first. */
enum { CASELIST_ONE, CASELIST_ALL, CASELIST_STATE = CASELIST_ALL + 2, CASELIST_TOPIC = CASELIST_STATE + 2, CASELIST_OPEN = CASELIST_TOPIC + 2,
       CASELIST_NEAR = CASELIST_OPEN + 2, CASELIST_ASSIGNED = CASELIST_NEAR + 2, CASELIST_TIMELINE = CASELIST_ASSIGNED + 2, CASELIST_SEEN, CASELIST_SQL_COUNT };
static const char *const caselist_sql[CASELIST_SQL_COUNT] = {
	[CASELIST_ONE] = COLUMNS "WHERE c.id = $id AND " CASE_SEEN("c", "$territory"),
	[CASELIST_ALL] = COLUMNS "WHERE c.id > 0" UP,
	[CASELIST_ALL + 1] = COLUMNS "WHERE c.id > 0" DOWN,
	[CASELIST_STATE] = COLUMNS "WHERE c.state = $state" UP,
	[CASELIST_STATE + 1] = COLUMNS "WHERE c.state = $state" DOWN,
	[CASELIST_TOPIC] = COLUMNS "WHERE c.topic = $topic" UP,
	[CASELIST_TOPIC + 1] = COLUMNS "WHERE c.topic = $topic" DOWN,
	[CASELIST_OPEN] = COLUMNS "WHERE c.state <> 'closed'" UP,
	[CASELIST_OPEN + 1] = COLUMNS "WHERE c.state <> 'closed'" DOWN,
	[CASELIST_NEAR] = COLUMNS NEAR PAGE_UP(WANTED), /* they are few: another place's are mostly not for this reader */
	[CASELIST_NEAR + 1] = COLUMNS NEAR PAGE_DOWN(WANTED),
	[CASELIST_ASSIGNED] = COLUMNS "WHERE c.assigned = $assigned" UP,
	[CASELIST_ASSIGNED + 1] = COLUMNS "WHERE c.assigned = $assigned" DOWN,
	[CASELIST_TIMELINE] = "SELECT at, what, who, text FROM case_event WHERE casefile = $id ORDER BY id LIMIT 1000",
	[CASELIST_SEEN] = "SELECT 1 FROM casefile c WHERE c.id = $id AND " CASE_SEEN("c", "$territory"),
};
const struct sql_module caselist_module = { "caselist", caselist_sql, CASELIST_SQL_COUNT };

/* As people wrote it, or without the numbers that name somebody. The caller's. */
static char *shown(const char *text, bool bare)
{
	return bare ? strdup(text) : mask_personal(text);
}

static json_t *event_json(const struct scope *in, struct statement *st, bool bare)
{
	char at[CALENDAR_ISO_BYTES];
	calendar_format_iso(in->zone, column_int(st, 0), at);
	const char *said = column_text(st, 3);
	OWN(mem) char *text = said && *said ? shown(said, bare) : NULL;
	if (said && *said && !text)
		return NULL;
	return json_pack("{s:s, s:s, s:s, s:s?}", "at", at, "what", column_text(st, 1), "who", column_text(st, 2), "text", text);
}

static int timeline_json(const struct scope *in, int64_t id, bool bare, json_t **ret)
{
	OWN(json) json_t *list = json_array();
	struct statement *st = store_prepare(in->db, &caselist_module, CASELIST_TIMELINE);
	bind_int(st, "$id", id);
	int r = list ? 0 : E_NOMEM;
	while (!r && (r = store_row(st)) > 0)
		r = json_array_append_new(list, event_json(in, st, bare)) ? E_NOMEM : 0;
	store_reset(st);
	if (!r)
		*ret = MOVE(list);
	return r;
}

static int put_time(const struct scope *in, json_t *row, const char *key, struct statement *st, int column)
{
	char at[CALENDAR_ISO_BYTES];
	return json_set_str(row, key, column_null(st, column) ? NULL : calendar_format_iso(in->zone, column_int(st, column), at));
}

static json_t *lock_json(const struct scope *in, struct statement *st)
{
	char until[CALENDAR_ISO_BYTES];
	if (column_null(st, 21))
		return json_null();
	calendar_format_iso(in->zone, column_int(st, 22), until);
	return json_pack("{s:s, s:s}", "holder", column_text(st, 21), "until", until);
}

/* What the desk knows beside what was said. */
static int put_desk(const struct scope *in, json_t *row, struct statement *st)
{
	int r = put_time(in, row, "received_at", st, 10);
	r = r ? r : put_time(in, row, "due_at", st, 11);
	r = r ? r : put_time(in, row, "step_due_at", st, 14);
	r = r ? r : put_time(in, row, "promised_at", st, 19);
	r = r ? r : put_time(in, row, "handed_over_at", st, 23);
	r = r ? r : json_set_str(row, "portal_reference", column_text(st, 24));
	r = r ? r : json_set_str(row, "draft", column_text(st, 25));
	r = r ? r : json_set_str(row, "assigned", column_text(st, 15));
	r = r ? r : json_set_str(row, "referred", column_text(st, 16));
	r = r ? r : json_set_str(row, "accused", column_text(st, 17));
	r = r ? r : json_set_str(row, "merged_into", column_text(st, 20));
	r = r ? r : json_set_str(row, "level", column_int(st, 18) ? "province" : "commune");
	return r ? r : json_object_set_new(row, "lock", lock_json(in, st)) ? E_NOMEM : 0;
}

static json_t *row_json(const struct scope *in, struct statement *st, bool bare)
{
	char person[24];
	const char *topics_text = column_text(st, 4);
	OWN(json) json_t *topics = NULL;
	OWN(mem) char *text = shown(column_text(st, 13), bare);
	if (!text || json_parse(topics_text, strlen(topics_text), &topics))
		return NULL;
	if (!column_null(st, 9))
		address_pseudonym(column_int(st, 9), person);
	OWN(json) json_t *row =
		json_pack("{s:I, s:s, s:s, s:s?, s:O, s:s, s:s, s:b, s:s?, s:s?, s:b, s:s}", "id", (json_int_t)column_int(st, 0), "code",
			  column_text(st, 1), "state", column_text(st, 2), "topic", column_text(st, 3), "topics", topics, "kind",
			  column_text(st, 5), "urgency", column_text(st, 6), "restricted", column_int(st, 7) != 0, "unit", column_text(st, 8),
			  "person", column_null(st, 9) ? NULL : person, "overdue", column_int(st, 12) != 0, "text", text);
	return row && !put_desk(in, row, st) ? MOVE(row) : NULL;
}

static int add_timeline(const struct scope *in, json_t *row, bool bare)
{
	json_t *timeline = NULL;
	int r = timeline_json(in, json_int(row, "id", 0), bare, &timeline);
	if (!r && json_object_set_new(row, "timeline", timeline))
		r = E_NOMEM;
	return r;
}

int caselist_seen(const struct scope *in, int64_t id, const char *territory)
{
	struct statement *st = store_prepare(in->db, &caselist_module, CASELIST_SEEN);
	bind_int(st, "$id", id);
	bind_text(st, "$territory", territory ? territory : "");
	int r = store_row(st);
	store_reset(st);
	return r > 0 ? 0 : r ? r : E_NOT_FOUND;
}

int caselist_refuse(const struct scope *in, const char *id_or_code, struct refusal *why)
{
	struct casefile hidden;
	int r = refuse(why, E_NOT_FOUND, 404, "not_found", "id", "There is no such case.");
	if (why && !casefile_find(in, id_or_code, &hidden))
		snprintf(why->attempt, sizeof(why->attempt), "case:%lld", (long long)hidden.id);
	return r;
}

static int one(const struct scope *in, int64_t id, const char *territory, bool bare, json_t **ret)
{
	OWN(json) json_t *row = NULL;
	struct statement *st = store_prepare(in->db, &caselist_module, CASELIST_ONE);
	bind_int(st, "$id", id);
	bind_int(st, "$now", in->now_ms);
	bind_text(st, "$territory", territory ? territory : "");
	int r = store_row(st);
	if (r > 0)
		row = row_json(in, st, bare);
	store_reset(st);
	if (r <= 0)
		return r ? r : E_NOT_FOUND;
	r = row ? add_timeline(in, row, bare) : E_NOMEM;
	if (!r)
		*ret = MOVE(row);
	return r;
}

int caselist_one(const struct scope *in, int64_t id, const char *territory, json_t **ret)
{
	return one(in, id, territory, false, ret);
}

int caselist_bare(const struct scope *in, int64_t id, const char *territory, json_t **ret)
{
	return one(in, id, territory, true, ret);
}

/* A commune or hamlet that all that is wanted lies in or is offered to; "" = none. */
static const char *near_of(const struct caselist_filter *f)
{
	const char *own = f->territory ? f->territory : "";
	return strlen(f->unit) > PROVINCE_CHARS ? f->unit : strlen(own) > PROVINCE_CHARS ? own : "";
}

/* The index that leaves the fewest rows to look at. */
static size_t statement_of(const struct caselist_filter *f)
{
	bool near = *near_of(f), open = f->overdue || f->raised || (near && *f->state && strcmp(f->state, "closed"));
	size_t sql = *f->assigned ? CASELIST_ASSIGNED : open ? CASELIST_OPEN : near ? CASELIST_NEAR : *f->state ? CASELIST_STATE : *f->topic ? CASELIST_TOPIC : CASELIST_ALL;
	return sql + (f->newest ? 1 : 0);
}

static struct statement *prepare_page(const struct scope *in, const struct caselist_filter *f)
{
	size_t sql = statement_of(f);
	struct statement *st = store_prepare(in->db, &caselist_module, sql);
	if (sql == CASELIST_NEAR || sql == CASELIST_NEAR + 1)
		bind_text(st, "$near", near_of(f));
	bind_int(st, "$after", f->newest && f->after == 0 ? INT64_MAX : f->after);
	bind_int(st, "$limit", f->limit + 1);
	bind_int(st, "$now", in->now_ms);
	bind_int(st, "$overdue", f->overdue);
	bind_int(st, "$raised", f->raised);
	bind_text(st, "$state", f->state);
	bind_text(st, "$topic", f->topic);
	bind_text(st, "$unit", f->unit);
	bind_text(st, "$assigned", f->assigned);
	bind_text(st, "$code", f->code);
	bind_text(st, "$words", f->words);
	bind_text(st, "$territory", f->territory ? f->territory : "");
	return st;
}

int caselist_page(const struct scope *in, const struct caselist_filter *f, json_t **ret, int64_t *ret_next)
{
	OWN(json) json_t *list = json_array();
	struct statement *st = prepare_page(in, f);
	bool more = false;
	int r = list ? 0 : E_NOMEM;
	while (!r && !more && (r = store_row(st)) > 0) {
		more = (int64_t)json_array_size(list) == f->limit;
		r = !more && json_array_append_new(list, row_json(in, st, false)) ? E_NOMEM : 0;
	}
	store_reset(st);
	for (size_t i = 0; i < json_array_size(list) && r >= 0; i++) {
		json_t *row = json_array_get(list, i);
		r = f->brief ? json_set_str(row, "timeline", NULL) : add_timeline(in, row, false);
	}
	if (r < 0)
		return r;
	size_t n = json_array_size(list);
	*ret_next = more ? json_int(json_array_get(list, n - 1), "id", 0) : 0;
	*ret = MOVE(list);
	return 0;
}
