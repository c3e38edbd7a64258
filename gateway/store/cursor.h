/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table read from end to end in the order of its key, some rows at a time: no statement stands open in between, and none asks for
 * more than about a MiB. For the copier. */
#ifndef CAUNOI_STORE_CURSOR_H
#define CAUNOI_STORE_CURSOR_H

#include "gateway/base/buffer.h"
#include "gateway/store/shape.h"

struct cursor_key {
	enum shape_kind kind;
	int64_t number;
	struct buffer bytes;
};

struct cursor {
	struct store *db;
	const struct shape_table *table;
	struct statement *first, *next;
	struct cursor_key key[2][SHAPE_KEYS_MAX]; /* of the last row of the rows before (bound while these are read), and of these */
	int at;
	bool started;
	int n_rows; /* asked for at a time */
};

/* One value, borrowed from its statement. */
struct cursor_value {
	enum shape_kind kind;
	bool null;
	int64_t number;
	double real;
	const void *bytes;
	size_t n_bytes;
};

/* Before the first row. E_NOMEM. */
MUST_CHECK int cursor_init(struct cursor *c, struct store *db, const struct shape_table *table);
void cursor_done(struct cursor *c);
/* Goes behind the last key of the same table in other (its first rows are there already). */
MUST_CHECK int cursor_seek(struct cursor *c, struct store *other);
/* The next rows, each given to row (whose error ends it). 1: there may be more, 0: the end; negative as store_row. *ret_rows how many. */
MUST_CHECK int cursor_take(struct cursor *c, int (*row)(void *arg, struct statement *st), void *arg, int *ret_rows);

/* Value i of the row on which st stands; borrowed as column_text. E_CORRUPT: a text that is cut by a NUL byte. */
MUST_CHECK int cursor_value(const struct cursor *c, struct statement *st, int i, struct cursor_value *ret);

#endif
