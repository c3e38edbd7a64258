/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table of a report as JSON, the one form that every kind of file is written from:
 * {"id":"T2","title":…,"columns":[{"key","title","type"}],"rows":[[…]],"total":[…] or null,"notes":[…]}.
 * Types: "text", "int", "percent" (a number with one digit), "date" ("2026-11-22"). A cell that must not be read is SHEET_HIDDEN.
 * "bare": true is a table that another program reads: its header is the first row of its page. */
#ifndef CAUNOI_REPORT_SHEET_H
#define CAUNOI_REPORT_SHEET_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"
#include "gateway/base/json.h"

#define SHEET_HIDDEN "*"

struct sheet_column {
	const char *key, *title, *type;
};

/* NULL on no memory, as all that makes JSON here. */
json_t *sheet_new(const char *id, const char *title, const struct sheet_column *columns, size_t n);
MUST_CHECK int sheet_column_add(json_t *sheet, const char *key, const char *title, const char *type);
/* row is taken, NULL is E_NOMEM. */
MUST_CHECK int sheet_row(json_t *sheet, json_t *row);
MUST_CHECK int sheet_note(json_t *sheet, const char *note);
/* The total of the columns that are counts; the first cell says "Cộng". Nothing for a sheet without rows. */
MUST_CHECK int sheet_add_up(json_t *sheet);
/* part of whole in per cent with one digit, null without a whole. */
json_t *sheet_percent(int64_t part, int64_t whole);

/* A count, or SHEET_HIDDEN. */
json_t *sheet_count(int64_t n, bool hidden);

#endif
