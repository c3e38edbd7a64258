/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Table T8 and the lists of households. Called by report.c. */
#include "console/report/households.h"

#include <string.h>

#include "console/report/sheet.h"
#include "gateway/base/calendar.h"
#include "handlers/enrolment.h"

#define WITHIN(column) "sum(CASE WHEN " column " >= $from AND " column " < $to THEN 1 ELSE 0 END)"
#define UNIT EXTENT_UNIT("coalesce(e.unit, '')")

enum { HOUSEHOLDS_COUNTS, HOUSEHOLDS_LIST, HOUSEHOLDS_POSTED, HOUSEHOLDS_SQL_COUNT };
static const char *const households_sql[HOUSEHOLDS_SQL_COUNT] = {
	[HOUSEHOLDS_COUNTS] = "SELECT e.programme, substr(coalesce(e.unit, ''), 1, 5) AS commune, " WITHIN("e.received_at") ", " WITHIN("e.visited_at")
			      ", sum(CASE WHEN e.decided_at >= $from AND e.decided_at < $to AND e.result = 'eligible' THEN 1 ELSE 0 END)"
			      ", sum(CASE WHEN e.decided_at >= $from AND e.decided_at < $to AND e.result = 'not_eligible' THEN 1 ELSE 0 END)"
			      ", sum(CASE WHEN e.decided_at IS NULL AND e.state <> 'withdrawn' THEN 1 ELSE 0 END)"
			      " FROM enrolment e WHERE e.received_at < $to AND " UNIT " GROUP BY e.programme, substr(coalesce(e.unit, ''), 1, 5) ORDER BY 1, 2",
	[HOUSEHOLDS_LIST] = "SELECT e.code, e.head, e.hamlet, coalesce(e.unit, ''), e.state, e.received_at, e.visit_due_at, e.result, e.reason, e.programme"
			    " FROM enrolment e WHERE e.received_at >= $from AND e.received_at < $to AND " UNIT " ORDER BY e.unit, e.id",
	[HOUSEHOLDS_POSTED] = "SELECT e.head, e.hamlet, coalesce(e.unit, ''), e.result FROM enrolment e WHERE e.decided_at >= $from AND e.decided_at < $to"
			      " AND e.result IS NOT NULL AND e.head <> '' AND e.state <> 'withdrawn' AND " UNIT " ORDER BY e.unit, e.fold, e.id",
};
const struct sql_module households_module = { "households", households_sql, HOUSEHOLDS_SQL_COUNT };

static const char *state_words(const char *name)
{
	static const char *const words[ENROLMENT_STATES] = {
		[ENROLMENT_RECEIVED] = "Đã nhận",	  [ENROLMENT_CONFIRMED] = "Đã xác nhận",     [ENROLMENT_VISITED] = "Đã xác minh",
		[ENROLMENT_ELIGIBLE] = "Đủ điều kiện",	  [ENROLMENT_NOT_ELIGIBLE] = "Không đủ điều kiện", [ENROLMENT_NOTIFIED] = "Đã báo kết quả",
		[ENROLMENT_CLOSED] = "Kết thúc",	  [ENROLMENT_WITHDRAWN] = "Đã rút",
	};
	enum enrolment_state state;
	return !name || enrolment_state_parse(name, &state) ? "" : words[state];
}

static json_t *day_of(const struct extent *s, struct statement *st, int column)
{
	char iso[CALENDAR_ISO_BYTES];
	if (column_null(st, column))
		return json_null();
	calendar_format_iso(s->in->zone, column_int(st, column), iso);
	return json_stringn(iso, 10);
}

/* ---- counts ---- */

static json_t *counts_row(const struct extent *s, struct statement *st)
{
	return json_pack("[s,s,I,I,I,I,I]", column_text(st, 0), places_name(s->places, column_text(st, 1)), (json_int_t)column_int(st, 2), (json_int_t)column_int(st, 3),
			 (json_int_t)column_int(st, 4), (json_int_t)column_int(st, 5), (json_int_t)column_int(st, 6));
}

static json_t *list_row(const struct extent *s, struct statement *st, size_t n)
{
	return json_pack("[I,s,s,s,s,s,o,o,s,s?,s]", (json_int_t)n, column_text(st, 0), column_text(st, 1), column_text(st, 2), places_name(s->places, column_text(st, 3)),
			 state_words(column_text(st, 4)), day_of(s, st, 5), day_of(s, st, 6), state_words(column_text(st, 7)), column_text(st, 8), column_text(st, 9));
}

static json_t *posted_row(const struct extent *s, struct statement *st, size_t n)
{
	return json_pack("[I,s,s,s,s]", (json_int_t)n, column_text(st, 0), column_text(st, 1), places_name(s->places, column_text(st, 2)), state_words(column_text(st, 3)));
}

static int read_rows(const struct extent *s, size_t sql, json_t *sheet)
{
	struct statement *st = store_prepare(s->in->db, &households_module, sql);
	size_t n = 0;
	int r;
	extent_bind_units(s, st);
	while ((r = store_row(st)) > 0) {
		n++;
		r = sheet_row(sheet, sql == HOUSEHOLDS_COUNTS ? counts_row(s, st) : sql == HOUSEHOLDS_LIST ? list_row(s, st, n) : posted_row(s, st, n));
		if (r)
			break;
	}
	store_reset(st);
	return r;
}

static int read_sheet(const struct extent *s, size_t sql, json_t *sheet, json_t **ret)
{
	OWN(json) json_t *own = sheet;
	int r = own ? read_rows(s, sql, own) : E_NOMEM;
	if (!r && sql == HOUSEHOLDS_COUNTS)
		r = sheet_add_up(own);
	bool none = sql == HOUSEHOLDS_COUNTS && !json_array_size(json_object_get(own, "rows"));
	if (!r && !none)
		*ret = MOVE(own);
	return r;
}

int households_sheet(const struct extent *s, json_t **ret)
{
	static const struct sheet_column columns[] = {
		{ "programme", "Chương trình", "text" }, { "unit", "Địa bàn", "text" }, { "received", "Đăng ký trong kỳ", "int" }, { "visited", "Đã xác minh", "int" },
		{ "eligible", "Đủ điều kiện", "int" }, { "not_eligible", "Không đủ điều kiện", "int" }, { "open", "Chưa có kết quả", "int" },
	};
	return read_sheet(s, HOUSEHOLDS_COUNTS, sheet_new("T8", "Đăng ký theo chương trình", columns, COUNT_OF(columns)), ret);
}

int households_list_sheet(const struct extent *s, json_t **ret)
{
	static const struct sheet_column columns[] = {
		{ "n", "STT", "int" }, { "code", "Mã", "text" }, { "head", "Chủ hộ", "text" }, { "hamlet", "Thôn, bản", "text" }, { "unit", "Địa bàn", "text" },
		{ "state", "Tình trạng", "text" }, { "received", "Ngày đăng ký", "date" }, { "visit_due", "Hạn xác minh", "date" }, { "result", "Kết quả", "text" },
		{ "reason", "Lý do", "text" }, { "programme", "Chương trình", "text" },
	};
	return read_sheet(s, HOUSEHOLDS_LIST, sheet_new("households", "Danh sách hộ đăng ký", columns, COUNT_OF(columns)), ret);
}

int households_posted_sheet(const struct extent *s, json_t **ret)
{
	static const struct sheet_column columns[] = {
		{ "n", "STT", "int" }, { "head", "Chủ hộ", "text" }, { "hamlet", "Thôn, bản", "text" }, { "unit", "Địa bàn", "text" }, { "result", "Kết quả", "text" },
	};
	return read_sheet(s, HOUSEHOLDS_POSTED, sheet_new("posted", "Danh sách niêm yết công khai", columns, COUNT_OF(columns)), ret);
}
