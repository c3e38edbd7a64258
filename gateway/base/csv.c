/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows from libcsv, checked. Called by imports. libcsv gets one line at a time, so that the line is known in its callbacks
 * and a refusal comes soon; it knows no encodings, so each field is checked here. Does no I/O. */
#include "gateway/base/csv.h"

#include <csv.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/buffer.h"
#include "gateway/base/csvline.h"
#include "gateway/base/text.h"

#define HEADER_BYTES_MAX (1 << 20)
#define PIECE_BYTES_MAX 16384 /* libcsv is looked after that often */
/* libcsv's pstate */
#define BEFORE_ROW 0
#define WITHIN_FIELD 2

/* How far the bytes before the first whole line have been looked through. */
struct header_scan {
	size_t from;
	size_t commas, semicolons, tabs;
	bool quoted, something;
};

struct csv {
	int (*on_row)(void *self, const struct csv_row *row);
	void *self;
	struct csv_parser parser;
	struct buffer head; /* the bytes until the header line is whole */
	struct header_scan scan;
	bool started;       /* the delimiter is known, the head is fed */
	char delimiter;
	struct buffer text; /* the row's fields, each with its NUL */
	size_t at[CSV_COLUMNS_MAX];
	const char *fields[CSV_COLUMNS_MAX];
	size_t n, n_filled, n_header; /* fields of this row; those up to the last not empty; columns */
	int row, line, row_line;
	bool after_cr;
	int err;
	struct complaint complaint;
};

int csv_new(int (*on_row)(void *self, const struct csv_row *row), void *self, struct csv **ret)
{
	struct csv *csv = calloc(1, sizeof(*csv));
	if (!csv)
		return E_NOMEM;
	if (csv_init(&csv->parser, 0)) {
		free(csv);
		return E_NOMEM;
	}
	csv_set_blk_size(&csv->parser, 4096);
	csv->on_row = on_row;
	csv->self = self;
	csv->line = csv->row_line = 1;
	*ret = csv;
	return 0;
}

void csv_drop(struct csv *csv)
{
	if (!csv)
		return;
	csv_free(&csv->parser);
	buffer_done(&csv->head);
	buffer_done(&csv->text);
	free(csv);
}

char csv_delimiter(const struct csv *csv)
{
	return csv->delimiter;
}

static int refuse(struct csv *csv, const char *rule, const char *sentence)
{
	csv->complaint.line = csv->row_line;
	return csv->err = complaint_set(&csv->complaint, "", rule, "%s", sentence);
}

static int result(const struct csv *csv, struct complaint *c)
{
	if (csv->err == E_INVALID && csv->complaint.rule[0]) {
		complaint_set(c, "", csv->complaint.rule, "%s", csv->complaint.text);
		c->line = csv->complaint.line;
	}
	return csv->err;
}

/* ---- libcsv's callbacks: they cannot stop it, so they pass over everything behind an error ------------- */

static void check_field(struct csv *csv, const void *field, size_t n_bytes)
{
	if (n_bytes > CSV_FIELD_BYTES_MAX)
		refuse(csv, "field_too_long", "a field has more than 64 KiB; perhaps a quote is not closed");
	else if (n_bytes && memchr(field, 0, n_bytes))
		refuse(csv, "nul_byte", "the file holds a zero byte; it is no text");
	else if (n_bytes && !text_is_valid(field, n_bytes))
		refuse(csv, "invalid_utf8", "the text is not UTF-8; save the file as \"CSV UTF-8\"");
	else if (csv->n >= CSV_COLUMNS_MAX && n_bytes)
		refuse(csv, "too_many_columns", "there are more than 1,000 columns");
	else if (buffer_left(&csv->text) + n_bytes > CSV_ROW_BYTES_MAX)
		refuse(csv, "row_too_long", "a row has more than 4 MiB");
}

static void on_field(void *field, size_t n_bytes, void *self)
{
	struct csv *csv = self;
	if (csv->err)
		return;
	check_field(csv, field, n_bytes);
	if (csv->err || csv->n >= CSV_COLUMNS_MAX)
		return;
	csv->at[csv->n++] = buffer_left(&csv->text);
	if (n_bytes) {
		csv->n_filled = csv->n;
		csv->err = buffer_put(&csv->text, field, n_bytes);
	}
	if (!csv->err)
		csv->err = buffer_put(&csv->text, "", 1);
}

static int check_width(struct csv *csv)
{
	if (csv->row == 0)
		csv->n_header = csv->n_filled;
	if (csv->n >= csv->n_header && csv->n_filled <= csv->n_header)
		return 0;
	csv->complaint.line = csv->row_line;
	return csv->err = complaint_set(&csv->complaint, "", "field_count", "the row has %zu fields, the header %zu",
					csv->n_filled > csv->n_header ? csv->n_filled : csv->n, csv->n_header);
}

static void on_end(int terminator, void *self)
{
	struct csv *csv = self;
	(void)terminator;
	if (!csv->err && csv->n_filled && !check_width(csv)) {
		for (size_t i = 0; i < csv->n_header; i++)
			csv->fields[i] = csvline_restore(csv->text.data + csv->text.from + csv->at[i]);
		struct csv_row row = { .row = ++csv->row, .line = csv->row_line, .n = csv->n_header, .fields = csv->fields };
		csv->err = csv->on_row(csv->self, &row);
	}
	buffer_cut(&csv->text, 0);
	csv->n = csv->n_filled = 0;
}

/* ---- feeding ------------------------------------------------------------------------------------------ */

static int feed_piece(struct csv *csv, const char *p, size_t n)
{
	if (csv->parser.pstate == BEFORE_ROW)
		csv->row_line = csv->line;
	if (csv_parse(&csv->parser, p, n, on_field, on_end, csv) != n && !csv->err)
		csv->err = E_NOMEM;
	if (!csv->err && csv->parser.pstate != BEFORE_ROW && csv->parser.entry_pos > CSV_FIELD_BYTES_MAX + PIECE_BYTES_MAX)
		check_field(csv, NULL, SIZE_MAX);
	return csv->err;
}

static void count_line(struct csv *csv, char last)
{
	if ((last == '\r' || (last == '\n' && !csv->after_cr)) && csv->line < INT_MAX)
		csv->line++;
	csv->after_cr = last == '\r';
}

static int feed(struct csv *csv, const char *p, size_t n)
{
	while (n && !csv->err) {
		size_t piece = 0, most = n < PIECE_BYTES_MAX ? n : PIECE_BYTES_MAX;
		while (piece < most && p[piece] != '\n' && p[piece] != '\r')
			piece++;
		piece += piece < most;
		if (!feed_piece(csv, p, piece))
			count_line(csv, p[piece - 1]);
		p += piece;
		n -= piece;
	}
	return csv->err;
}

/* Looks for the end of the first line that holds something, and counts what may divide it; false = not there yet. */
static bool scan_header(struct header_scan *s, const char *p, size_t n)
{
	for (; s->from < n; s->from++) {
		char c = p[s->from];
		if (c == '"')
			s->quoted = !s->quoted;
		if (s->quoted)
			continue;
		if ((c == '\n' || c == '\r') && s->something)
			return true;
		s->something = s->something || !strchr(" \r\n\xEF\xBB\xBF", c);
		s->commas += c == ',';
		s->semicolons += c == ';';
		s->tabs += c == '\t';
	}
	return false;
}

static char delimiter_of(const struct header_scan *s)
{
	if (s->commas >= s->semicolons && s->commas >= s->tabs)
		return ',';
	return s->semicolons >= s->tabs ? ';' : '\t';
}

static bool is_utf16(const char *p, size_t n)
{
	if (n < 2)
		return false;
	uint8_t a = (uint8_t)p[0], b = (uint8_t)p[1];
	return (a == 0xFF && b == 0xFE) || (a == 0xFE && b == 0xFF) || !a != !b;
}

/* Chooses the delimiter once the header line is there (or the file has ended), then feeds what was kept. */
static int start(struct csv *csv, bool ended)
{
	const char *p = buffer_text(&csv->head);
	size_t n = buffer_left(&csv->head);
	if (is_utf16(p, n))
		return refuse(csv, "utf16", "the file is UTF-16; save it as \"CSV UTF-8\"");
	if (!scan_header(&csv->scan, p, n) && !ended)
		return n > HEADER_BYTES_MAX ? refuse(csv, "row_too_long", "the header line does not end within 1 MiB") : 0;
	csv->delimiter = delimiter_of(&csv->scan);
	csv_set_delim(&csv->parser, (unsigned char)csv->delimiter);
	csv->started = true;
	size_t bom = n >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
	int r = feed(csv, p + bom, n - bom);
	buffer_done(&csv->head);
	return r;
}

int csv_feed(struct csv *csv, const void *bytes, size_t n_bytes, struct complaint *c)
{
	if (csv->err)
		return result(csv, c);
	if (csv->started) {
		feed(csv, bytes, n_bytes);
	} else {
		csv->err = buffer_put(&csv->head, bytes, n_bytes);
		if (!csv->err)
			start(csv, false);
	}
	return result(csv, c);
}

int csv_finish(struct csv *csv, struct complaint *c)
{
	if (!csv->err && !csv->started)
		start(csv, true);
	if (!csv->err && csv->parser.quoted && csv->parser.pstate == WITHIN_FIELD)
		refuse(csv, "unclosed_quote", "a quote is opened and never closed");
	if (!csv->err && csv_fini(&csv->parser, on_field, on_end, csv) && !csv->err)
		csv->err = E_NOMEM;
	if (!csv->err && csv->row == 0)
		refuse(csv, "empty", "the file has no header line");
	return result(csv, c);
}
