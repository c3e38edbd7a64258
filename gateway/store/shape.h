/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tables of a database look like, read from SQLite's catalogue, and the texts that read and write them whole in the order of
 * their keys. For copying between engines: both have the tables of one schema text. */
#ifndef CAUNOI_STORE_SHAPE_H
#define CAUNOI_STORE_SHAPE_H

#include "gateway/store/store.h"

#define SHAPE_TABLES_MAX 64
#define SHAPE_COLUMNS_MAX 40
#define SHAPE_KEYS_MAX 4

enum shape_kind { SHAPE_INT, SHAPE_REAL, SHAPE_TEXT, SHAPE_BLOB };

enum shape_sql {
	SHAPE_FIRST, /* rows from the first key on: $n at the most */
	SHAPE_NEXT,  /* rows behind the key $k0 … */
	SHAPE_LAST,  /* the last key */
	SHAPE_WRITE, /* one row: $c0 … */
	SHAPE_COUNT, /* how many rows there are */
	SHAPE_SQL_COUNT,
};

struct shape_column {
	char name[40];
	enum shape_kind kind;
};

struct shape_table {
	char name[40];
	struct shape_column columns[SHAPE_COLUMNS_MAX];
	int n_columns;
	int keys[SHAPE_KEYS_MAX], n_keys; /* places in columns, in the key's order */
	bool counted;			  /* its ids are drawn and never used again */
	char *sql[SHAPE_SQL_COUNT];
};

/* Tables in the order in which they were made, so that a row stands behind those it refers to. */
struct shape {
	struct shape_table tables[SHAPE_TABLES_MAX];
	size_t n_tables;
};

/* The names of bound values: "$c0" …, "$k0" …; literals, as bind_… wants them. */
const char *shape_column_name(int i);
const char *shape_key_name(int i);

/* db is SQLite. E_CORRUPT: tables that no release ever made; E_NOMEM, E_UNAVAILABLE. */
MUST_CHECK int shape_read(struct store *db, struct shape **ret);
void shape_free(struct shape *s);

#endif
