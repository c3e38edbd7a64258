/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Table T2. Called by report.c. Reads what was received and how it moved; the present state of a case is never looked at, so that a
 * report of a past month says what it said then. */
#include "console/report/caseload.h"

#include <stdlib.h>
#include <string.h>

#include "console/report/sheet.h"
#include "handlers/keywords.h"

#define UNIT_BYTES 16
#define UNIT_THEN "coalesce((SELECT m.unit FROM case_move m WHERE m.casefile = c.id AND m.at < $to ORDER BY m.id DESC LIMIT 1)," UNIT_FIRST ")"
#define UNIT_FIRST "coalesce((SELECT m.unit_was FROM case_move m WHERE m.casefile = c.id ORDER BY m.id LIMIT 1), c.unit, '')"
#define STATE_THEN "coalesce((SELECT m.state FROM case_move m WHERE m.casefile = c.id AND m.at < $to ORDER BY m.id DESC LIMIT 1)," \
		   " (SELECT m.state_was FROM case_move m WHERE m.casefile = c.id ORDER BY m.id LIMIT 1), c.state)"
#define DUE_THEN "coalesce((SELECT m.due_at FROM case_move m WHERE m.casefile = c.id AND m.at >= $to ORDER BY m.id LIMIT 1), c.due_at)"
#define MOVES(unit, what) "SELECT " unit " AS unit, " what " AS what, m.at AS at FROM case_move m JOIN casefile c ON c.id = m.casefile WHERE m.at < $to AND " EXTENT_SEEN
#define ANSWERED "'answered'"

enum { CASELOAD_CHANGES, CASELOAD_ANSWERS, CASELOAD_OVERDUE, CASELOAD_SQL_COUNT };
static const char *const caseload_sql[CASELOAD_SQL_COUNT] = {
	[CASELOAD_CHANGES] =
		"SELECT unit, what, sum(CASE WHEN at < $from THEN 1 ELSE 0 END), sum(CASE WHEN at >= $from THEN 1 ELSE 0 END) FROM ("
		"SELECT " UNIT_FIRST " AS unit, 'received' AS what, c.received_at AS at FROM casefile c WHERE c.received_at < $to AND " EXTENT_SEEN
		" UNION ALL " MOVES("m.unit", "'closed'") " AND m.state = 'closed' AND m.state_was <> 'closed'"
		" UNION ALL " MOVES("m.unit", "'reopened'") " AND m.state <> 'closed' AND m.state_was = 'closed'"
		" UNION ALL " MOVES("m.unit_was", "'left'") " AND m.state_was <> 'closed' AND m.unit_was <> m.unit"
		" UNION ALL " MOVES("m.unit", "'came'") " AND m.state_was <> 'closed' AND m.unit_was <> m.unit"
		/* closed by a release that kept no history */
		" UNION ALL SELECT coalesce(c.unit, ''), 'closed', c.changed_at FROM casefile c WHERE c.changed_at < $to AND c.state = 'closed' AND " EXTENT_SEEN
		" AND NOT EXISTS (SELECT 1 FROM case_move m WHERE m.casefile = c.id)"
		") d WHERE " EXTENT_UNIT("unit") " GROUP BY unit, what ORDER BY unit, what",
	[CASELOAD_ANSWERS] = "SELECT m.unit, c.received_at, m.at, m.due_at FROM case_move m JOIN casefile c ON c.id = m.casefile WHERE m.at >= $from AND"
			    " m.at < $to AND m.state = " ANSWERED " AND " EXTENT_SEEN " AND " EXTENT_UNIT("m.unit")
			    " AND NOT EXISTS (SELECT 1 FROM case_move e WHERE e.casefile = m.casefile AND e.id < m.id AND e.state = " ANSWERED ") ORDER BY m.id",
	[CASELOAD_OVERDUE] = "SELECT unit, count(*) FROM (SELECT " UNIT_THEN " AS unit, " STATE_THEN " AS state, " DUE_THEN " AS due_at FROM casefile c"
			    " WHERE c.received_at < $to AND " EXTENT_SEEN ") d WHERE due_at < $moment AND state NOT IN ('answered', 'notified', 'closed')"
			    " AND " EXTENT_UNIT("unit") " GROUP BY unit ORDER BY unit",
};
const struct sql_module caseload_module = { "caseload", caseload_sql, CASELOAD_SQL_COUNT };

struct line {
	char unit[UNIT_BYTES];
	struct caseload b;
};

struct lines {
	struct line *all;
	size_t n, room;
};

static int line_of(struct lines *l, const char *unit, struct caseload **ret)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->all[i].unit, unit) == 0) {
			*ret = &l->all[i].b;
			return 0;
		}
	if (l->n == l->room) {
		size_t room = l->room ? 2 * l->room : 64;
		struct line *more = realloc(l->all, room * sizeof(*more));
		if (!more)
			return E_NOMEM;
		l->all = more;
		l->room = room;
	}
	l->all[l->n] = (struct line){ 0 };
	snprintf(l->all[l->n].unit, UNIT_BYTES, "%s", unit);
	*ret = &l->all[l->n++].b;
	return 0;
}

static void change(struct caseload *b, const char *what, int64_t before, int64_t within)
{
	static const struct {
		const char *what;
		int sign;
		size_t at;
	} kinds[] = {
		{ "received", 1, offsetof(struct caseload, received) }, { "reopened", 1, offsetof(struct caseload, reopened) },
		{ "came", 1, offsetof(struct caseload, came) },         { "closed", -1, offsetof(struct caseload, closed) },
		{ "left", -1, offsetof(struct caseload, left) },
	};
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (strcmp(kinds[i].what, what) == 0) {
			*(int64_t *)(void *)((char *)b + kinds[i].at) += within;
			b->opening += kinds[i].sign * before;
			b->carried += kinds[i].sign * (before + within);
		}
}

static int read_changes(const struct extent *s, struct lines *l)
{
	struct statement *st = store_prepare(s->in->db, &caseload_module, CASELOAD_CHANGES);
	struct caseload *b = NULL;
	int r;
	extent_bind(s, st);
	while ((r = store_row(st)) > 0 && (r = line_of(l, column_text(st, 0), &b)) == 0)
		change(b, column_text(st, 1), column_int(st, 2), column_int(st, 3));
	store_reset(st);
	return r;
}

static int read_answers(const struct extent *s, struct lines *l)
{
	static const struct workdays weekends_only = { 0 };
	const struct workdays *days = s->in->keywords ? &s->in->keywords->workdays : &weekends_only;
	struct statement *st = store_prepare(s->in->db, &caseload_module, CASELOAD_ANSWERS);
	struct caseload *b = NULL;
	int r;
	extent_bind(s, st);
	while ((r = store_row(st)) > 0 && (r = line_of(l, column_text(st, 0), &b)) == 0) {
		bool late = !column_null(st, 3) && column_int(st, 2) > column_int(st, 3);
		b->late += late;
		b->in_time += !late;
		b->working_days += workday_between(days, s->in->zone, column_int(st, 1), column_int(st, 2));
	}
	store_reset(st);
	return r;
}

static int read_overdue(const struct extent *s, struct lines *l)
{
	struct statement *st = store_prepare(s->in->db, &caseload_module, CASELOAD_OVERDUE);
	struct caseload *b = NULL;
	int r;
	extent_bind_scope(s, st);
	bind_int(st, "$to", s->to_ms);
	bind_text(st, "$territory", s->territory);
	bind_int(st, "$moment", s->to_ms < s->in->now_ms ? s->to_ms : s->in->now_ms);
	while ((r = store_row(st)) > 0 && (r = line_of(l, column_text(st, 0), &b)) == 0)
		b->overdue += column_int(st, 1);
	store_reset(st);
	return r;
}

/* ---- the table ---- */

static const struct sheet_column columns[] = {
	{ "unit", "Mã đơn vị", "text" }, { "name", "Đơn vị", "text" }, { "opening", "Đầu kỳ", "int" }, { "received", "Tiếp nhận", "int" },
	{ "reopened", "Mở lại", "int" }, { "came", "Nhận chuyển đến", "int" }, { "closed", "Kết thúc", "int" }, { "left", "Chuyển đi", "int" },
	{ "carried", "Chuyển kỳ sau", "int" }, { "in_time", "Trả lời đúng hạn", "int" }, { "late", "Trả lời quá hạn", "int" },
	{ "overdue", "Đang quá hạn", "int" }, { "days", "Số ngày làm việc bình quân", "real" },
};

static json_t *mean(int64_t sum, int64_t n)
{
	return n ? json_real((double)(10 * sum / n) / 10.0) : json_null();
}

static json_t *row_of(const struct extent *s, const struct line *l)
{
	const struct caseload *b = &l->b;
	return json_pack("[s,s,I,I,I,I,I,I,I,I,I,I,o]", l->unit, places_name(s->places, l->unit), (json_int_t)b->opening, (json_int_t)b->received,
			 (json_int_t)b->reopened, (json_int_t)b->came, (json_int_t)b->closed, (json_int_t)b->left, (json_int_t)b->carried,
			 (json_int_t)b->in_time, (json_int_t)b->late, (json_int_t)b->overdue, mean(b->working_days, b->in_time + b->late));
}

static void add(struct caseload *sum, const struct caseload *b)
{
	sum->opening += b->opening;
	sum->received += b->received;
	sum->reopened += b->reopened;
	sum->came += b->came;
	sum->closed += b->closed;
	sum->left += b->left;
	sum->carried += b->carried;
	sum->in_time += b->in_time;
	sum->late += b->late;
	sum->overdue += b->overdue;
	sum->working_days += b->working_days;
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(((const struct line *)a)->unit, ((const struct line *)b)->unit);
}

static int write_sheet(const struct extent *s, struct lines *l, json_t **ret, struct caseload *ret_sum)
{
	OWN(json) json_t *sheet = sheet_new("T2", "Tình trạng xử lý và thời hạn", columns, COUNT_OF(columns));
	struct caseload sum = { 0 };
	int r = sheet ? 0 : E_NOMEM;
	if (l->n)
		qsort(l->all, l->n, sizeof(*l->all), compare_lines);
	for (size_t i = 0; !r && i < l->n; i++) {
		add(&sum, &l->all[i].b);
		r = sheet_row(sheet, row_of(s, &l->all[i]));
	}
	if (!r)
		r = sheet_add_up(sheet);
	if (!r)
		r = sheet_note(sheet, "Đầu kỳ + tiếp nhận + mở lại + nhận chuyển đến − kết thúc − chuyển đi = chuyển kỳ sau. Thời hạn tính theo ngày làm việc.");
	if (r)
		return r;
	*ret = MOVE(sheet);
	if (ret_sum)
		*ret_sum = sum;
	return 0;
}

int caseload_sheet(const struct extent *s, json_t **ret, struct caseload *ret_sum)
{
	struct lines l = { 0 };
	int r = read_changes(s, &l);
	r = r ? r : read_answers(s, &l);
	r = r ? r : read_overdue(s, &l);
	r = r ? r : write_sheet(s, &l, ret, ret_sum);
	free(l.all);
	return r;
}
