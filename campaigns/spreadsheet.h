/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first sheet of an XLSX file as CSV: comma, every cell quoted, one line a row, so that a line's number is the row's number in the
 * sheet. Numbers keep every digit, dates become ISO 8601. Goes on in pieces; the same file gives the same bytes. */
#ifndef CAUNOI_CAMPAIGNS_SPREADSHEET_H
#define CAUNOI_CAMPAIGNS_SPREADSHEET_H

#include <stddef.h>
#include <stdint.h>

#include "gateway/base/buffer.h"
#include "gateway/base/complaint.h"

#define SPREADSHEET_STRINGS_MAX (32 << 20) /* bytes of shared texts held in memory */
#define SPREADSHEET_ROWS_MAX 1048576

struct store;
struct spreadsheet;

/* Borrows db. E_INVALID with *c: the rules of archive.h. */
MUST_CHECK int spreadsheet_open(struct store *db, int64_t upload, struct spreadsheet **ret, struct complaint *c);
void spreadsheet_close(struct spreadsheet *s);
/* Unpacks about n bytes more and appends what rows they gave to out. E_AGAIN: more to come; 0: that was all; E_INVALID with *c (line = row),
 * rule "xlsx_broken", "xlsx_too_large", "no_sheet", "too_many_columns", "field_too_long". */
MUST_CHECK int spreadsheet_read(struct spreadsheet *s, size_t n, struct buffer *out, struct complaint *c);

#endif
