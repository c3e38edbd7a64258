/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cases as another program takes them. Called by report.c. The table is made from the objects, so that both say the same. */
#include "console/report/portalfile.h"

#include <string.h>

#include "config/config.h"
#include "console/report/sheet.h"
#include "console/report/topics.h"
#include "gateway/base/calendar.h"
#include "gateway/base/mask.h"
#include "handlers/casefile.h"
#include "handlers/casehandover.h"

#define FORMAT "caunoi-handover"
#define VERSION 1
#define LAST(column, what_is) "(SELECT e." column " FROM case_event e WHERE e.casefile = c.id AND e.what = '" what_is "' ORDER BY e.id DESC LIMIT 1)"

enum { PORTALFILE_CASES, PORTALFILE_LEFT_OUT, PORTALFILE_SQL_COUNT };
static const char *const portalfile_sql[PORTALFILE_SQL_COUNT] = {
	[PORTALFILE_CASES] = "SELECT c.code, c.received_at, coalesce(c.unit, ''), coalesce(c.topic, ''), c.kind, c.urgency, c.text, c.state, c.due_at, "
			     LAST("text", "forwarded") ", " LAST("at", "forwarded") ", " LAST("text", "answered") ", " LAST("at", "answered")
			     ", 1 + (SELECT count(*) FROM casefile k WHERE k.merged_into = c.id)"
			     ", (SELECT count(*) FROM portal o WHERE o.casefile = c.id AND o.job < $job)"
			     ", (SELECT min(o.at) FROM portal o WHERE o.casefile = c.id AND o.job < $job), c.portal_ref"
			     " FROM portal p JOIN casefile c ON c.id = p.casefile"
			     " WHERE p.job = $job AND c.restricted = 0 AND c.merged_into IS NULL AND c.text <> '' ORDER BY p.casefile",
	[PORTALFILE_LEFT_OUT] = "SELECT count(*) FROM casefile c WHERE " CASEHANDOVER_FITS " AND EXISTS (SELECT 1 FROM portal o WHERE o.casefile = c.id"
				" AND o.job < $job) AND NOT EXISTS (SELECT 1 FROM portal n WHERE n.casefile = c.id AND n.job = $job)",
};
const struct sql_module portalfile_module = { "portalfile", portalfile_sql, PORTALFILE_SQL_COUNT };

/* ---- objects ---- */

static json_t *bare(const char *text)
{
	OWN(mem) char *masked = text && *text ? mask_personal(text) : NULL;
	return masked ? json_string(masked) : json_null();
}

static json_t *moment(const struct extent *s, struct statement *st, int column)
{
	char iso[CALENDAR_ISO_BYTES];
	return column_null(st, column) ? json_null() : json_string(calendar_format_iso(s->in->zone, column_int(st, column), iso));
}

static json_t *case_json(const struct extent *s, struct statement *st)
{
	const char *unit = column_text(st, 2), *topic = column_text(st, 3);
	return json_pack("{s:s,s:s?,s:o,s:s?,s:s,s:s?,s:s,s:s,s:s,s:I,s:o,s:s,s:o,s:o,s:o,s:o,s:o,s:I,s:o}", "code", column_text(st, 0), "reference",
			 column_text(st, 16), "received_at", moment(s, st, 1), "unit", *unit ? unit : NULL, "unit_name", places_name(s->places, unit), "topic",
			 *topic ? topic : NULL, "topic_name", topics_name(s, topic), "kind", column_text(st, 4), "urgency", column_text(st, 5), "people",
			 (json_int_t)column_int(st, 13), "text", bare(column_text(st, 6)), "state", column_text(st, 7), "due_at", moment(s, st, 8), "forwarded_to",
			 bare(column_text(st, 9)), "forwarded_at", moment(s, st, 10), "answer", bare(column_text(st, 11)), "answered_at", moment(s, st, 12),
			 "handed_over_before", (json_int_t)column_int(st, 14), "first_handed_over_at", moment(s, st, 15));
}

static int append(json_t *list, json_t *one)
{
	return json_array_append_new(list, one) ? E_NOMEM : 0;
}

static int read_cases(const struct extent *s, json_t *list)
{
	struct statement *st = store_prepare(s->in->db, &portalfile_module, PORTALFILE_CASES);
	int r;
	bind_int(st, "$job", s->job);
	while ((r = store_row(st)) > 0 && (r = append(list, case_json(s, st))) == 0)
		;
	store_reset(st);
	return r;
}

static int count_left_out(const struct extent *s, int64_t *ret)
{
	struct statement *st = store_prepare(s->in->db, &portalfile_module, PORTALFILE_LEFT_OUT);
	bind_int(st, "$job", s->job);
	bind_int(st, "$from", s->from_ms);
	bind_int(st, "$to", s->to_ms);
	bind_text(st, "$unit", s->unit);
	bind_text(st, "$topic", json_str(s->args, "topic", ""));
	bind_text(st, "$kind", json_str(s->args, "case_kind", ""));
	bind_text(st, "$state", json_str(s->args, "state", ""));
	bind_text(st, "$territory", json_str(s->args, "territory", "?????"));
	int r = store_row(st);
	if (r > 0)
		*ret = column_int(st, 0);
	store_reset(st);
	return r > 0 ? 0 : r ? r : E_CORRUPT;
}

/* ---- the table ---- */

static const struct {
	struct sheet_column column;
	const char *field; /* of the object */
} columns[] = {
	{ { "code", "Mã", "text" }, "code" }, { { "reference", "Mã bên nhận", "text" }, "reference" }, { { "received", "Ngày nhận", "date" }, "received_at" },
	{ { "unit", "Mã đơn vị", "text" }, "unit" }, { { "unit_name", "Địa bàn", "text" }, "unit_name" }, { { "topic", "Mã chủ đề", "text" }, "topic" },
	{ { "topic_name", "Chủ đề", "text" }, "topic_name" }, { { "kind", "Loại", "text" }, "kind" }, { { "urgency", "Mức độ", "text" }, "urgency" },
	{ { "people", "Số người", "number" }, "people" }, { { "text", "Nội dung", "text" }, "text" }, { { "state", "Tình trạng", "text" }, "state" },
	{ { "due", "Hạn trả lời", "date" }, "due_at" }, { { "body", "Cơ quan, văn bản", "text" }, "forwarded_to" }, { { "sent", "Ngày chuyển", "date" }, "forwarded_at" },
	{ { "answer", "Trả lời", "text" }, "answer" }, { { "answered", "Ngày trả lời", "date" }, "answered_at" },
	{ { "before", "Đã bàn giao trước (lần)", "number" }, "handed_over_before" }, { { "first", "Bàn giao lần đầu", "date" }, "first_handed_over_at" },
};

static json_t *row_of(const json_t *one)
{
	json_t *row = json_array();
	for (size_t i = 0; row && i < COUNT_OF(columns); i++) {
		json_t *cell = json_object_get(one, columns[i].field);
		bool day = strcmp(columns[i].column.type, "date") == 0 && json_is_string(cell);
		if (json_array_append_new(row, day ? json_stringn(json_string_value(cell), 10) : json_incref(cell))) {
			json_decref(row);
			return NULL;
		}
	}
	return row;
}

static int make_sheet(const json_t *cases, json_t **ret)
{
	OWN(json) json_t *sheet = sheet_new(CASEHANDOVER_KIND, "Ý kiến, kiến nghị bàn giao", NULL, 0);
	const json_t *one;
	size_t i;
	int r = !sheet || json_object_set_new(sheet, "bare", json_true()) ? E_NOMEM : 0;
	for (i = 0; !r && i < COUNT_OF(columns); i++)
		r = sheet_column_add(sheet, columns[i].column.key, columns[i].column.title, columns[i].column.type);
	json_array_foreach(cases, i, one)
		r = r ? r : sheet_row(sheet, row_of(one));
	if (!r)
		*ret = MOVE(sheet);
	return r;
}

int portalfile_make(const struct extent *s, json_t **ret_sheet, json_t **ret_exchange)
{
	char made_at[CALENDAR_ISO_BYTES];
	int64_t left_out = 0;
	OWN(json) json_t *cases = json_array(), *sheet = NULL;
	int r = cases ? read_cases(s, cases) : E_NOMEM;
	r = r ? r : count_left_out(s, &left_out);
	r = r ? r : make_sheet(cases, &sheet);
	if (r)
		return r;
	calendar_format_iso(s->in->zone, s->in->now_ms, made_at);
	*ret_exchange = json_pack("{s:s,s:i,s:s,s:I,s:{s:s,s:s},s:s,s:s,s:s,s:I,s:O}", "format", FORMAT, "version", VERSION, "made_at", made_at, "file",
				  (json_int_t)s->job, "from_organisation", "name", s->in->config->organisation.name, "unit", s->in->config->organisation.unit,
				  "unit", s->unit, "from", s->from, "to", s->to, "left_out", (json_int_t)left_out, "cases", cases);
	if (!*ret_exchange)
		return E_NOMEM;
	*ret_sheet = MOVE(sheet);
	return 0;
}
