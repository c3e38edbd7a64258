// SPDX-License-Identifier: GPL-3.0-or-later
/* CSV: every file is fed whole and in pieces of several sizes, and must give the same each time. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/buffer.h"
#include "gateway/base/csv.h"

static const size_t pieces[] = { 1, 2, 3, 7, 64, SIZE_MAX };

/* Rows as "row@line: a|b|c\n". */
static int note_row(void *self, const struct csv_row *row)
{
	struct buffer *out = self;
	int r = buffer_printf(out, "%d@%d:", row->row, row->line);
	for (size_t i = 0; !r && i < row->n; i++)
		r = buffer_printf(out, "%s%s", i ? "|" : " ", row->fields[i]);
	return r ? r : buffer_puts(out, "\n");
}

static int read_pieces(const char *bytes, size_t n, size_t piece, struct buffer *out, struct complaint *c)
{
	OWN(csv) struct csv *csv = NULL;
	assert_int_equal(csv_new(note_row, out, &csv), 0);
	int r = 0;
	for (size_t at = 0; at < n && !r;) {
		size_t now = n - at < piece ? n - at : piece;
		OWN(mem) char *own = malloc(now); /* so that the sanitizer sees a read too far */
		assert_non_null(own);
		memcpy(own, bytes + at, now);
		r = csv_feed(csv, own, now, c);
		at += now;
	}
	int end = csv_finish(csv, c);
	if (r)
		assert_int_equal(end, r); /* a failure stays */
	return end;
}

static void csv_gives_rows_however_it_is_cut(void **state)
{
	(void)state;
	static const struct {
		const char *label, *in, *out;
	} cases[] = {
		{ "comma", "a,b\n1,2\n", "1@1: a|b\n2@2: 1|2\n" },
		{ "semicolon", "a;b,c;d\n1;2,5;3\n", "1@1: a|b,c|d\n2@2: 1|2,5|3\n" },
		{ "tab", "a\tb c\n1\t2\n", "1@1: a|b c\n2@2: 1|2\n" },
		{ "one column", "phone\n0912345678\n", "1@1: phone\n2@2: 0912345678\n" },
		{ "no newline at the end", "a,b\n1,2", "1@1: a|b\n2@2: 1|2\n" },
		{ "header alone", "a,b", "1@1: a|b\n" },
		{ "CR LF", "a,b\r\n1,2\r\n3,4\r\n", "1@1: a|b\n2@2: 1|2\n3@3: 3|4\n" },
		{ "CR alone", "a,b\r1,2\r3,4\r", "1@1: a|b\n2@2: 1|2\n3@3: 3|4\n" },
		{ "BOM", "\xEF\xBB\xBF" "a,b\n1,2\n", "1@1: a|b\n2@2: 1|2\n" },
		{ "BOM and quote", "\xEF\xBB\xBF\"a\",b\n1,2\n", "1@1: a|b\n2@2: 1|2\n" },
		{ "BOM and empty line", "\xEF\xBB\xBF\n\na;b\n1;2\n", "1@3: a|b\n2@4: 1|2\n" },
		{ "empty lines", "\n\r\na,b\n\n\n1,2\n\n", "1@3: a|b\n2@6: 1|2\n" },
		{ "empty rows", "a,b\n,\n , \n1,2\n", "1@1: a|b\n2@4: 1|2\n" },
		{ "empty fields", "a,b,c\n,2,\n1,,\n", "1@1: a|b|c\n2@2: |2|\n3@3: 1||\n" },
		{ "trailing empty fields", "a,b,,\n1,2\n1,2,,,,\n", "1@1: a|b\n2@2: 1|2\n3@3: 1|2\n" },
		{ "quotes", "a,b\n\"x, \"\"y\"\"\",\" z \"\n", "1@1: a|b\n2@2: x, \"y\"| z \n" },
		{ "lines within quotes", "a,b\n\"1\n2\r\n3\",4\n5,6\n", "1@1: a|b\n2@2: 1\n2\r\n3|4\n3@5: 5|6\n" },
		{ "quoted header over lines", "\"a;\nb\",c\n1,2\n", "1@1: a;\nb|c\n2@3: 1|2\n" },
		{ "spaces trimmed outside quotes", "a , b\n 1, 2 x \n", "1@1: a|b\n2@2: 1|2 x\n" },
		{ "Vietnamese", "Họ tên;Số điện thoại\nGiàng A Páo;0912345678\n", "1@1: Họ tên|Số điện thoại\n2@2: Giàng A Páo|0912345678\n" },
		{ "a quote within a field", "a,b\n5\" ống,2\n", "1@1: a|b\n2@2: 5\" ống|2\n" },
		{ "tie goes to the comma", "a,b;c\n1,2;3\n", "1@1: a|b;c\n2@2: 1|2;3\n" },
		{ "tab delimiter keeps empty fields", "a\tb\tc\n1\t\t3\n", "1@1: a|b|c\n2@2: 1||3\n" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		for (size_t k = 0; k < COUNT_OF(pieces); k++) {
			OWN(buffer) struct buffer out = { 0 };
			struct complaint c = { 0 };
			int r = read_pieces(cases[i].in, strlen(cases[i].in), pieces[k], &out, &c);
			if (r || strcmp(buffer_text(&out), cases[i].out) != 0)
				fail_msg("%s by %zu: %d %s line %d\n%s", cases[i].label, pieces[k], r, c.rule, c.line, buffer_text(&out));
		}
	}
}

static void csv_refuses_with_line_and_rule(void **state)
{
	(void)state;
#define FILE_OF(bytes) bytes, sizeof(bytes) - 1
	static const struct {
		const char *label, *in;
		size_t n;
		const char *rule;
		int line;
	} cases[] = {
		{ "NUL", FILE_OF("a,b\n1,2\n3,\0004\n"), "nul_byte", 3 },
		{ "UTF-16 LE", FILE_OF("\xFF\xFE" "a\0,\0b\0\n\0"), "utf16", 1 },
		{ "UTF-16 BE", FILE_OF("\xFE\xFF\0a\0,\0b\0\n"), "utf16", 1 },
		{ "UTF-16 LE without mark", FILE_OF("a\0,\0b\0\n\0"), "utf16", 1 },
		{ "UTF-16 BE without mark", FILE_OF("\0a\0,\0b\0\n"), "utf16", 1 },
		{ "Latin-1", FILE_OF("a,b\n1,2\nH\xE0,4\n"), "invalid_utf8", 3 },
		{ "surrogate", FILE_OF("a,b\n\xED\xA0\x80,4\n"), "invalid_utf8", 2 },
		{ "invalid header", FILE_OF("a\xFF,b\n1,2\n"), "invalid_utf8", 1 },
		{ "unclosed quote", FILE_OF("a,b\n1,2\n\"3,4\n5,6\n"), "unclosed_quote", 3 },
		{ "unclosed quote in the header", FILE_OF("\"a,b\n1,2\n"), "unclosed_quote", 1 },
		{ "too few fields", FILE_OF("a,b,c\n1,2,3\n\n1,2\n"), "field_count", 4 },
		{ "too many fields", FILE_OF("a,b\n1,2,3\n"), "field_count", 2 },
		{ "one too many behind empties", FILE_OF("a,b\r\n1,2,,,x\r\n"), "field_count", 2 },
		{ "line behind quoted lines", FILE_OF("a,b\n\"1\n2\",3\n4\n"), "field_count", 4 },
		{ "line with CR alone", FILE_OF("a,b\r1,2\r3\r"), "field_count", 3 },
		{ "empty", FILE_OF(""), "empty", 1 },
		{ "only empty lines", FILE_OF("\n\n,,\n"), "empty", 4 },
		{ "only a BOM", FILE_OF("\xEF\xBB\xBF"), "empty", 1 },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		for (size_t k = 0; k < COUNT_OF(pieces); k++) {
			OWN(buffer) struct buffer out = { 0 };
			struct complaint c = { .file = "list.csv" };
			int r = read_pieces(cases[i].in, cases[i].n, pieces[k], &out, &c);
			if (r != E_INVALID || strcmp(c.rule, cases[i].rule) != 0 || (c.line != cases[i].line && strcmp(c.rule, "empty") != 0))
				fail_msg("%s by %zu: %d %s line %d", cases[i].label, pieces[k], r, c.rule, c.line);
			assert_string_equal(c.file, "list.csv");
			assert_true(c.text[0]);
		}
	}
}

static int read_repeated(const char *head, const char *unit, size_t n, const char *tail, struct complaint *c)
{
	OWN(buffer) struct buffer in = { 0 }, out = { 0 };
	assert_int_equal(buffer_puts(&in, head), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(buffer_puts(&in, unit), 0);
	assert_int_equal(buffer_puts(&in, tail), 0);
	*c = (struct complaint){ 0 };
	return read_pieces(buffer_text(&in), buffer_left(&in), 4096, &out, c);
}

static void csv_has_limits(void **state)
{
	(void)state;
	struct complaint c;
	assert_int_equal(read_repeated("", "c,", 999, "c\n", &c), 0);
	assert_int_equal(read_repeated("", "c,", 1000, "c\n", &c), E_INVALID);
	assert_string_equal(c.rule, "too_many_columns");
	assert_int_equal(read_repeated("c", ",", 16383, "\n1\n", &c), 0); /* a spreadsheet's empty columns */
	assert_int_equal(read_repeated("a,b\n", "x", 65536, ",2\n", &c), 0);
	assert_int_equal(read_repeated("a,b\n", "x", 65537, ",2\n", &c), E_INVALID);
	assert_string_equal(c.rule, "field_too_long");
	assert_int_equal(c.line, 2);
	assert_int_equal(read_repeated("a,b\n1,\"", "x\n", 5000000, "", &c), E_INVALID); /* stops early, holds little */
	assert_string_equal(c.rule, "field_too_long");
	assert_int_equal(c.line, 2);
	assert_int_equal(read_repeated("", "abcdefgh", 200000, "", &c), E_INVALID);
	assert_string_equal(c.rule, "row_too_long");
}

static int refuse_third(void *self, const struct csv_row *row)
{
	int *n = self;
	(*n)++;
	return row->row == 3 ? E_REFUSED : 0;
}

static void csv_stops_when_the_caller_says_so(void **state)
{
	(void)state;
	int n = 0;
	struct complaint c = { 0 };
	OWN(csv) struct csv *csv = NULL;
	assert_int_equal(csv_new(refuse_third, &n, &csv), 0);
	assert_int_equal(csv_feed(csv, "a;b\n1;2\n3;4\n5;6\n", 16, &c), E_REFUSED);
	assert_int_equal(csv_feed(csv, "7;8\n", 4, &c), E_REFUSED);
	assert_int_equal(csv_finish(csv, &c), E_REFUSED);
	assert_int_equal(n, 3);
	assert_int_equal(csv_delimiter(csv), ';');
	assert_string_equal(c.rule, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csv_gives_rows_however_it_is_cut),
		cmocka_unit_test(csv_refuses_with_line_and_rule),
		cmocka_unit_test(csv_has_limits),
		cmocka_unit_test(csv_stops_when_the_caller_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
