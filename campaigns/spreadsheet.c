/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of an XLSX file in the order in which one needs the other: which sheet, where it lies, which styles are dates, the shared
 * texts (book.c), then the sheet itself (sheet.c). Called by convert.c. */
#include "campaigns/spreadsheet.h"

#include <stdlib.h>

#include "campaigns/archive.h"
#include "campaigns/book.h"
#include "campaigns/markup.h"
#include "campaigns/sheet.h"

#define READ_BYTES 32768

enum part { PART_BOOK, PART_LINKS, PART_STYLES, PART_STRINGS, PART_SHEET, PART_END };

struct spreadsheet {
	struct archive *archive;
	struct markup *markup; /* of the part in hand; NULL between two */
	enum part part;
	struct book book;
	struct sheet sheet;
	char bytes[READ_BYTES];
};

static const char *path_of(const struct spreadsheet *s)
{
	switch (s->part) {
	case PART_BOOK: return "xl/workbook.xml";
	case PART_LINKS: return "xl/_rels/workbook.xml.rels";
	case PART_STYLES: return "xl/styles.xml";
	case PART_STRINGS: return "xl/sharedStrings.xml";
	case PART_SHEET: return s->book.path;
	case PART_END: break;
	}
	return "";
}

static int begin_part(struct spreadsheet *s, struct complaint *c)
{
	static const struct markup_events *const events[] = {
		[PART_BOOK] = &book_events, [PART_LINKS] = &book_link_events, [PART_STYLES] = &book_style_events,
		[PART_STRINGS] = &book_string_events, [PART_SHEET] = &sheet_events,
	};
	int r = archive_enter(s->archive, path_of(s), c);
	if (r == E_NOT_FOUND && (s->part == PART_STYLES || s->part == PART_STRINGS)) {
		s->part++;
		return E_AGAIN;
	}
	if (r == E_NOT_FOUND)
		return complaint_set(c, "file", "no_sheet", "This is no spreadsheet, or it holds no sheet.");
	if (r)
		return r;
	void *self = s->part == PART_SHEET ? (void *)&s->sheet : (void *)&s->book;
	r = markup_new(events[s->part], self, &s->markup);
	return r ? r : E_AGAIN;
}

static int end_part(struct spreadsheet *s)
{
	markup_free(s->markup);
	s->markup = NULL;
	s->part++;
	return s->part == PART_END ? 0 : E_AGAIN;
}

static int explain(const struct spreadsheet *s, int r, struct complaint *c)
{
	if (r == E_TOO_BIG)
		return complaint_set(c, "file", "xlsx_too_large", "The spreadsheet holds too much text; save it as \"CSV UTF-8\" and import that.");
	if (r != E_INVALID || c->rule[0])
		return r;
	if (s->part == PART_SHEET)
		c->line = s->sheet.row;
	if (s->part == PART_SHEET && s->sheet.rule)
		return complaint_set(c, "file", s->sheet.rule, "%s", s->sheet.why);
	return complaint_set(c, "file", "xlsx_broken", "The spreadsheet file is damaged; open it and save it again.");
}

/* One piece of the part in hand; *n is used up by it. */
static int read_piece(struct spreadsheet *s, size_t *n, struct complaint *c)
{
	int got = archive_read(s->archive, s->bytes, sizeof(s->bytes), c);
	if (got < 0)
		return got;
	*n -= (size_t)got < *n ? (size_t)got : *n;
	int r = markup_feed(s->markup, s->bytes, (size_t)got, got == 0);
	if (r)
		return r;
	return got ? E_AGAIN : end_part(s);
}

int spreadsheet_open(struct store *db, int64_t upload, struct spreadsheet **ret, struct complaint *c)
{
	struct spreadsheet *s = calloc(1, sizeof(*s));
	if (!s)
		return E_NOMEM;
	s->sheet.book = &s->book;
	int r = archive_open(db, upload, &s->archive, c);
	if (r)
		spreadsheet_close(s);
	else
		*ret = s;
	return r;
}

void spreadsheet_close(struct spreadsheet *s)
{
	if (!s)
		return;
	markup_free(s->markup);
	archive_close(s->archive);
	book_done(&s->book);
	sheet_done(&s->sheet);
	free(s);
}

int spreadsheet_read(struct spreadsheet *s, size_t n, struct buffer *out, struct complaint *c)
{
	int r = s->part == PART_END ? 0 : E_AGAIN;
	s->sheet.out = out;
	while (r == E_AGAIN && n)
		r = s->markup ? read_piece(s, &n, c) : begin_part(s, c);
	return r && r != E_AGAIN ? explain(s, r, c) : r;
}
