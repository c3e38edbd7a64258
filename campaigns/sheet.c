/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cells by type and style. Called by spreadsheet.c through markup's events. A row may leave out cells and a sheet rows: both are put in. */
#include "campaigns/sheet.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "campaigns/figure.h"
#include "campaigns/spreadsheet.h"
#include "gateway/base/csv.h"

void sheet_done(struct sheet *s)
{
	buffer_done(&s->line);
	buffer_done(&s->value);
}

static int refuse(struct sheet *s, const char *rule, const char *why)
{
	s->rule = rule;
	s->why = why;
	return E_INVALID;
}

/* ---- writing ---- */

/* Quoted; breaks within a cell are spaces, or a line would not be a row. */
static int put_quoted(struct buffer *out, const char *text, size_t n)
{
	int r = buffer_put(out, "\"", 1);
	for (size_t i = 0; !r && i < n;) {
		size_t plain = i;
		while (plain < n && !strchr("\"\r\n", text[plain]))
			plain++;
		r = buffer_put(out, text + i, plain - i);
		if (!r && plain < n)
			r = buffer_puts(out, text[plain] == '"' ? "\"\"" : " ");
		i = plain + 1;
	}
	return r ? r : buffer_put(out, "\"", 1);
}

static int put_cell(struct sheet *s, const char *text)
{
	text += strspn(text, " \t\r\n");
	size_t n = strlen(text);
	while (n && strchr(" \t\r\n", text[n - 1]))
		n--;
	if (!n)
		return 0;
	if (s->column > CSV_COLUMNS_MAX)
		return refuse(s, "too_many_columns", "there are more than 1,000 columns");
	int r = 0;
	for (; !r && s->written < s->column; s->written++)
		r = s->written ? buffer_put(&s->line, ",", 1) : 0;
	return r ? r : put_quoted(&s->line, text, n);
}

static int end_row(struct sheet *s)
{
	int r = 0;
	for (; !r && s->lines + 1 < s->row; s->lines++)
		r = buffer_put(s->out, "\n", 1);
	if (!s->width)
		s->width = s->written;
	for (; !r && s->written && s->written < s->width; s->written++)
		r = buffer_put(&s->line, ",", 1);
	if (!r)
		r = buffer_put(s->out, buffer_text(&s->line), buffer_left(&s->line));
	if (!r)
		r = buffer_put(s->out, "\n", 1);
	s->lines = s->row;
	buffer_cut(&s->line, 0);
	s->written = 0;
	return r;
}

/* ---- reading ---- */

static int begin_row(struct sheet *s, const char *const *attrs)
{
	const char *said = markup_attr(attrs, "r");
	long row = said ? strtol(said, NULL, 10) : s->row + 1;
	if (row <= s->row || row > SPREADSHEET_ROWS_MAX)
		return E_INVALID;
	s->row = (int)row;
	s->column = 0;
	return 0;
}

/* "AB12" → 28; 0: no such place. */
static size_t column_in(const char *place)
{
	size_t column = 0;
	for (; isalpha((unsigned char)*place) && column < 100000; place++)
		column = column * 26 + (size_t)(toupper((unsigned char)*place) - 'A') + 1;
	return column;
}

static int begin_cell(struct sheet *s, const char *const *attrs)
{
	const char *place = markup_attr(attrs, "r"), *type = markup_attr(attrs, "t"), *style = markup_attr(attrs, "s");
	size_t column = place ? column_in(place) : s->column + 1;
	if (column <= s->column || !s->row)
		return E_INVALID;
	s->column = column;
	s->style = style ? strtoul(style, NULL, 10) : 0;
	snprintf(s->type, sizeof(s->type), "%s", type ? type : "n");
	buffer_cut(&s->value, 0);
	return 0;
}

static int end_cell(struct sheet *s)
{
	const char *value = buffer_text(&s->value);
	char figure[FIGURE_BYTES];
	if (!buffer_left(&s->value))
		return 0;
	if (!strcmp(s->type, "s")) {
		value = book_text(s->book, strtoul(value, NULL, 10));
		return value ? put_cell(s, value) : E_INVALID;
	}
	if (strcmp(s->type, "n"))
		return put_cell(s, value);
	if (book_is_date(s->book, s->style))
		figure_date(value, s->book->from_1904, figure);
	else
		figure_number(value, figure);
	return put_cell(s, figure);
}

static int on_open(void *self, const char *name, const char *const *attrs)
{
	struct sheet *s = self;
	if (!strcmp(name, "row"))
		return begin_row(s, attrs);
	if (!strcmp(name, "c"))
		return begin_cell(s, attrs);
	if (!strcmp(name, "rPh"))
		s->in_reading = true;
	s->in_value = s->column && !s->in_reading && (!strcmp(name, "v") || !strcmp(name, "t"));
	return 0;
}

static int on_close(void *self, const char *name)
{
	struct sheet *s = self;
	s->in_value = false;
	if (!strcmp(name, "rPh"))
		s->in_reading = false;
	if (!strcmp(name, "c"))
		return end_cell(s);
	return !strcmp(name, "row") ? end_row(s) : 0;
}

static int on_text(void *self, const char *text, size_t n)
{
	struct sheet *s = self;
	if (!s->in_value)
		return 0;
	if (buffer_left(&s->value) + n > CSV_FIELD_BYTES_MAX)
		return refuse(s, "field_too_long", "a cell has more than 64 KiB");
	return buffer_put(&s->value, text, n);
}

const struct markup_events sheet_events = { .open = on_open, .close = on_close, .text = on_text };
