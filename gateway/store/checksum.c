/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checksums of tables. Called by the copier; reads only. */
#include "gateway/store/checksum.h"

#include <sodium.h>
#include <string.h>

#include "gateway/store/counts.h"
#include "gateway/store/cursor.h"

bool checksum_same(const struct checksum *a, const struct checksum *b)
{
	return a->n_rows == b->n_rows && !memcmp(a->sum, b->sum, CHECKSUM_BYTES);
}

struct adding {
	struct cursor *cursor;
	crypto_generichash_state state;
	int64_t n_rows;
};

static void add_bytes(struct adding *a, const void *bytes, size_t n)
{
	crypto_generichash_update(&a->state, bytes, n);
}

static void add_number(struct adding *a, uint64_t n)
{
	uint8_t bytes[8];
	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(n >> (8 * i));
	add_bytes(a, bytes, sizeof(bytes));
}

static void add_value(struct adding *a, const struct cursor_value *v)
{
	uint64_t bits = 0;
	uint8_t tag = v->null ? 0xff : (uint8_t)v->kind;
	add_bytes(a, &tag, 1);
	if (v->null)
		return;
	switch (v->kind) {
	case SHAPE_INT: add_number(a, (uint64_t)v->number); break;
	case SHAPE_REAL:
		memcpy(&bits, &v->real, sizeof(bits));
		add_number(a, bits);
		break;
	case SHAPE_TEXT:
	case SHAPE_BLOB:
		add_number(a, v->n_bytes);
		add_bytes(a, v->bytes, v->n_bytes);
		break;
	}
}

static int add_row(void *arg, struct statement *st)
{
	struct adding *a = arg;
	for (int i = 0; i < a->cursor->table->n_columns; i++) {
		struct cursor_value v;
		int r = cursor_value(a->cursor, st, i, &v);
		if (r)
			return r;
		add_value(a, &v);
	}
	a->n_rows++;
	return 0;
}

int checksum_table(struct store *db, const struct shape_table *table, int (*after)(void *arg, const char *table, int n_rows), void *arg,
		   struct checksum *ret)
{
	struct cursor cursor;
	struct adding a = { .cursor = &cursor };
	int n = 0, more = 1, r = cursor_init(&cursor, db, table);
	if (r)
		return r;
	crypto_generichash_init(&a.state, NULL, 0, CHECKSUM_BYTES);
	while (!r && more) {
		more = cursor_take(&cursor, add_row, &a, &n);
		r = more < 0 ? more : after(arg, table->name, n);
	}
	cursor_done(&cursor);
	crypto_generichash_final(&a.state, ret->sum, CHECKSUM_BYTES);
	ret->n_rows = a.n_rows;
	return r;
}

int checksum_counts(struct store *db, const struct shape *shape, struct checksum *ret)
{
	struct adding a = { 0 };
	int r = 0;
	crypto_generichash_init(&a.state, NULL, 0, CHECKSUM_BYTES);
	for (size_t i = 0; !r && i < shape->n_tables; i++) {
		const struct shape_table *t = &shape->tables[i];
		int64_t last = 0;
		if (!t->counted)
			continue;
		r = counts_get(db, t->name, &last);
		add_bytes(&a, t->name, strlen(t->name) + 1);
		add_number(&a, (uint64_t)last);
		a.n_rows++;
	}
	crypto_generichash_final(&a.state, ret->sum, CHECKSUM_BYTES);
	ret->n_rows = a.n_rows;
	return r;
}
