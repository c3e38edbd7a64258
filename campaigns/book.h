/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the sheet of a workbook needs to be read: where it lies, the texts that cells share, which styles show dates. Each kind of events
 * fills its share of a struct book, which is their self. */
#ifndef CAUNOI_CAMPAIGNS_BOOK_H
#define CAUNOI_CAMPAIGNS_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "campaigns/markup.h"
#include "gateway/base/buffer.h"

#define BOOK_PATH_BYTES 256
#define BOOK_STYLES_MAX 65536

struct book {
	bool from_1904;
	char link[128], path[BOOK_PATH_BYTES]; /* of the first sheet that can be seen */
	struct { int id; bool date; } *formats; /* the file's own number formats */
	size_t n_formats;
	bool *dates; /* by style */
	size_t n_dates;
	bool in_styles;
	struct buffer texts; /* shared ones, each with its NUL */
	uint32_t *at;
	size_t n_texts, room;
	bool in_text, in_reading; /* inside <t>; inside a reading aid, which is no text */
};
void book_done(struct book *b);
/* Text i; NULL when there is none. */
const char *book_text(const struct book *b, size_t i);
bool book_is_date(const struct book *b, size_t style);

extern const struct markup_events book_events, book_link_events, book_style_events, book_string_events;

#endif
