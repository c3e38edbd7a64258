/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of reports. Called by whatever reads figures; knows none of them. */
#include "console/report/sheet.h"

#include <math.h>
#include <string.h>

json_t *sheet_new(const char *id, const char *title, const struct sheet_column *columns, size_t n)
{
	json_t *s = json_pack("{s:s,s:s,s:[],s:[],s:n,s:[]}", "id", id, "title", title, "columns", "rows", "total", "notes");
	for (size_t i = 0; s && i < n; i++)
		if (sheet_column_add(s, columns[i].key, columns[i].title, columns[i].type)) {
			json_decref(s);
			return NULL;
		}
	return s;
}

int sheet_column_add(json_t *sheet, const char *key, const char *title, const char *type)
{
	json_t *c = json_pack("{s:s,s:s,s:s}", "key", key, "title", title, "type", type);
	return json_array_append_new(json_object_get(sheet, "columns"), c) ? E_NOMEM : 0;
}

int sheet_row(json_t *sheet, json_t *row)
{
	return json_array_append_new(json_object_get(sheet, "rows"), row) ? E_NOMEM : 0;
}

int sheet_note(json_t *sheet, const char *note)
{
	return json_array_append_new(json_object_get(sheet, "notes"), json_string(note)) ? E_NOMEM : 0;
}

static json_t *column_sum(const json_t *rows, size_t column)
{
	int64_t sum = 0;
	size_t i;
	const json_t *row;
	json_array_foreach(rows, i, row) {
		const json_t *cell = json_array_get(row, column);
		if (json_is_string(cell))
			return json_string(SHEET_HIDDEN); /* a sum would give a hidden one away */
		sum += json_integer_value(cell);
	}
	return json_integer(sum);
}

int sheet_add_up(json_t *sheet)
{
	const json_t *columns = json_object_get(sheet, "columns"), *rows = json_object_get(sheet, "rows"), *column;
	OWN(json) json_t *total = json_array();
	size_t i;
	if (!json_array_size(rows))
		return 0;
	json_array_foreach(columns, i, column) {
		bool counts = strcmp(json_str(column, "type", ""), "int") == 0;
		if (json_array_append_new(total, counts ? column_sum(rows, i) : i == 0 ? json_string("Cộng") : json_null()))
			return E_NOMEM;
	}
	return json_object_set(sheet, "total", total) ? E_NOMEM : 0;
}

json_t *sheet_percent(int64_t part, int64_t whole)
{
	return whole ? json_real(round(1000.0 * (double)part / (double)whole) / 10.0) : json_null();
}

json_t *sheet_count(int64_t n, bool hidden)
{
	return hidden ? json_string(SHEET_HIDDEN) : json_integer(n);
}
