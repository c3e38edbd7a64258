/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XLSX by libxlsxwriter. Called by report.c. Never writes a formula: worksheet_write_string alone for texts. */
#include "console/report/workbook.h"

#include <stdio.h>
#include <string.h>
#include <xlsxwriter.h>

#include "console/report/cell.h"
#include "gateway/base/json.h"

#define NAME_BYTES 32 /* of a page; longer ones are refused by spreadsheets */

struct formats {
	lxw_format *title, *head, *text, *count, *share, *day, *total_text, *total_count;
};

static lxw_format *bordered(lxw_workbook *book, const char *numbers, bool bold)
{
	lxw_format *f = workbook_add_format(book);
	if (!f)
		return NULL;
	format_set_border(f, LXW_BORDER_THIN);
	format_set_align(f, LXW_ALIGN_VERTICAL_TOP);
	if (numbers)
		format_set_num_format(f, numbers);
	else
		format_set_text_wrap(f);
	if (bold)
		format_set_bold(f);
	return f;
}

static int formats_init(struct formats *f, lxw_workbook *book)
{
	*f = (struct formats){ .title = workbook_add_format(book), .head = bordered(book, NULL, true), .text = bordered(book, "@", false),
			       .count = bordered(book, "#,##0", false), .share = bordered(book, "0.0", false), .day = bordered(book, "dd/mm/yyyy", false),
			       .total_text = bordered(book, "@", true), .total_count = bordered(book, "#,##0", true) };
	if (!f->title || !f->head || !f->text || !f->count || !f->share || !f->day || !f->total_text || !f->total_count)
		return E_NOMEM;
	format_set_bold(f->title);
	format_set_text_wrap(f->text);
	return 0;
}

static int error_of(lxw_error e)
{
	return e == LXW_NO_ERROR ? 0 : e == LXW_ERROR_MEMORY_MALLOC_FAILED ? E_NOMEM : E_IO;
}

static lxw_error write_day(lxw_worksheet *page, lxw_row_t row, lxw_col_t col, const char *day, lxw_format *f)
{
	lxw_datetime d = { 0 };
	if (sscanf(day, "%4d-%2d-%2d", &d.year, &d.month, &d.day) != 3)
		return worksheet_write_string(page, row, col, day, f);
	return worksheet_write_datetime(page, row, col, &d, f);
}

static int write_cell(lxw_worksheet *page, const struct formats *f, lxw_row_t row, lxw_col_t col, const json_t *cell, const char *type, bool total)
{
	char room[CELL_BYTES];
	lxw_format *text = total ? f->total_text : f->text;
	if (json_is_integer(cell))
		return error_of(worksheet_write_number(page, row, col, (double)json_integer_value(cell), total ? f->total_count : f->count));
	if (json_is_real(cell))
		return error_of(worksheet_write_number(page, row, col, json_real_value(cell), f->share));
	if (json_is_string(cell) && !strcmp(type, "date"))
		return error_of(write_day(page, row, col, json_string_value(cell), f->day));
	const char *words = cell_text(cell, type, true, room);
	return error_of(*words ? worksheet_write_string(page, row, col, words, text) : worksheet_write_blank(page, row, col, text));
}

static int write_row(lxw_worksheet *page, const struct formats *f, lxw_row_t at, const json_t *columns, const json_t *row, bool total)
{
	size_t i;
	const json_t *column;
	int r = 0;
	json_array_foreach(columns, i, column)
		r = r ? r : write_cell(page, f, at, (lxw_col_t)i, json_array_get(row, i), json_str(column, "type", ""), total);
	return r;
}

static int write_heads(lxw_worksheet *page, const struct formats *f, lxw_row_t at, const json_t *columns)
{
	size_t i;
	const json_t *column;
	int r = 0;
	json_array_foreach(columns, i, column) {
		bool words = !cell_is_number(json_str(column, "type", ""));
		r = r ? r : error_of(worksheet_write_string(page, at, (lxw_col_t)i, json_str(column, "title", ""), f->head));
		r = r ? r : error_of(worksheet_set_column(page, (lxw_col_t)i, (lxw_col_t)i, words ? 22 : 11, NULL));
	}
	return r;
}

static int write_lines(lxw_worksheet *page, lxw_row_t *at, const json_t *lines, lxw_format *f)
{
	size_t i;
	const json_t *line;
	int r = 0;
	json_array_foreach(lines, i, line)
		r = r ? r : error_of(worksheet_write_string(page, (*at)++, 0, json_string_value(line), f));
	return r;
}

static int write_sheet(lxw_workbook *book, const struct formats *f, const json_t *sheet)
{
	const json_t *columns = json_object_get(sheet, "columns"), *total = json_object_get(sheet, "total"), *row;
	char name[NAME_BYTES];
	bool bare = json_flag(sheet, "bare", false);
	lxw_row_t at = bare ? 0 : 2;
	size_t i;
	snprintf(name, sizeof(name), "%s", json_str(sheet, "id", ""));
	lxw_worksheet *page = workbook_add_worksheet(book, name);
	int r = !page ? E_NOMEM : bare ? 0 : error_of(worksheet_write_string(page, 0, 0, json_str(sheet, "title", ""), f->title));
	if (r)
		return r;
	worksheet_set_landscape(page);
	worksheet_set_paper(page, 9); /* A4 */
	worksheet_fit_to_pages(page, 1, 0);
	r = write_heads(page, f, at++, columns);
	json_array_foreach(json_object_get(sheet, "rows"), i, row)
		r = r ? r : write_row(page, f, at++, columns, row, false);
	if (!r && json_is_array(total))
		r = write_row(page, f, at++, columns, total, true);
	at++;
	return r ? r : write_lines(page, &at, json_object_get(sheet, "notes"), NULL);
}

static int write_cover(lxw_workbook *book, const struct formats *f, const json_t *document)
{
	const json_t *header = json_object_get(document, "header"), *signature = json_object_get(document, "signature");
	lxw_row_t at = 0;
	lxw_worksheet *page = workbook_add_worksheet(book, "Báo cáo");
	int r = page ? write_lines(page, &at, json_object_get(header, "left"), NULL) : E_NOMEM;
	r = r ? r : write_lines(page, &at, json_object_get(header, "right"), NULL);
	at++;
	r = r ? r : error_of(worksheet_write_string(page, at++, 0, json_str(document, "title", ""), f->title));
	r = r ? r : error_of(worksheet_write_string(page, at++, 0, json_str(document, "subtitle", ""), NULL));
	at++;
	r = r ? r : write_lines(page, &at, json_object_get(signature, "left"), NULL);
	return r ? r : write_lines(page, &at, json_object_get(signature, "right"), NULL);
}

static int write_all(lxw_workbook *book, const json_t *document)
{
	struct formats f;
	const json_t *section, *sheet;
	size_t i, k;
	int r = formats_init(&f, book);
	r = r ? r : write_cover(book, &f, document);
	json_array_foreach(json_object_get(document, "sections"), i, section)
		json_array_foreach(json_object_get(section, "sheets"), k, sheet)
			r = r ? r : write_sheet(book, &f, sheet);
	return r;
}

int workbook_write(const json_t *document, const char *file)
{
	lxw_workbook *book = workbook_new(file);
	if (!book)
		return E_NOMEM;
	int r = write_all(book, document);
	int closed = error_of(workbook_close(book)); /* frees, also after a failure */
	return r ? r : closed;
}
