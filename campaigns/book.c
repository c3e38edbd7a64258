/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The small parts of a workbook and its shared texts. Called by spreadsheet.c through markup's events. E_TOO_BIG: more than is held. */
#include "campaigns/book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "campaigns/figure.h"
#include "campaigns/spreadsheet.h"

void book_done(struct book *b)
{
	free(b->formats);
	free(b->dates);
	free(b->at);
	buffer_done(&b->texts);
}

const char *book_text(const struct book *b, size_t i)
{
	return i < b->n_texts ? buffer_text(&b->texts) + b->at[i] : NULL;
}

bool book_is_date(const struct book *b, size_t style)
{
	return style < b->n_dates && b->dates[style];
}

static int pass_close(void *self, const char *name)
{
	(void)self;
	(void)name;
	return 0;
}

static int pass_text(void *self, const char *text, size_t n)
{
	(void)self;
	(void)text;
	(void)n;
	return 0;
}

static const char *attr(const char *const *attrs, const char *name)
{
	const char *value = markup_attr(attrs, name);
	return value ? value : "";
}

/* ---- which sheet, and where ---- */

static int book_open(void *self, const char *name, const char *const *attrs)
{
	struct book *b = self;
	if (!strcmp(name, "workbookPr"))
		b->from_1904 = !strcmp(attr(attrs, "date1904"), "1") || !strcmp(attr(attrs, "date1904"), "true");
	else if (!strcmp(name, "sheet") && !*b->link && (!*attr(attrs, "state") || !strcmp(attr(attrs, "state"), "visible")))
		snprintf(b->link, sizeof(b->link), "%s", attr(attrs, "id"));
	return 0;
}

static int link_open(void *self, const char *name, const char *const *attrs)
{
	struct book *b = self;
	const char *target = attr(attrs, "Target");
	if (!strcmp(name, "Relationship") && *b->link && !strcmp(attr(attrs, "Id"), b->link))
		snprintf(b->path, sizeof(b->path), "%s%s", *target == '/' ? "" : "xl/", target + (*target == '/'));
	return 0;
}

const struct markup_events book_events = { .open = book_open, .close = pass_close, .text = pass_text };
const struct markup_events book_link_events = { .open = link_open, .close = pass_close, .text = pass_text };

/* ---- which styles are dates ---- */

static int add_format(struct book *b, const char *const *attrs)
{
	if (b->n_formats == BOOK_STYLES_MAX)
		return E_TOO_BIG;
	void *more = realloc(b->formats, (b->n_formats + 1) * sizeof(*b->formats));
	if (!more)
		return E_NOMEM;
	b->formats = more;
	b->formats[b->n_formats].id = (int)strtol(attr(attrs, "numFmtId"), NULL, 10);
	b->formats[b->n_formats++].date = figure_is_date(0, attr(attrs, "formatCode"));
	return 0;
}

static bool format_is_date(const struct book *b, int id)
{
	for (size_t i = 0; i < b->n_formats; i++)
		if (b->formats[i].id == id)
			return b->formats[i].date;
	return figure_is_date(id, NULL);
}

static int add_style(struct book *b, const char *const *attrs)
{
	if (b->n_dates == BOOK_STYLES_MAX)
		return E_TOO_BIG;
	bool *more = realloc(b->dates, (b->n_dates + 1) * sizeof(*more));
	if (!more)
		return E_NOMEM;
	b->dates = more;
	b->dates[b->n_dates++] = format_is_date(b, (int)strtol(attr(attrs, "numFmtId"), NULL, 10));
	return 0;
}

static int style_open(void *self, const char *name, const char *const *attrs)
{
	struct book *b = self;
	if (!strcmp(name, "cellXfs"))
		b->in_styles = true;
	if (!strcmp(name, "numFmt"))
		return add_format(b, attrs);
	return b->in_styles && !strcmp(name, "xf") ? add_style(b, attrs) : 0;
}

static int style_close(void *self, const char *name)
{
	struct book *b = self;
	if (!strcmp(name, "cellXfs"))
		b->in_styles = false;
	return 0;
}

const struct markup_events book_style_events = { .open = style_open, .close = style_close, .text = pass_text };

/* ---- shared texts ---- */

static int begin_text(struct book *b)
{
	if (b->n_texts == b->room) {
		size_t room = b->room ? b->room * 2 : 1024;
		uint32_t *more = realloc(b->at, room * sizeof(*more));
		if (!more)
			return E_NOMEM;
		b->at = more;
		b->room = room;
	}
	b->at[b->n_texts++] = (uint32_t)buffer_left(&b->texts);
	return 0;
}

static int string_open(void *self, const char *name, const char *const *attrs)
{
	struct book *b = self;
	(void)attrs;
	if (!strcmp(name, "si"))
		return begin_text(b);
	if (!strcmp(name, "rPh"))
		b->in_reading = true;
	b->in_text = !strcmp(name, "t") && !b->in_reading && b->n_texts;
	return 0;
}

static int string_close(void *self, const char *name)
{
	struct book *b = self;
	b->in_text = false;
	if (!strcmp(name, "rPh"))
		b->in_reading = false;
	if (strcmp(name, "si"))
		return 0;
	/* the index counts as well: texts may be empty */
	if (buffer_left(&b->texts) + b->n_texts * sizeof(*b->at) > SPREADSHEET_STRINGS_MAX)
		return E_TOO_BIG;
	return buffer_put(&b->texts, "", 1);
}

static int string_text(void *self, const char *text, size_t n)
{
	struct book *b = self;
	if (!b->in_text)
		return 0;
	return buffer_left(&b->texts) + n > SPREADSHEET_STRINGS_MAX ? E_TOO_BIG : buffer_put(&b->texts, text, n);
}

const struct markup_events book_string_events = { .open = string_open, .close = string_close, .text = string_text };
