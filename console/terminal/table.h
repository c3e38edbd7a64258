/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows laid out in columns for people. Pure: text in, text out. Widths are counted in cells of a terminal, control characters
 * (a villager's text may hold any) are made visible. */
#ifndef CAUNOI_CONSOLE_TERMINAL_TABLE_H
#define CAUNOI_CONSOLE_TERMINAL_TABLE_H

#include <jansson.h>
#include <stddef.h>

#include "gateway/base/buffer.h"

#define TABLE_COLUMNS_MAX 32
#define TABLE_CELL_MAX 48 /* a longer cell is cut */

struct table {
	const char *keys[TABLE_COLUMNS_MAX]; /* borrowed */
	size_t cells[TABLE_COLUMNS_MAX];     /* width of each column */
	size_t n;
	size_t columns; /* width of the terminal; 0 = nothing is cut */
	const char *(*label)(const void *arg, const char *key); /* a key's words for the heading */
	const void *arg;
};

/* Cells that text takes on a terminal. */
size_t table_cells(const char *text);
/* Control characters and line ends replaced by one visible character, cut to at most `cells` cells ("…" at the cut; 0 = whole).
 * The caller's; NULL on no memory. */
char *table_clean(const char *text, size_t cells);
/* One value as people read it in a cell: text, number, yes/no, "" for null, lists joined by commas. The caller's. */
char *table_value(const json_t *value);

/* Chooses the columns: wanted (NULL-terminated keys, NULL = all scalar ones of the first row) as far as any row has a value,
 * and their widths. label, arg and columns are set by the caller before. */
void table_measure(struct table *t, const char *const *wanted, const json_t *rows);
MUST_CHECK int table_head(const struct table *t, struct buffer *out);
MUST_CHECK int table_row(const struct table *t, const json_t *row, struct buffer *out);

#endif
