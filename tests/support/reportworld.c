/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cases for reports, and what stands in them. */
#include "tests/support/reportworld.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "console/report/report.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/store/store.h"

int64_t reported_case(struct fixture *f, const char *number, const char *unit, const char *topic, const char *kind, bool restricted, const char *text)
{
	struct casefile c;
	bool joined = true;
	int64_t address = fixture_address(f, number);
	struct casefile_new n = { .address = address, .channel = "may-ao", .unit = unit, .text = text, .fold = text, .topics = { topic }, .kind = kind,
				  .urgency = "normal", .restricted = restricted };
	assert_int_equal(casefile_open(fixture_begin(f), &n, &c, &joined), 0);
	fixture_commit(f);
	assert_false(joined);
	return c.id;
}

void reported_move(struct fixture *f, int64_t id, enum case_state to)
{
	struct casefile c;
	struct tick *t = fixture_begin(f);
	assert_int_equal(casefile_get(&t->in, id, &c), 0);
	assert_int_equal(casefile_move(t, &c, to), 0);
	fixture_commit(f);
}

void reported_carry(struct fixture *f, int64_t id, const char *unit)
{
	char sql[120];
	struct casefile was, is;
	struct tick *t = fixture_begin(f);
	assert_int_equal(casefile_get(&t->in, id, &was), 0);
	is = was;
	snprintf(is.unit, sizeof(is.unit), "%s", unit);
	snprintf(sql, sizeof(sql), "UPDATE casefile SET unit = '%s' WHERE id = %lld", unit, (long long)id);
	assert_int_equal(store_script(f->db, sql), 0);
	assert_int_equal(casefile_moved(t, &was, &is), 0);
	fixture_commit(f);
}

json_t *report_for(struct fixture *f, const char *kind, const char *unit, const char *from, const char *to, const char *territory)
{
	OWN(json) json_t *args = json_pack("{s:s,s:s,s:s,s:s,s:s}", "kind", kind, "unit", unit, "from", from, "to", to, "territory", territory);
	struct scope in = fixture_scope(f);
	struct complaint c = { 0 };
	struct config shipped = *f->config;
	json_t *out = NULL;
	shipped.file = (char *)"config/caunoi.conf"; /* data files are looked for beside it */
	in.config = &shipped;
	int r = report_document(&in, args, &out, &c);
	if (r)
		fail_msg("%s: %d %s", kind, r, c.text);
	return out;
}

/* Borrowed. */
const json_t *report_sheet(const json_t *document, const char *id)
{
	size_t i, k;
	const json_t *section, *sheet;
	json_array_foreach(json_object_get(document, "sections"), i, section)
		json_array_foreach(json_object_get(section, "sheets"), k, sheet)
			if (strcmp(json_str(sheet, "id", ""), id) == 0)
				return sheet;
	fail_msg("no table %s", id);
	return NULL;
}

int report_column(const json_t *sheet, const char *key)
{
	size_t i;
	const json_t *column;
	json_array_foreach(json_object_get(sheet, "columns"), i, column)
		if (strcmp(json_str(column, "key", ""), key) == 0)
			return (int)i;
	fail_msg("no column %s", key);
	return -1;
}

/* The cell of the row that begins with first; NULL = the total. */
const json_t *report_cell(const json_t *sheet, const char *first, const char *key)
{
	size_t i;
	const json_t *row, *total = json_object_get(sheet, "total");
	if (!first)
		return json_array_get(total, (size_t)report_column(sheet, key));
	json_array_foreach(json_object_get(sheet, "rows"), i, row)
		if (json_is_string(json_array_get(row, 0)) && strcmp(json_string_value(json_array_get(row, 0)), first) == 0)
			return json_array_get(row, (size_t)report_column(sheet, key));
	return NULL;
}

void assert_report_cell(const json_t *document, const char *sheet, const char *first, const char *key, int64_t want)
{
	const json_t *cell = report_cell(report_sheet(document, sheet), first, key);
	if (!json_is_integer(cell) || json_integer_value(cell) != want) {
		OWN(mem) char *got = cell ? json_dumps(cell, JSON_ENCODE_ANY) : NULL;
		fail_msg("%s %s %s: %s instead of %lld", sheet, first ? first : "total", key, got ? got : "nothing", (long long)want);
	}
}
