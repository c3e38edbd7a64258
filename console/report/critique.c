/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The baskets of social critique. Called by report.c. Restricted cases are counted for whoever may know of them, their codes never stand here. */
#include "console/report/critique.h"

#include <string.h>

#include "console/report/sheet.h"
#include "gateway/base/buffer.h"

enum { CRITIQUE_CASES, CRITIQUE_SQL_COUNT };
static const char *const critique_sql[CRITIQUE_SQL_COUNT] = {
	[CRITIQUE_CASES] = "SELECT c.draft, c.code, c.restricted, 1 + (SELECT count(*) FROM casefile k WHERE k.merged_into = c.id),"
			   " CASE WHEN EXISTS (SELECT 1 FROM case_move m WHERE m.casefile = c.id AND m.state = 'forwarded' AND m.at < $to) THEN 1 ELSE 0 END,"
			   " CASE WHEN EXISTS (SELECT 1 FROM case_move m WHERE m.casefile = c.id AND m.state = 'answered' AND m.at < $to) THEN 1 ELSE 0 END"
			   " FROM casefile c WHERE c.received_at >= $from AND c.received_at < $to AND c.draft IS NOT NULL AND c.merged_into IS NULL AND " EXTENT_SEEN
			   " AND " EXTENT_UNIT("coalesce(c.unit, '')") " ORDER BY c.draft_fold, c.id",
};
const struct sql_module critique_module = { "critique", critique_sql, CRITIQUE_SQL_COUNT };

struct basket {
	char *draft;
	int64_t cases, people, forwarded, answered;
	struct buffer codes;
};

static int end(struct basket *b, json_t *sheet)
{
	int r = !b->draft ? 0 : sheet_row(sheet, json_pack("[s,I,I,I,I,s]", b->draft, (json_int_t)b->cases, (json_int_t)b->people, (json_int_t)b->forwarded,
							   (json_int_t)b->answered, b->codes.n_bytes ? buffer_text(&b->codes) : ""));
	free(b->draft);
	buffer_done(&b->codes);
	*b = (struct basket){ .draft = NULL };
	return r;
}

static int put(struct basket *b, json_t *sheet, struct statement *st)
{
	int r = b->draft && strcmp(b->draft, column_text(st, 0)) ? end(b, sheet) : 0;
	if (!r && !b->draft && !(b->draft = strdup(column_text(st, 0))))
		r = E_NOMEM;
	b->cases++;
	b->people += column_int(st, 3);
	b->forwarded += column_int(st, 4);
	b->answered += column_int(st, 5);
	if (!r && !column_int(st, 2))
		r = buffer_printf(&b->codes, "%s%s", b->codes.n_bytes ? ", " : "", column_text(st, 1));
	return r;
}

static int read_cases(const struct extent *s, json_t *sheet)
{
	struct statement *st = store_prepare(s->in->db, &critique_module, CRITIQUE_CASES);
	struct basket b = { .draft = NULL };
	int r;
	extent_bind(s, st);
	while ((r = store_row(st)) > 0 && (r = put(&b, sheet, st)) == 0)
		;
	store_reset(st);
	int ended = end(&b, sheet);
	return r ? r : ended;
}

int critique_sheet(const struct extent *s, json_t **ret)
{
	static const struct sheet_column columns[] = {
		{ "draft", "Dự thảo chính sách", "text" }, { "cases", "Số ý kiến", "int" }, { "people", "Số người", "int" }, { "forwarded", "Đã chuyển", "int" },
		{ "answered", "Đã trả lời", "int" }, { "codes", "Mã vụ việc", "text" },
	};
	OWN(json) json_t *sheet = sheet_new("critique", "Góp ý phản biện theo dự thảo chính sách", columns, COUNT_OF(columns));
	int r = sheet ? read_cases(s, sheet) : E_NOMEM;
	r = r ? r : sheet_add_up(sheet);
	if (!r && json_array_size(json_object_get(sheet, "rows")))
		*ret = MOVE(sheet);
	return r;
}
