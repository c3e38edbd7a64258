/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads and sets counts of ids. Called by the copier and by checksums; the engines themselves draw from them. */
#include "gateway/store/counts.h"

#include "gateway/store/engine.h"

enum counts_sql { COUNTS_GET, COUNTS_DROP, COUNTS_SET, COUNTS_SQL_COUNT };
static const char *const counts_sqlite[COUNTS_SQL_COUNT] = {
	[COUNTS_GET] = "SELECT seq FROM sqlite_sequence WHERE name = $name",
	[COUNTS_DROP] = "DELETE FROM sqlite_sequence WHERE name = $name",
	[COUNTS_SET] = "INSERT INTO sqlite_sequence (name, seq) VALUES ($name, $last)",
};
static const char *const counts_postgresql[COUNTS_SQL_COUNT] = {
	[COUNTS_GET] = "SELECT last FROM ids WHERE name = $name",
	[COUNTS_DROP] = "DELETE FROM ids WHERE name = $name",
	[COUNTS_SET] = "INSERT INTO ids (name, last) VALUES ($name, $last)",
};
static const struct sql_module sqlite_module = { "counts", counts_sqlite, COUNTS_SQL_COUNT };
static const struct sql_module postgresql_module = { "counts", counts_postgresql, COUNTS_SQL_COUNT };

static struct statement *prepare(struct store *db, enum counts_sql which, const char *table)
{
	struct statement *st = store_prepare(db, db->ops->is_file ? &sqlite_module : &postgresql_module, which);
	bind_text(st, "$name", table);
	return st;
}

int counts_get(struct store *db, const char *table, int64_t *ret)
{
	struct statement *st = prepare(db, COUNTS_GET, table);
	int r = store_row(st);
	int64_t last = r > 0 ? column_int(st, 0) : 0;
	store_reset(st);
	if (r >= 0)
		*ret = last;
	return r < 0 ? r : 0;
}

int counts_set(struct store *db, const char *table, int64_t last)
{
	int r = store_run(prepare(db, COUNTS_DROP, table));
	if (r)
		return r;
	struct statement *st = prepare(db, COUNTS_SET, table);
	bind_int(st, "$last", last);
	return store_run(st);
}
