/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CSV rows out of bytes that arrive in pieces. Comma, semicolon or tab is found from the header line; a UTF-8 BOM is
 * accepted; lines end with LF, CR LF or CR; quotes as in RFC 4180. Holds one row at a time. A file that is not what it
 * should be is refused whole, with line and reason: rows handed over before that were rows, but the caller undoes them. */
#ifndef CAUNOI_BASE_CSV_H
#define CAUNOI_BASE_CSV_H

#include <stddef.h>

#include "gateway/base/complaint.h"
#include "gateway/base/err.h"
#include "gateway/base/own.h"

#define CSV_COLUMNS_MAX 1000
#define CSV_FIELD_BYTES_MAX 65536
#define CSV_ROW_BYTES_MAX (4 << 20)

/* Borrowed until the callback returns. Fields are valid UTF-8 without NUL, spaces around unquoted ones removed, and the apostrophe that
 * an export puts before a formula (csvline.h). */
struct csv_row {
	int row;  /* 1 = header; empty rows are passed over and not counted */
	int line; /* where it begins in the file, from 1 */
	size_t n; /* as many as the header has; trailing empty columns of the header are none */
	const char *const *fields;
};

struct csv;

/* on_row gets the header first, then every row; a negative result of it ends the reading with that code. */
MUST_CHECK int csv_new(int (*on_row)(void *self, const struct csv_row *row), void *self, struct csv **ret);
/* Not csv_free: libcsv has a function of that name. */
void csv_drop(struct csv *csv);
OWN_DEFINE(csv, struct csv *, csv_drop)
/* E_INVALID with *c filled: rule "nul_byte", "utf16", "invalid_utf8", "field_count", "too_many_columns", "field_too_long",
 * "row_too_long"; E_NOMEM; or on_row's code. After a failure every further call gives the same. */
MUST_CHECK int csv_feed(struct csv *csv, const void *bytes, size_t n_bytes, struct complaint *c);
/* The end of the file. As csv_feed, and "unclosed_quote", "empty" (not even a header). */
MUST_CHECK int csv_finish(struct csv *csv, struct complaint *c);
/* ',', ';' or '\t'; meaningful once the header was handed over. */
char csv_delimiter(const struct csv *csv);

#endif
