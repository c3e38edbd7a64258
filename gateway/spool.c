/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The spool's file. Called by the core when its store is away, by replay and standby when it is back. One connection, that of the process
 * that holds the folder's lock. Knows nothing of what the entries mean. */
#include "gateway/spool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/store/store.h"

#define FILE_NAME "spool.db"
#define ROW_BYTES 64 /* what a row costs beside its box */
#define CHECKPOINT_BYTES (1 << 20)

struct spool {
	struct store *db;
	const struct seal *seal;
	struct random *random;
	int64_t n, n_bytes;
};

static const char schema[] = "CREATE TABLE entry (id {id}, at INTEGER NOT NULL, key {blob} NOT NULL UNIQUE, seal_key INTEGER NOT NULL, "
			     "box {blob} NOT NULL) {strict};";

enum spool_sql { SPOOL_PUT, SPOOL_READ, SPOOL_FORGET, SPOOL_SIZE, SPOOL_SQL_COUNT };
static const char *const spool_sql[SPOOL_SQL_COUNT] = {
	[SPOOL_PUT] = "INSERT INTO entry (at, key, seal_key, box) VALUES ($at, $key, $seal_key, $box)",
	[SPOOL_READ] = "SELECT id, at, key, box FROM entry ORDER BY id LIMIT $n",
	[SPOOL_FORGET] = "DELETE FROM entry WHERE id <= $id",
	[SPOOL_SIZE] = "SELECT count(*), coalesce(sum(length(box)), 0) FROM entry",
};
static const struct sql_module spool_module = { "spool", spool_sql, SPOOL_SQL_COUNT };

bool spool_exists(const char *data_dir)
{
	OWN(mem) char *file = NULL;
	if (asprintf(&file, "%s/" FILE_NAME, data_dir) < 0) {
		file = NULL;
		return false;
	}
	return access(file, F_OK) == 0;
}

static int measure(struct spool *s)
{
	struct statement *st = store_prepare(s->db, &spool_module, SPOOL_SIZE);
	int r = store_row(st);
	if (r > 0) {
		s->n = column_int(st, 0);
		s->n_bytes = column_int(st, 1) + s->n * ROW_BYTES;
	}
	store_reset(st);
	return r > 0 ? 0 : r ? r : E_CORRUPT;
}

int spool_open(const char *data_dir, const struct seal *seal, struct random *random, struct spool **ret, struct complaint *c)
{
	OWN(mem) char *file = NULL;
	if (asprintf(&file, "%s/" FILE_NAME, data_dir) < 0) {
		file = NULL;
		return E_NOMEM;
	}
	struct spool *s = calloc(1, sizeof(*s));
	if (!s)
		return E_NOMEM;
	*s = (struct spool){ .seal = seal, .random = random };
	int r = store_open_file(file, schema, &s->db, c);
	if (!r)
		r = measure(s);
	if (r) {
		spool_close(s);
		return r;
	}
	*ret = s;
	return 0;
}

void spool_close(struct spool *s)
{
	if (!s)
		return;
	store_close(s->db);
	free(s);
}

int64_t spool_count(const struct spool *s)
{
	return s ? s->n : 0;
}

/* ---- writing ---- */

static int put(struct spool *s, const json_t *entry, int64_t now_ms, int64_t *n_bytes)
{
	OWN(mem) char *text = json_text(entry);
	size_t n = text ? strlen(text) : 0;
	OWN(mem) uint8_t *box = text ? malloc(n + SEAL_EXTRA_BYTES) : NULL;
	uint8_t key[SPOOL_KEY_BYTES];
	if (!box)
		return E_NOMEM;
	random_fill(s->random, key, sizeof(key));
	seal_close_box(s->seal, s->random, text, n, box);
	struct statement *st = store_prepare(s->db, &spool_module, SPOOL_PUT);
	bind_int(st, "$at", now_ms);
	bind_blob(st, "$key", key, sizeof(key));
	bind_int(st, "$seal_key", SEAL_KEY_ID);
	bind_blob(st, "$box", box, n + SEAL_EXTRA_BYTES);
	*n_bytes += (int64_t)n + SEAL_EXTRA_BYTES + ROW_BYTES;
	return store_run(st);
}

/* Only between transactions. A log that cannot be emptied now is emptied later. */
static int tend_log(struct spool *s)
{
	if (s->n && store_wal_bytes(s->db) < CHECKPOINT_BYTES)
		return 0;
	return store_checkpoint(s->db, s->n == 0) == E_BROKEN ? E_BROKEN : 0;
}

int spool_put(struct spool *s, json_t *const *entries, size_t n, int64_t now_ms)
{
	int64_t n_bytes = 0;
	int r = store_begin(s->db);
	for (size_t i = 0; !r && i < n; i++)
		r = put(s, entries[i], now_ms, &n_bytes);
	if (!r && s->n_bytes + n_bytes > SPOOL_BYTES_MAX)
		r = E_TOO_BIG;
	if (!r)
		r = store_commit(s->db);
	if (r) {
		store_rollback(s->db);
		return r;
	}
	s->n += (int64_t)n;
	s->n_bytes += n_bytes;
	return tend_log(s);
}

int spool_forget(struct spool *s, int64_t id)
{
	int r = store_begin(s->db);
	if (!r) {
		struct statement *st = store_prepare(s->db, &spool_module, SPOOL_FORGET);
		bind_int(st, "$id", id);
		r = store_run(st);
	}
	if (!r)
		r = store_commit(s->db);
	if (r) {
		store_rollback(s->db);
		return r;
	}
	r = measure(s);
	return r ? r : tend_log(s);
}

/* ---- reading ---- */

void spooled_done(struct spooled *e)
{
	free(e->box);
	e->box = NULL;
}

static int read_entry(struct statement *st, struct spooled *ret)
{
	size_t n_key, n_box;
	const void *key = column_blob(st, 2, &n_key), *box = column_blob(st, 3, &n_box);
	if (n_key != SPOOL_KEY_BYTES)
		return E_CORRUPT;
	*ret = (struct spooled){ .id = column_int(st, 0), .at_ms = column_int(st, 1), .box = malloc(n_box ? n_box : 1), .n_box = n_box };
	if (!ret->box)
		return E_NOMEM;
	memcpy(ret->key, key, n_key);
	memcpy(ret->box, box, n_box);
	return 0;
}

int spool_read(struct spool *s, struct spooled *ret, size_t n_max, size_t *ret_n)
{
	size_t n = 0;
	struct statement *st = store_prepare(s->db, &spool_module, SPOOL_READ);
	bind_int(st, "$n", (int64_t)n_max);
	int r, e = 0;
	while (!e && n < n_max && (r = store_row(st)) > 0) {
		e = read_entry(st, &ret[n]);
		n += !e;
	}
	store_reset(st);
	if (!e && n < n_max && r < 0)
		e = r;
	for (size_t i = 0; e && i < n; i++)
		spooled_done(&ret[i]);
	if (!e)
		*ret_n = n;
	return e;
}

int spooled_open(const struct seal *seal, const void *box, size_t n_box, json_t **ret)
{
	OWN(mem) char *text = NULL;
	size_t n;
	int r = seal_open_box(seal, box, n_box, &text, &n);
	if (!r && json_parse(text, n, ret))
		r = E_CORRUPT;
	return r;
}
