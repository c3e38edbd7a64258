/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cases as the contract shows them, one and by the page. Reads only; runs in the core and in the query process. */
#include "handlers/caselist.h"

#include <string.h>

#include "gateway/address.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/store/store.h"

/* A restricted case is hidden from the commune it may accuse: territories below a province do not know of it. */
#define SEEN " substr(coalesce(unit, ''), 1, length($territory)) = $territory AND (restricted = 0 OR length($territory) <= 2)"
#define OVERDUE "(due_at < $now AND state NOT IN ('answered', 'notified', 'closed'))"
#define COLUMNS "SELECT id, code, state, topic, topics, kind, urgency, restricted, unit, address, received_at, due_at, " OVERDUE ", text FROM casefile"

#define WANTED                                                                                                                     \
	" ($state = '' OR state = $state) AND ($topic = '' OR topic = $topic) AND substr(coalesce(unit, ''), 1, length($unit)) = $unit" \
	" AND ($overdue = 0 OR " OVERDUE ") AND" SEEN

enum { CASELIST_ONE, CASELIST_PAGE, CASELIST_NEWEST, CASELIST_TIMELINE, CASELIST_SQL_COUNT };
static const char *const caselist_sql[CASELIST_SQL_COUNT] = {
	[CASELIST_ONE] = COLUMNS " WHERE id = $id AND" SEEN,
	[CASELIST_PAGE] = COLUMNS " WHERE id > $after AND" WANTED " ORDER BY id LIMIT $limit",
	[CASELIST_NEWEST] = COLUMNS " WHERE id < $after AND" WANTED " ORDER BY id DESC LIMIT $limit",
	[CASELIST_TIMELINE] = "SELECT at, what, who, text FROM case_event WHERE casefile = $id ORDER BY id LIMIT 1000",
};
const struct sql_module caselist_module = { "caselist", caselist_sql, CASELIST_SQL_COUNT };

static json_t *event_json(const struct scope *in, struct statement *st)
{
	char at[CALENDAR_ISO_BYTES];
	calendar_format_iso(in->zone, column_int(st, 0), at);
	return json_pack("{s:s, s:s, s:s, s:s?}", "at", at, "what", column_text(st, 1), "who", column_text(st, 2), "text",
			 column_text(st, 3));
}

static int timeline_json(const struct scope *in, int64_t id, json_t **ret)
{
	OWN(json) json_t *list = json_array();
	struct statement *st = store_prepare(in->db, &caselist_module, CASELIST_TIMELINE);
	bind_int(st, "$id", id);
	int r = list ? 0 : E_NOMEM;
	while (!r && (r = store_row(st)) > 0)
		r = json_array_append_new(list, event_json(in, st)) ? E_NOMEM : 0;
	store_reset(st);
	if (!r)
		*ret = MOVE(list);
	return r;
}

static json_t *row_json(const struct scope *in, struct statement *st)
{
	char received[CALENDAR_ISO_BYTES], due[CALENDAR_ISO_BYTES], person[24];
	const char *topics_text = column_text(st, 4);
	OWN(json) json_t *topics = NULL;
	if (json_parse(topics_text, strlen(topics_text), &topics))
		return NULL;
	calendar_format_iso(in->zone, column_int(st, 10), received);
	calendar_format_iso(in->zone, column_int(st, 11), due);
	address_pseudonym(column_int(st, 9), person);
	return json_pack("{s:I, s:s, s:s, s:s?, s:O, s:s, s:s, s:b, s:s?, s:s?, s:s, s:s?, s:b, s:s}", "id", (json_int_t)column_int(st, 0),
			 "code", column_text(st, 1), "state", column_text(st, 2), "topic", column_text(st, 3), "topics", topics, "kind",
			 column_text(st, 5), "urgency", column_text(st, 6), "restricted", column_int(st, 7) != 0, "unit",
			 column_text(st, 8), "person", column_null(st, 9) ? NULL : person, "received_at", received, "due_at",
			 column_null(st, 11) ? NULL : due, "overdue", column_int(st, 12) != 0, "text", column_text(st, 13));
}

static int add_timeline(const struct scope *in, json_t *row)
{
	json_t *timeline = NULL;
	int r = timeline_json(in, json_int(row, "id", 0), &timeline);
	if (!r && json_object_set_new(row, "timeline", timeline))
		r = E_NOMEM;
	return r;
}

int caselist_one(const struct scope *in, int64_t id, const char *territory, json_t **ret)
{
	OWN(json) json_t *row = NULL;
	struct statement *st = store_prepare(in->db, &caselist_module, CASELIST_ONE);
	bind_int(st, "$id", id);
	bind_int(st, "$now", in->now_ms);
	bind_text(st, "$territory", territory ? territory : "");
	int r = store_row(st);
	if (r > 0)
		row = row_json(in, st);
	store_reset(st);
	if (r <= 0)
		return r ? r : E_NOT_FOUND;
	r = row ? add_timeline(in, row) : E_NOMEM;
	if (!r)
		*ret = MOVE(row);
	return r;
}

static struct statement *prepare_page(const struct scope *in, const struct caselist_filter *f)
{
	struct statement *st = store_prepare(in->db, &caselist_module, f->newest ? CASELIST_NEWEST : CASELIST_PAGE);
	bind_int(st, "$after", f->newest && f->after == 0 ? INT64_MAX : f->after);
	bind_int(st, "$limit", f->limit + 1);
	bind_int(st, "$now", in->now_ms);
	bind_int(st, "$overdue", f->overdue);
	bind_text(st, "$state", f->state);
	bind_text(st, "$topic", f->topic);
	bind_text(st, "$unit", f->unit);
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
		r = !more && json_array_append_new(list, row_json(in, st)) ? E_NOMEM : 0;
	}
	store_reset(st);
	for (size_t i = 0; i < json_array_size(list) && r >= 0; i++)
		r = add_timeline(in, json_array_get(list, i));
	if (r < 0)
		return r;
	size_t n = json_array_size(list);
	*ret_next = more ? json_int(json_array_get(list, n - 1), "id", 0) : 0;
	*ret = MOVE(list);
	return 0;
}
