/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of a worksheet as lines of CSV. A struct sheet is the self of its events; out is set before each piece. */
#ifndef CAUNOI_CAMPAIGNS_SHEET_H
#define CAUNOI_CAMPAIGNS_SHEET_H

#include "campaigns/book.h"
#include "campaigns/markup.h"
#include "gateway/base/buffer.h"

struct sheet {
	const struct book *book;
	struct buffer *out;
	int row, lines;       /* row in hand; lines written */
	size_t column, width; /* of the cell in hand, from 1; cells of the header */
	size_t written;       /* cells of this row that are in line */
	struct buffer line, value;
	char type[16];
	size_t style;
	bool in_value, in_reading;
	const char *rule, *why; /* of an E_INVALID; NULL: no spreadsheet */
};
void sheet_done(struct sheet *s);

extern const struct markup_events sheet_events;

#endif
