/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of reports over random months: a balance that holds whatever happened, sums of units, and every kind of file says the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "console/report/page.h"
#include "gateway/base/json.h"
#include "gateway/store/store.h"
#include "tests/support/fixture.h"
#include "tests/support/reportworld.h"

#define DAY_MS (INT64_C(24) * 3600000)
#define MINUTE_MS INT64_C(60000)

/* ---- the balance ---- */

static int64_t open_now(struct fixture *f, const char *unit)
{
	char sql[120];
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM casefile WHERE state <> 'closed' AND unit = '%s'", unit);
	return store_scalar(f->db, sql, -1);
}

static const char *const units[] = { "02269", "02266", "02221" };

static void step_at_random(struct fixture *f, struct random *r, int64_t *n_cases)
{
	struct casefile c;
	clock_advance(&f->clock, (int64_t)random_below(r, (uint32_t)(2 * DAY_MS)));
	if (*n_cases < 4 || random_below(r, 3) == 0) {
		char number[16], text[24];
		snprintf(number, sizeof(number), "+849120%05u", (unsigned)*n_cases);
		snprintf(text, sizeof(text), "noi dung %u", (unsigned)*n_cases);
		*n_cases = reported_case(f, number, units[random_below(r, COUNT_OF(units))], "BHYT", "report", random_below(r, 4) == 0, text);
		return;
	}
	int64_t id = 1 + (int64_t)random_below(r, (uint32_t)*n_cases);
	struct scope in = fixture_scope(f);
	enum case_state to = (enum case_state)random_below(r, CASE_STATES);
	assert_int_equal(casefile_get(&in, id, &c), 0);
	if (random_below(r, 4) == 0)
		reported_carry(f, id, units[random_below(r, COUNT_OF(units))]);
	else if (case_may_move(c.state, to))
		reported_move(f, id, to);
}

static void balance_holds_whatever_happened(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct fixture *f = fixture_new(NULL);
		struct random r = random_seeded(seed);
		int64_t n_cases = 0, carried_before = 0;
		clock_advance(&f->clock, -120 * DAY_MS);
		for (int i = 0; i < 60; i++)
			step_at_random(f, &r, &n_cases);
		static const char *const months[][2] = { { "2026-07-01", "2026-08-31" }, { "2026-09-01", "2026-09-30" }, { "2026-10-01", "2027-12-31" } };
		for (size_t m = 0; m < COUNT_OF(months); m++) {
			OWN(json) json_t *d = report_for(f, "monthly", "", months[m][0], months[m][1], "");
			const json_t *b = json_object_get(d, "balance");
			int64_t carried = json_int(b, "carried_over", -1);
			assert_int_equal(json_int(b, "opening", -1), carried_before);
			assert_int_equal(json_int(b, "opening", 0) + json_int(b, "new", 0) - json_int(b, "closed", 0), carried);
			carried_before = carried;
			for (size_t u = 0; m == 2 && u < COUNT_OF(units); u++) { /* what is open now was never asked of the history */
				const json_t *cell = report_cell(report_sheet(d, "T2"), units[u], "carried");
				assert_int_equal(json_integer_value(cell), open_now(f, units[u]));
			}
		}
		fixture_free(f);
	}
}

/* ---- laws over whatever happened ---- */

static const char *const moves_in[] = { "received", "reopened", "came" }, *const moves_out[] = { "closed", "left" };

static int64_t number_at(const json_t *sheet, const json_t *row, const char *key)
{
	return json_integer_value(json_array_get(row, (size_t)report_column(sheet, key)));
}

/* Each line of T2 adds up. */
static void assert_lines_balance(const json_t *sheet)
{
	size_t i;
	const json_t *row;
	json_array_foreach(json_object_get(sheet, "rows"), i, row) {
		int64_t n = number_at(sheet, row, "opening");
		for (size_t k = 0; k < COUNT_OF(moves_in); k++)
			n += number_at(sheet, row, moves_in[k]);
		for (size_t k = 0; k < COUNT_OF(moves_out); k++)
			n -= number_at(sheet, row, moves_out[k]);
		assert_int_equal(n, number_at(sheet, row, "carried"));
	}
}

/* A count of a topic, 0 where nobody spoke of it. */
static int64_t spoken(const json_t *document, const char *topic)
{
	const json_t *cell = report_cell(report_sheet(document, "T1"), topic, "cases");
	return cell ? json_integer_value(cell) : 0;
}

static const char *const spoken_of[] = { "BHYT", "HATANG", "NHAO" };

/* What a commune carries over is what it opens the next month with, and the province says what its communes say. */
static void lines_balance_and_sums_are_those_of_the_units(void **state)
{
	(void)state;
	static const char *const months[][2] = { { "2026-07-01", "2026-08-31" }, { "2026-09-01", "2026-09-30" }, { "2026-10-01", "2026-11-30" } };
	static const char *const keys[] = { "opening", "received", "reopened", "came", "closed", "left", "carried", "in_time", "late", "overdue" };
	struct fixture *f = fixture_new(NULL);
	struct random r = random_seeded(11);
	int64_t n_cases = 0, carried[COUNT_OF(units)] = { 0 };
	clock_advance(&f->clock, -120 * DAY_MS);
	for (int i = 0; i < 40; i++)
		step_at_random(f, &r, &n_cases);
	for (size_t i = 0; i < COUNT_OF(spoken_of); i++) {
		char sql[120];
		snprintf(sql, sizeof(sql), "UPDATE casefile SET topic = '%s' WHERE id %% 3 = %zu", spoken_of[i], i);
		assert_int_equal(store_script(f->db, sql), 0);
	}
	for (size_t m = 0; m < COUNT_OF(months); m++) {
		int64_t sums[COUNT_OF(keys)] = { 0 }, topics[COUNT_OF(spoken_of)] = { 0 };
		for (size_t u = 0; u < COUNT_OF(units); u++) {
			/* read in the commune: restricted cases are in neither */
			OWN(json) json_t *d = report_for(f, "monthly", units[u], months[m][0], months[m][1], "");
			const json_t *t2 = report_sheet(d, "T2"), *row = json_array_get(json_object_get(t2, "rows"), 0);
			assert_lines_balance(t2);
			for (size_t k = 0; row && k < COUNT_OF(keys); k++)
				sums[k] += number_at(t2, row, keys[k]);
			assert_int_equal(row ? number_at(t2, row, "opening") : 0, carried[u]);
			carried[u] = row ? number_at(t2, row, "carried") : 0;
			for (size_t i = 0; i < COUNT_OF(spoken_of); i++)
				topics[i] += spoken(d, spoken_of[i]);
		}
		OWN(json) json_t *whole = report_for(f, "monthly", "08", months[m][0], months[m][1], "02269"); /* as a commune may read: the ordinary ones */
		assert_lines_balance(report_sheet(whole, "T2"));
		assert_true(json_array_size(json_object_get(report_sheet(whole, "T2"), "rows")) > 0);
		for (size_t k = 0; k < COUNT_OF(keys); k++)
			assert_report_cell(whole, "T2", NULL, keys[k], sums[k]);
		for (size_t i = 0; i < COUNT_OF(spoken_of); i++)
			assert_int_equal(spoken(whole, spoken_of[i]), topics[i]);
	}
	fixture_free(f);
}

/* ---- every kind of file says the same ---- */

/* The next <td> of a page without what it is marked with: its words, or NULL. */
static char *next_cell(const char **at)
{
	const char *begin = strstr(*at, "<td"), *words = begin ? strchr(begin, '>') + 1 : NULL, *end = words ? strstr(words, "</td>") : NULL;
	if (!end)
		return NULL;
	*at = end;
	char *out = strndup(words, (size_t)(end - words));
	assert_non_null(out);
	if (strncmp(begin, "<td class=\"n\"", 13) == 0) { /* thousands stand apart for people alone */
		char *to = out;
		for (const char *from = out; *from; from++)
			if (*from != '.')
				*to++ = *from;
		*to = '\0';
	}
	return out;
}

/* The next cell of CSV behind a comma or a line's beginning. */
static char *next_field(const char **at)
{
	struct buffer out = { 0 };
	bool quoted = **at == '"';
	const char *p = *at + quoted;
	for (; *p && (quoted || !strchr(",\r\n", *p)); p++) {
		if (quoted && *p == '"' && *++p != '"')
			break;
		assert_int_equal(buffer_put(&out, p, 1), 0);
	}
	*at = p;
	return out.data ? out.data : strdup("");
}

static void same_cells(const json_t *document, const char *html, const char *csv)
{
	size_t i, k, n, cells = 0;
	const json_t *section, *sheet, *row;
	json_array_foreach(json_object_get(document, "sections"), i, section)
		json_array_foreach(json_object_get(section, "sheets"), k, sheet) {
			size_t width = json_array_size(json_object_get(sheet, "columns"));
			bool any = json_array_size(json_object_get(sheet, "rows")) > 0;
			csv = strstr(csv, json_str(sheet, "title", "?")); /* title, heads, rows, total, notes */
			assert_non_null(csv);
			for (size_t line = 0; line < 2; line++)
				csv = strchr(csv, '\n') + 1;
			json_array_foreach(json_object_get(sheet, "rows"), n, row)
				for (size_t c = 0; c < width; c++, cells++) {
					const json_t *cell = json_array_get(row, c);
					OWN(mem) char *shown = next_cell(&html), *field = next_field(&csv);
					char number[32];
					assert_non_null(shown);
					assert_string_equal(shown, field);
					snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(cell));
					if (json_is_integer(cell))
						assert_string_equal(field, number);
					csv += strspn(csv, c + 1 < width ? "," : "\r\n");
				}
			for (size_t c = 0; any && json_is_array(json_object_get(sheet, "total")) && c < width; c++) {
				OWN(mem) char *skipped = next_cell(&html);
				assert_non_null(skipped);
			}
		}
	assert_true(cells > 50);
}

static void page_and_list_say_what_the_document_says(void **state)
{
	(void)state;
	static const char *const kinds[] = { "monthly", "annual", "session", "honesty" };
	struct fixture *f = fixture_new(NULL);
	struct random r = random_seeded(21);
	int64_t n_cases = 0;
	clock_advance(&f->clock, -60 * DAY_MS);
	for (int i = 0; i < 25; i++)
		step_at_random(f, &r, &n_cases);
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		OWN(json) json_t *d = report_for(f, kinds[i], "", "2026-09-01", "2026-11-30", "");
		OWN(buffer) struct buffer html = { 0 }, csv = { 0 };
		assert_int_equal(page_html(d, &html), 0);
		assert_int_equal(page_csv(d, &csv), 0);
		same_cells(d, html.data, csv.data);
	}
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(balance_holds_whatever_happened),
		cmocka_unit_test(lines_balance_and_sums_are_those_of_the_units),
		cmocka_unit_test(page_and_list_say_what_the_document_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
