// SPDX-License-Identifier: GPL-3.0-or-later
/* Lists that come as spreadsheets: what a person sees in a cell is what is imported, and a file that is meant to do harm does none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "campaigns/figure.h"
#include "campaigns/spreadsheet.h"
#include "gateway/base/buffer.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/support/tick_fixture.h"
#include "tests/support/zipped.h"

/* ---- figures ---- */

static void figure_writes_what_a_person_typed(void **state)
{
	(void)state;
	static const struct {
		const char *raw, *want;
	} cases[] = { { "912345678", "912345678" },	{ "9.12345678E8", "912345678" }, { "8.4912345678E10", "84912345678" },
		      { "79088001234", "79088001234" }, { "0.10000000000000001", "0.1" }, { "-3", "-3" },
		      { "1.5", "1.5" },			{ "không", "không" },		  { "0x10", "0x10" } };
	char got[FIGURE_BYTES];
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		figure_number(cases[i].raw, got);
		assert_string_equal(got, cases[i].want);
	}
}

/* Serial numbers as Excel and LibreOffice show them. */
static void figure_dates_are_iso(void **state)
{
	(void)state;
	static const struct {
		const char *raw;
		bool from_1904;
		const char *want;
	} cases[] = { { "1", false, "1900-01-01" },	  { "59", false, "1900-02-28" },	 { "61", false, "1900-03-01" },
		      { "44197", false, "2021-01-01" },	  { "46356", false, "2026-11-30" },	 { "44197.75", false, "2021-01-01T18:00" },
		      { "44196.99999", false, "2021-01-01" }, { "0.5", false, "12:00" },	 { "42735", true, "2021-01-01" },
		      { "2958465", false, "9999-12-31" }, { "2958466", false, "2958466" }, { "-1", false, "-1" } };
	char got[FIGURE_BYTES];
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		figure_date(cases[i].raw, cases[i].from_1904, got);
		assert_string_equal(got, cases[i].want);
	}
}

static void figure_knows_formats_that_are_dates(void **state)
{
	(void)state;
	static const struct {
		int id;
		const char *code;
		bool want;
	} cases[] = { { 14, NULL, true },  { 22, NULL, true },	 { 0, NULL, false },	       { 1, NULL, false },
		      { 49, NULL, false }, { 164, "dd/mm/yyyy", true }, { 164, "[$-42A]d/m/yyyy;@", true }, { 164, "General", false },
		      { 164, "0\" day\"", false }, { 164, "#,##0\\ \\d", false }, { 164, "[Red]0.00", false }, { 164, "0.00E+00", false },
		      { 164, "_(* #,##0_)", false }, { 164, "\"open", false } };
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (figure_is_date(cases[i].id, cases[i].code) != cases[i].want)
			fail_msg("%d %s", cases[i].id, cases[i].code ? cases[i].code : "");
}

/* ---- sheets ---- */

/* The CSV of an archive, read in pieces of n bytes; NULL when it is refused, with its rule in *c. */
static char *csv_of(struct tick_fixture *f, const char *bytes, size_t n_bytes, size_t n, struct complaint *c)
{
	OWN(buffer) struct buffer out = { 0 };
	struct spreadsheet *s = NULL;
	int64_t upload = tick_fixture_upload(f, "uid:0", bytes, n_bytes, 1000);
	int r = spreadsheet_open(f->db, upload, &s, c);
	if (!r)
		while ((r = spreadsheet_read(s, n, &out, c)) == E_AGAIN)
			;
	spreadsheet_close(s);
	if (r)
		assert_int_equal(r, E_INVALID);
	return r ? NULL : strdup(buffer_text(&out));
}

static char *csv_of_rows(struct tick_fixture *f, const char *rows, const char *strings, const char *styles, size_t n, struct complaint *c)
{
	size_t n_bytes;
	OWN(mem) char *bytes = zipped_workbook(rows, strings, styles, &n_bytes);
	return csv_of(f, bytes, n_bytes, n, c);
}

static const char mixed_rows[] =
	"<row r=\"2\"><c r=\"A2\" t=\"s\"><v>0</v></c><c r=\"B2\" t=\"inlineStr\"><is><t>Họ </t><r><t>tên</t></r></is></c>"
	"<c r=\"C2\" t=\"str\"><f>\"a\"</f><v>hạn</v></c><c r=\"D2\" t=\"s\"><v>2</v></c></row>"
	"<row r=\"4\"><c r=\"A4\"><v>9.12345678E8</v></c><c r=\"C4\" s=\"1\"><v>46356</v></c></row>"
	"<row><c><v>84987654321</v></c><c t=\"s\"><v>1</v></c><c s=\"2\"><v>46356</v></c><c t=\"b\"><v>1</v></c></row>";
static const char mixed_strings[] = "<si><t>SĐT</t><rPh><t>phonetic</t></rPh></si><si><r><t>Lò \"Văn\"</t></r><r><t xml:space=\"preserve\">\n Pó </t>"
				    "</r></si><si><t>có</t></si>";
static const char mixed_styles[] = "<numFmts><numFmt numFmtId=\"170\" formatCode=\"dd/mm/yyyy\"/></numFmts><cellStyleXfs><xf numFmtId=\"14\"/>"
				   "</cellStyleXfs><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"170\"/><xf numFmtId=\"1\"/></cellXfs>";
static const char mixed_csv[] = "\n\"SĐT\",\"Họ tên\",\"hạn\",\"có\"\n\n\"912345678\",,\"2026-11-30\",\n"
				"\"84987654321\",\"Lò \"\"Văn\"\"  Pó\",\"46356\",\"1\"\n";

static void spreadsheet_gives_a_line_a_row(void **state)
{
	static const size_t pieces[] = { 1, 100, 1 << 20 };
	for (size_t i = 0; i < COUNT_OF(pieces); i++) {
		struct complaint c = { 0 };
		OWN(mem) char *csv = csv_of_rows(*state, mixed_rows, mixed_strings, mixed_styles, pieces[i], &c);
		assert_non_null(csv);
		assert_string_equal(csv, mixed_csv);
	}
}

static void spreadsheet_refuses_what_does_harm(void **state)
{
	OWN(buffer) struct buffer deep = { 0 }, wide = { 0 }, tag = { 0 };
	for (int i = 0; i < 100; i++)
		assert_int_equal(buffer_puts(&deep, "<x>"), 0);
	assert_int_equal(buffer_puts(&wide, "<row><c t=\"str\"><v>"), 0);
	assert_int_equal(buffer_puts(&tag, "<row r=\""), 0);
	for (int i = 0; i < 70000; i++)
		assert_int_equal(buffer_puts(&wide, "x"), 0);
	for (int i = 0; i < 400000; i++)
		assert_int_equal(buffer_puts(&tag, "1"), 0);
	assert_int_equal(buffer_puts(&wide, "</v></c></row>"), 0);
	const struct {
		const char *label, *rows, *rule;
	} cases[] = {
		{ "depth", buffer_text(&deep), "xlsx_broken" },
		{ "a cell of 70 kB", buffer_text(&wide), "field_too_long" },
		{ "a tag that does not end", buffer_text(&tag), "xlsx_broken" },
		{ "a column beyond all", "<row><c r=\"XFD1\" t=\"str\"><v>x</v></c></row>", "too_many_columns" },
		{ "a row beyond all", "<row r=\"99999999\"/>", "xlsx_broken" },
		{ "rows that go back", "<row r=\"5\"/><row r=\"4\"/>", "xlsx_broken" },
		{ "a text that is not there", "<row><c t=\"s\"><v>7</v></c></row>", "xlsx_broken" },
		{ "not closed", "<row><c>", "xlsx_broken" },
		{ "an entity", "<row><c t=\"str\"><v>&lol;</v></c></row>", "xlsx_broken" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct complaint c = { 0 };
		OWN(mem) char *csv = csv_of_rows(*state, cases[i].rows, NULL, NULL, 1 << 20, &c);
		if (csv || strcmp(c.rule, cases[i].rule))
			fail_msg("%s: %s", cases[i].label, c.rule);
	}
}

/* Sixty million blanks pack into less than 200 kB: unpacking stops at its bound. */
static void spreadsheet_stops_a_bomb(void **state)
{
	const size_t n = 60 << 20;
	OWN(mem) char *blanks = malloc(n);
	memset(blanks, ' ', n);
	static const char head[] = "<!DOCTYPE a [<!ENTITY b \"bbbbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;\">]><worksheet>&c;</worksheet>";
	const struct zipped doctype[] = { { "xl/workbook.xml", head, 0 }, { NULL, NULL, 0 } };
	size_t n_bytes;
	OWN(mem) char *bytes = zipped_make(doctype, &n_bytes);
	struct complaint c = { 0 }, d = { 0 };
	OWN(mem) char *csv = csv_of(*state, bytes, n_bytes, 1 << 20, &c);
	assert_null(csv);
	assert_string_equal(c.rule, "xlsx_broken");
	memcpy(blanks, "<sst><si><t>", 12);
	const struct zipped strings[] = {
		{ "xl/workbook.xml", "<workbook><sheet id=\"a\"/></workbook>", 0 },
		{ "xl/_rels/workbook.xml.rels", "<r><Relationship Id=\"a\" Target=\"/xl/s.xml\"/></r>", 0 },
		{ "xl/sharedStrings.xml", blanks, n }, { NULL, NULL, 0 },
	};
	OWN(mem) char *bomb = zipped_make(strings, &n_bytes);
	assert_in_range(n_bytes, 1, 200000);
	OWN(mem) char *none = csv_of(*state, bomb, n_bytes, 1 << 20, &d);
	assert_null(none);
	assert_string_equal(d.rule, "xlsx_too_large");
}

/* Every cut and many a changed byte: refused or read, never more. */
static void spreadsheet_survives_damage(void **state)
{
	size_t n_bytes;
	OWN(mem) char *good = zipped_workbook(mixed_rows, mixed_strings, mixed_styles, &n_bytes);
	int refused = 0;
	for (size_t cut = 0; cut < n_bytes; cut += 61) {
		struct complaint c = { 0 };
		OWN(mem) char *csv = csv_of(*state, good, cut, 1 << 20, &c);
		assert_null(csv);
		assert_true(*c.rule);
	}
	for (size_t at = 0; at < n_bytes; at += 37) {
		struct complaint c = { 0 };
		good[at] ^= 0x55;
		OWN(mem) char *csv = csv_of(*state, good, n_bytes, 1 << 20, &c);
		refused += !csv;
		assert_true(csv || *c.rule);
		good[at] ^= 0x55;
	}
	assert_in_range(refused, 10, n_bytes);
}

/* ---- imports ---- */

static json_t *import(struct tick_fixture *f, const char *bytes, size_t n_bytes, int stops)
{
	OWN(json) json_t *answer = NULL;
	json_t *args = json_pack("{s:I, s:s, s:s}", "file", (json_int_t)tick_fixture_upload(f, "uid:0", bytes, n_bytes, 700), "group", "Thôn 5",
				 "basis", "danh sách");
	if (tick_fixture_ask(f, "contact.import", args, &answer))
		fail_msg("%s", f->why.text);
	for (int i = 0; i < stops; i++) {
		tick_fixture_run(f, 2, 5);
		tick_fixture_restart(f);
	}
	return tick_fixture_job(f, json_int(answer, "job", 0));
}

static void import_takes_a_spreadsheet(void **state)
{
	struct tick_fixture *f = *state;
	size_t n_bytes;
	OWN(mem) char *bytes = zipped_workbook(mixed_rows, mixed_strings, mixed_styles, &n_bytes);
	OWN(json) json_t *job = import(f, bytes, n_bytes, 0), *again = import(f, bytes, n_bytes, 0), *shown = NULL;
	const json_t *result = json_object_get(job, "result");
	assert_string_equal(json_str(job, "state", ""), "done");
	assert_int_equal(json_int(result, "added", 0), 2);
	assert_int_equal(json_int(json_object_get(again, "result"), "unchanged", 0), 2);
	assert_int_equal(tick_fixture_ask(f, "contact.list", json_pack("{s:s}", "number", "+84912345678"), &shown), 0);
	assert_string_equal(json_str(json_object_get(json_array_get(shown, 0), "fields"), "han", ""), "2026-11-30");
	assert_int_equal(tick_fixture_scalar(f, "SELECT (SELECT count(*) FROM upload) + (SELECT count(*) FROM upload_chunk)"), 0);
}

static void import_of_a_spreadsheet_names_its_rows(void **state)
{
	struct tick_fixture *f = *state;
	size_t n_bytes;
	OWN(mem) char *bytes = zipped_workbook("<row r=\"1\"><c t=\"str\"><v>phone</v></c><c t=\"str\"><v>name</v></c></row>"
					       "<row r=\"3\"><c><v>912345678</v></c></row><row r=\"9\"><c><v>123</v></c></row>"
					       "<row r=\"12\"><c><v>912345679</v></c><c t=\"e\"><v>#N/A</v></c></row>",
					       NULL, NULL, &n_bytes);
	OWN(json) json_t *job = import(f, bytes, n_bytes, 0);
	const json_t *refused = json_object_get(json_object_get(job, "result"), "refused"), *one = json_array_get(refused, 0),
		     *two = json_array_get(refused, 1);
	assert_string_equal(json_str(job, "state", ""), "failed");
	assert_int_equal(json_array_size(refused), 2);
	assert_int_equal(json_int(one, "row", 0), 9);
	assert_string_equal(json_str(one, "column", ""), "phone");
	assert_string_equal(json_str(one, "value", ""), "123");
	assert_int_equal(json_int(two, "row", 0), 12);
	assert_string_equal(json_str(two, "column", ""), "name");
	assert_string_equal(json_str(two, "reason", ""), "error_value");
	assert_int_equal(tick_fixture_scalar(f, "SELECT (SELECT count(*) FROM person) + (SELECT count(*) FROM upload)"), 0);
}

/* Stopped every two ticks, it begins to unpack again and brings nothing twice. */
static void import_of_a_spreadsheet_survives_restarts(void **state)
{
	struct tick_fixture *f = *state;
	OWN(buffer) struct buffer rows = { 0 };
	assert_int_equal(buffer_puts(&rows, "<row><c t=\"str\"><v>phone</v></c><c t=\"str\"><v>note</v></c></row>"), 0);
	for (int i = 0; i < 8000; i++)
		assert_int_equal(buffer_printf(&rows, "<row><c><v>9%08d</v></c><c t=\"str\"><v>%0100d</v></c></row>", i, i), 0);
	size_t n_bytes;
	OWN(mem) char *bytes = zipped_workbook(buffer_text(&rows), NULL, NULL, &n_bytes);
	OWN(json) json_t *job = import(f, bytes, n_bytes, 3);
	assert_string_equal(json_str(job, "state", ""), "done");
	assert_int_equal(json_int(json_object_get(job, "result"), "added", 0), 8000);
	assert_int_equal(tick_fixture_scalar(f, "SELECT count(*) FROM person"), 8000);
}

static void import_says_what_kind_of_file_it_does_not_read(void **state)
{
	static const char old[] = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 and so on";
	OWN(json) json_t *job = import(*state, old, sizeof(old), 0);
	assert_string_equal(json_str(json_object_get(job, "error"), "rule", ""), "xls");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figure_writes_what_a_person_typed),
		cmocka_unit_test(figure_dates_are_iso),
		cmocka_unit_test(figure_knows_formats_that_are_dates),
		cmocka_unit_test_setup_teardown(spreadsheet_gives_a_line_a_row, tick_fixture_set_up, tick_fixture_tear_down),
		cmocka_unit_test_setup_teardown(spreadsheet_refuses_what_does_harm, tick_fixture_set_up, tick_fixture_tear_down),
		cmocka_unit_test_setup_teardown(spreadsheet_stops_a_bomb, tick_fixture_set_up, tick_fixture_tear_down),
		cmocka_unit_test_setup_teardown(spreadsheet_survives_damage, tick_fixture_set_up, tick_fixture_tear_down),
		cmocka_unit_test_setup_teardown(import_takes_a_spreadsheet, tick_fixture_set_up, tick_fixture_tear_down),
		cmocka_unit_test_setup_teardown(import_of_a_spreadsheet_names_its_rows, tick_fixture_set_up, tick_fixture_tear_down),
		cmocka_unit_test_setup_teardown(import_of_a_spreadsheet_survives_restarts, tick_fixture_set_up, tick_fixture_tear_down),
		cmocka_unit_test_setup_teardown(import_says_what_kind_of_file_it_does_not_read, tick_fixture_set_up, tick_fixture_tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
