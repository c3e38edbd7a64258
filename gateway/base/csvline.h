/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CSV written so that a spreadsheet shows what is there and runs none of it: UTF-8 with a byte order mark, every cell quoted, an
 * apostrophe before what would begin a formula, in front of a text and behind a semicolon, tab or line end within it. Reading takes
 * the apostrophes off again. */
#ifndef CAUNOI_BASE_CSVLINE_H
#define CAUNOI_BASE_CSVLINE_H

#include <stdbool.h>

#include "gateway/base/buffer.h"

#define CSVLINE_BOM "\xef\xbb\xbf"

/* One cell; first: no comma in front. is_number: text is a number of ours, which may begin with a minus. E_NOMEM. */
MUST_CHECK int csvline_cell(struct buffer *out, const char *text, bool first, bool is_number);
MUST_CHECK int csvline_end(struct buffer *out);
/* What csvline_cell wrote, as it was: text behind the apostrophe that made it inert, text itself where there is none. Borrowed. */
const char *csvline_plain(const char *text);
/* The same in place, with the apostrophes within the text. */
char *csvline_restore(char *text);

#endif
