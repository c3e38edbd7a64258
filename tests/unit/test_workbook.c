/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The XLSX of a report, read back by other libraries: every cell says what the document says, texts are texts and nothing is a formula. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <expat.h>
#include <zip.h>

#include "console/report/workbook.h"
#include "gateway/base/buffer.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"

#define TEXTS_MOST 400
#define SERIAL_OF_1970 25569

struct book {
	zip_t *zip;
	char *texts[TEXTS_MOST];
	size_t n_texts;
	json_t *rows; /* of the sheet in hand: an array of arrays */
	struct buffer value;
	char type[16];
	size_t column;
	int formulas;
	bool in_value;
};

/* ---- reading ---- */

static char *member(struct book *b, const char *name, size_t *ret_n)
{
	struct zip_stat st;
	if (zip_stat(b->zip, name, 0, &st))
		return NULL;
	char *bytes = calloc(1, st.size + 1);
	zip_file_t *file = zip_fopen(b->zip, name, 0);
	assert_non_null(file);
	assert_int_equal(zip_fread(file, bytes, st.size), st.size);
	zip_fclose(file);
	*ret_n = st.size;
	return bytes;
}

static const char *attribute(const XML_Char **attributes, const char *name)
{
	for (; *attributes; attributes += 2)
		if (!strcmp(attributes[0], name))
			return attributes[1];
	return "";
}

static void on_text(void *self, const XML_Char *text, int n)
{
	struct book *b = self;
	if (b->in_value)
		assert_int_equal(buffer_put(&b->value, text, (size_t)n), 0);
}

static void begin_value(struct book *b)
{
	buffer_cut(&b->value, 0);
	b->in_value = true;
}

static void shared_begin(void *self, const XML_Char *name, const XML_Char **attributes)
{
	(void)attributes;
	if (!strcmp(name, "t"))
		begin_value(self);
}

static void shared_end(void *self, const XML_Char *name)
{
	struct book *b = self;
	if (strcmp(name, "t") != 0)
		return;
	assert_true(b->n_texts < TEXTS_MOST);
	b->texts[b->n_texts++] = strdup(buffer_text(&b->value));
	b->in_value = false;
}

static void sheet_begin(void *self, const XML_Char *name, const XML_Char **attributes)
{
	struct book *b = self;
	if (!strcmp(name, "row"))
		json_array_append_new(b->rows, json_array());
	b->formulas += !strcmp(name, "f");
	if (!strcmp(name, "c")) {
		b->column = (size_t)(attribute(attributes, "r")[0] - 'A');
		snprintf(b->type, sizeof(b->type), "%s", attribute(attributes, "t"));
	}
	if (!strcmp(name, "v"))
		begin_value(b);
}

static void sheet_end(void *self, const XML_Char *name)
{
	struct book *b = self;
	if (strcmp(name, "v") != 0)
		return;
	json_t *row = json_array_get(b->rows, json_array_size(b->rows) - 1);
	while (json_array_size(row) < b->column)
		json_array_append_new(row, json_null());
	const char *value = buffer_text(&b->value);
	json_array_append_new(row, !strcmp(b->type, "s") ? json_string(b->texts[strtoul(value, NULL, 10)]) : json_real(strtod(value, NULL)));
	b->in_value = false;
}

static bool parse(struct book *b, const char *name, XML_StartElementHandler begin, XML_EndElementHandler end)
{
	size_t n = 0;
	OWN(mem) char *bytes = member(b, name, &n);
	if (!bytes)
		return false;
	XML_Parser p = XML_ParserCreate(NULL);
	XML_SetUserData(p, b);
	XML_SetElementHandler(p, begin, end);
	XML_SetCharacterDataHandler(p, on_text);
	assert_int_equal(XML_Parse(p, bytes, (int)n, 1), XML_STATUS_OK);
	XML_ParserFree(p);
	return true;
}

/* The rows of sheet n of the file, from 1; NULL when there is none. */
static json_t *read_sheet(struct book *b, int n)
{
	char name[64];
	snprintf(name, sizeof(name), "xl/worksheets/sheet%d.xml", n);
	b->rows = json_array();
	if (parse(b, name, sheet_begin, sheet_end))
		return b->rows;
	json_decref(b->rows);
	return NULL;
}

/* ---- comparing ---- */

static void same_cell(const json_t *want, const char *type, const json_t *got)
{
	int year, month, day;
	if (json_is_null(want) || (json_is_string(want) && !*json_string_value(want)))
		assert_true(!got || json_is_null(got));
	else if (json_is_number(want))
		assert_float_equal(json_number_value(got), json_number_value(want), 1e-9);
	else if (!strcmp(type, "date") && sscanf(json_string_value(want), "%d-%d-%d", &year, &month, &day) == 3)
		assert_float_equal(json_number_value(got), (double)(calendar_day_number(year, month, day) + SERIAL_OF_1970), 1e-9);
	else
		assert_string_equal(json_string_value(got), json_string_value(want));
}

static void same_row(const json_t *columns, const json_t *want, const json_t *got)
{
	size_t i;
	const json_t *column;
	json_array_foreach(columns, i, column)
		same_cell(json_array_get(want, i), json_str(column, "type", ""), json_array_get(got, i));
}

static void same_sheet(const json_t *sheet, const json_t *rows)
{
	const json_t *columns = json_object_get(sheet, "columns"), *want, *column;
	size_t i, at = 2; /* a title, then the heads: libraries leave empty rows out */
	assert_string_equal(json_string_value(json_array_get(json_array_get(rows, 0), 0)), json_str(sheet, "title", ""));
	json_array_foreach(columns, i, column)
		assert_string_equal(json_string_value(json_array_get(json_array_get(rows, 1), i)), json_str(column, "title", ""));
	json_array_foreach(json_object_get(sheet, "rows"), i, want)
		same_row(columns, want, json_array_get(rows, at++));
	if (json_is_array(json_object_get(sheet, "total")))
		same_row(columns, json_object_get(sheet, "total"), json_array_get(rows, at++));
}

static json_t *document(void)
{
	static const char *const words[] = { "=HYPERLINK(\"http://x\",\"y\")", "+cmd|' /C calc'!A0", "@SUM(A1:A9)", "-2+3", "\t=1+1", "+84912345678", "00691",
					     "https://example.vn", "a<b>&\"c\"", "Thượng Lâm \xe2\x80\xa2 dòng" };
	json_t *rows = json_array();
	for (size_t i = 0; i < COUNT_OF(words); i++)
		json_array_append_new(rows, json_pack("[s,I,f,s,o]", words[i], (json_int_t)(1000000 + (json_int_t)i), 12.5 + (double)i, "2026-11-16", i % 2 ? json_null() : json_string("*")));
	return json_pack("{s:s,s:s,s:{s:[s],s:[s]},s:{s:[s],s:[s]},s:[{s:s,s:[{s:s,s:s,s:[{s:s,s:s,s:s},{s:s,s:s,s:s},{s:s,s:s,s:s},{s:s,s:s,s:s},{s:s,s:s,s:s}],s:o,s:[s,I,n,n,n],s:[s]}]}]}",
			 "title", "Báo cáo", "subtitle", "từ ngày", "header", "left", "MTTQ", "right", "CHXHCN", "signature", "left", "Nơi nhận:", "right", "TM.", "sections",
			 "heading", "I", "sheets", "id", "T1", "title", "Bảng", "columns", "key", "a", "title", "Chữ", "type", "text", "key", "b", "title", "Số", "type", "int",
			 "key", "c", "title", "Tỷ lệ", "type", "percent", "key", "d", "title", "Ngày", "type", "date", "key", "e", "title", "Ẩn", "type", "int", "rows", rows,
			 "total", "Cộng", (json_int_t)42, "notes", "=ghi chú");
}

static void every_cell_of_the_workbook_is_the_documents(void **state)
{
	(void)state;
	char file[] = "/tmp/caunoi-workbook-XXXXXX";
	OWN(fd) int fd = mkstemp(file);
	OWN(json) json_t *d = document();
	struct book b = { 0 };
	assert_non_null(d);
	assert_int_equal(workbook_write(d, file), 0);
	b.zip = zip_open(file, ZIP_RDONLY, NULL);
	assert_non_null(b.zip);
	assert_true(parse(&b, "xl/sharedStrings.xml", shared_begin, shared_end));
	OWN(json) json_t *cover = read_sheet(&b, 1), *table = read_sheet(&b, 2), *none = read_sheet(&b, 3);
	assert_non_null(cover);
	assert_null(none);
	const json_t *sheet = json_array_get(json_object_get(json_array_get(json_object_get(d, "sections"), 0), "sheets"), 0);
	same_sheet(sheet, table);
	assert_int_equal(b.formulas, 0);
	zip_discard(b.zip);
	unlink(file);
	for (size_t i = 0; i < b.n_texts; i++)
		free(b.texts[i]);
	buffer_done(&b.value);
}

static void workbook_that_cannot_be_written_is_an_error(void **state)
{
	(void)state;
	OWN(json) json_t *d = document();
	assert_int_equal(workbook_write(d, "/tmp/no-such-folder-of-caunoi/report.xlsx"), E_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cell_of_the_workbook_is_the_documents),
		cmocka_unit_test(workbook_that_cannot_be_written_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
