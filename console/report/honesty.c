/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The honesty report. Called by report.c. Counts closings, so that a case closed twice is looked at twice. */
#include "console/report/honesty.h"

#include "console/report/sheet.h"
#include "gateway/base/calendar.h"

/* A receipt is the gateway's word, not an answer. */
#define SILENT "NOT EXISTS (SELECT 1 FROM case_event e WHERE e.casefile = m.casefile AND e.message IS NOT NULL AND e.what NOT IN ('receipt', 'duty') AND e.at <= m.at)"
#define QUICK "m.at - c.received_at < 10 * 60000"
#define CLOSINGS " FROM case_move m JOIN casefile c ON c.id = m.casefile WHERE m.at >= $from AND m.at < $to AND m.state = 'closed' AND m.state_was <> 'closed' AND " \
		 EXTENT_SEEN " AND " EXTENT_UNIT("m.unit")
#define REASON "(SELECT e.text FROM case_event e WHERE e.casefile = c.id AND e.what = 'closed' AND e.at = m.at ORDER BY e.id DESC LIMIT 1)"
#define LISTED "SELECT m.unit, c.code, m.at, (m.at - c.received_at) / 60000, " REASON CLOSINGS " AND c.restricted = 0 AND "

enum { HONESTY_SUMMARY, HONESTY_QUICK, HONESTY_BATCHES, HONESTY_SILENT, HONESTY_SQL_COUNT };
static const char *const honesty_sql[HONESTY_SQL_COUNT] = {
	[HONESTY_SUMMARY] = "SELECT m.unit, count(*), sum(CASE WHEN " QUICK " THEN 1 ELSE 0 END), sum(CASE WHEN " SILENT " THEN 1 ELSE 0 END)" CLOSINGS
			    " GROUP BY m.unit ORDER BY m.unit",
	[HONESTY_QUICK] = LISTED QUICK " ORDER BY m.id",
	[HONESTY_BATCHES] = "SELECT m.unit, min(m.at), count(*)" CLOSINGS " GROUP BY m.unit, m.at / 60000 HAVING count(*) >= 5 ORDER BY 2, 1",
	[HONESTY_SILENT] = LISTED SILENT " ORDER BY m.id",
};
const struct sql_module honesty_module = { "honesty", honesty_sql, HONESTY_SQL_COUNT };

static json_t *moment_of(const struct extent *s, int64_t at_ms)
{
	char iso[CALENDAR_ISO_BYTES];
	calendar_format_iso(s->in->zone, at_ms, iso);
	return json_stringn(iso, 16);
}

static json_t *summary_row(const struct extent *s, struct statement *st)
{
	const char *unit = column_text(st, 0);
	int64_t closed = column_int(st, 1), quick = column_int(st, 2), silent = column_int(st, 3);
	return json_pack("[s,s,I,I,o,I,o]", unit, places_name(s->places, unit), (json_int_t)closed, (json_int_t)quick, sheet_percent(quick, closed), (json_int_t)silent,
			 sheet_percent(silent, closed));
}

static json_t *case_row(const struct extent *s, struct statement *st)
{
	const char *reason = column_text(st, 4);
	return json_pack("[s,s,o,I,s]", column_text(st, 1), places_name(s->places, column_text(st, 0)), moment_of(s, column_int(st, 2)), (json_int_t)column_int(st, 3),
			 reason ? reason : "");
}

static json_t *batch_row(const struct extent *s, struct statement *st)
{
	const char *unit = column_text(st, 0);
	return json_pack("[s,s,o,I]", unit, places_name(s->places, unit), moment_of(s, column_int(st, 1)), (json_int_t)column_int(st, 2));
}

static int read_rows(const struct extent *s, size_t sql, json_t *(*row)(const struct extent *s, struct statement *st), json_t *sheet)
{
	struct statement *st = store_prepare(s->in->db, &honesty_module, sql);
	int r;
	extent_bind(s, st);
	while ((r = store_row(st)) > 0 && (r = sheet_row(sheet, row(s, st))) == 0)
		;
	store_reset(st);
	return r;
}

int honesty_sheets(const struct extent *s, json_t *sheets)
{
	static const struct sheet_column summary[] = {
		{ "unit", "Mã đơn vị", "text" }, { "name", "Đơn vị", "text" }, { "closed", "Lượt kết thúc", "int" }, { "quick", "Trong 10 phút", "int" },
		{ "quick_rate", "Tỷ lệ (%)", "percent" }, { "silent", "Không báo người dân", "int" }, { "silent_rate", "Tỷ lệ (%)", "percent" },
	};
	static const struct sheet_column cases[] = {
		{ "code", "Mã", "text" }, { "name", "Đơn vị", "text" }, { "at", "Kết thúc lúc", "moment" }, { "minutes", "Sau khi nhận (phút)", "number" }, { "reason", "Lý do", "text" },
	};
	static const struct sheet_column batches[] = {
		{ "unit", "Mã đơn vị", "text" }, { "name", "Đơn vị", "text" }, { "at", "Từ lúc", "moment" }, { "closed", "Số vụ trong một phút", "int" },
	};
	const struct {
		const char *id, *title;
		const struct sheet_column *columns;
		size_t n, sql;
		json_t *(*row)(const struct extent *s, struct statement *st);
	} tables[] = {
		{ "summary", "Kết thúc vụ việc theo đơn vị", summary, COUNT_OF(summary), HONESTY_SUMMARY, summary_row },
		{ "quick", "Kết thúc trong 10 phút sau khi nhận", cases, COUNT_OF(cases), HONESTY_QUICK, case_row },
		{ "batches", "Kết thúc hàng loạt", batches, COUNT_OF(batches), HONESTY_BATCHES, batch_row },
		{ "silent", "Kết thúc mà không trả lời người dân", cases, COUNT_OF(cases), HONESTY_SILENT, case_row },
	};
	for (size_t i = 0; i < COUNT_OF(tables); i++) {
		OWN(json) json_t *sheet = sheet_new(tables[i].id, tables[i].title, tables[i].columns, tables[i].n);
		int r = sheet ? read_rows(s, tables[i].sql, tables[i].row, sheet) : E_NOMEM;
		if (!r && i == 0)
			r = sheet_add_up(sheet);
		if (r || json_array_append(sheets, sheet))
			return r ? r : E_NOMEM;
	}
	return 0;
}
