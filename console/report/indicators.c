/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programme figures as a table. Called by report.c; the figures are campaigns/indicator.c's. */
#include "console/report/indicators.h"

#include <stdio.h>
#include <string.h>

#include "campaigns/indicator.h"
#include "console/report/cell.h"
#include "console/report/sheet.h"

/* "≥ 97" */
static json_t *target_text(const json_t *one)
{
	char room[CELL_BYTES], text[CELL_BYTES + 8];
	snprintf(text, sizeof(text), "%s %s", strcmp(json_str(one, "direction", ""), "at_least") == 0 ? "≥" : "≤",
		 cell_text(json_object_get(one, "target"), "number", true, room));
	return json_string(text);
}

static json_t *row_of(const json_t *one)
{
	const json_t *reached = json_object_get(one, "reached");
	const char *word = json_is_null(reached) ? "" : json_is_true(reached) ? "Đạt" : "Chưa đạt";
	char by[16]; /* no count: 2.030 is none */
	snprintf(by, sizeof(by), "%lld", (long long)json_int(one, "by", 0));
	return json_pack("[s,s,s,O,O,o,s,s,s]", json_str(one, "field", ""), json_str(one, "title", ""), json_str(one, "measure", ""), json_object_get(one, "last"),
			 json_object_get(one, "value"), target_text(one), by, word, json_str(one, "source", ""));
}

static int fill(json_t *sheet, const json_t *table, int year)
{
	char note[120];
	const json_t *one;
	size_t i, missing = 0;
	int r = 0;
	json_array_foreach(table, i, one) {
		missing += json_is_null(json_object_get(one, "value"));
		r = r ? r : sheet_row(sheet, row_of(one));
	}
	snprintf(note, sizeof(note), "Chưa có số liệu năm %d: %zu chỉ tiêu.", year, missing);
	return r || !missing ? r : sheet_note(sheet, note);
}

int indicators_sheet(const struct extent *s, json_t **ret)
{
	static const struct sheet_column columns[] = {
		{ "field", "Lĩnh vực", "text" }, { "indicator", "Chỉ tiêu", "text" }, { "measure", "Đơn vị tính", "text" }, { "last_year", "Năm trước", "number" },
		{ "this_year", "Năm nay", "number" }, { "goal", "Mục tiêu", "text" }, { "by_year", "Đến năm", "text" }, { "met", "Đánh giá", "text" },
		{ "source", "Nguồn", "text" },
	};
	OWN(json) json_t *sheet = sheet_new("indicators", "Số liệu chương trình so với chỉ tiêu", columns, COUNT_OF(columns)), *table = NULL;
	struct complaint c = { 0 };
	int year = 0;
	sscanf(s->to, "%4d", &year);
	int r = sheet ? indicator_table(s->in, s->unit, year, &table, &c) : E_NOMEM;
	r = r ? r : fill(sheet, table, year);
	if (!r)
		*ret = MOVE(sheet);
	return r;
}
