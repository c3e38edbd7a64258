/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Table T6. Called by report.c; counts and hiding are the tally's. */
#include "console/report/surveys.h"

#include <stdlib.h>

#include "config/config.h"
#include "console/report/sheet.h"
#include "handlers/tally.h"

#define SURVEYS_MOST 1000

enum { SURVEYS_OF, SURVEYS_SQL_COUNT };
static const char *const surveys_sql[SURVEYS_SQL_COUNT] = {
	[SURVEYS_OF] = "SELECT s.id FROM survey s JOIN campaign c ON c.id = s.campaign WHERE c.started_at >= $from AND c.started_at < $to AND "
		       EXTENT_UNIT("coalesce(nullif(c.unit, ''), $home)") " ORDER BY s.id LIMIT $limit",
};
const struct sql_module surveys_module = { "surveys", surveys_sql, SURVEYS_SQL_COUNT };

static json_t *shown(const json_t *count)
{
	return json_is_null(count) ? json_string(SHEET_HIDDEN) : json_incref((json_t *)(uintptr_t)count);
}

static int add_question(json_t *sheet, const json_t *survey, const json_t *question)
{
	const json_t *n = json_object_get(question, "n"), *option;
	size_t i;
	int r = 0;
	json_array_foreach(json_object_get(question, "options"), i, option) {
		const json_t *count = json_object_get(option, "count");
		json_t *share = json_is_null(count) ? json_null() : sheet_percent(json_integer_value(count), json_integer_value(n));
		r = r ? r : sheet_row(sheet, json_pack("[s,s,s,o,o,o,I,O]", json_str(survey, "title", ""), json_str(question, "text", ""), json_str(option, "label", ""),
						       shown(count), share, shown(n), (json_int_t)json_int(survey, "reached", 0), json_object_get(question, "rate")));
	}
	return r;
}

static int add_survey(const struct extent *s, json_t *sheet, int64_t id)
{
	OWN(json) json_t *survey = NULL;
	const json_t *question;
	size_t i;
	int r = tally_json(s->in, id, &survey);
	json_array_foreach(json_object_get(survey, "questions"), i, question)
		r = r ? r : add_question(sheet, survey, question);
	return r;
}

static int read_ids(const struct extent *s, int64_t *ids, size_t *ret_n)
{
	struct statement *st = store_prepare(s->in->db, &surveys_module, SURVEYS_OF);
	int r;
	extent_bind_units(s, st);
	bind_text(st, "$home", s->in->config->organisation.unit);
	bind_int(st, "$limit", SURVEYS_MOST);
	for (*ret_n = 0; (r = store_row(st)) > 0; (*ret_n)++)
		ids[*ret_n] = column_int(st, 0);
	store_reset(st);
	return r;
}

int surveys_sheet(const struct extent *s, json_t **ret)
{
	static const struct sheet_column columns[] = {
		{ "survey", "Khảo sát", "text" }, { "question", "Câu hỏi", "text" }, { "answer", "Trả lời", "text" }, { "count", "Số người", "number" },
		{ "share", "Tỷ lệ (%)", "percent" }, { "n", "n", "number" }, { "reached", "Đã nhận tin", "number" }, { "rate", "Tỷ lệ trả lời (%)", "percent" },
	};
	OWN(json) json_t *sheet = sheet_new("T6", "Kết quả khảo sát", columns, COUNT_OF(columns));
	OWN(mem) int64_t *ids = calloc(SURVEYS_MOST, sizeof(*ids));
	size_t n = 0;
	int r = sheet && ids ? read_ids(s, ids, &n) : E_NOMEM;
	for (size_t i = 0; !r && i < n; i++)
		r = add_survey(s, sheet, ids[i]);
	if (!r)
		r = sheet_note(sheet, "Người trả lời tự chọn, kết quả không mang tính đại diện. Ô dưới 5 người, và ô có thể suy ra nó, được thay bằng dấu *.");
	if (!r)
		*ret = MOVE(sheet);
	return r;
}
