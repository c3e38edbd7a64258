/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables dnc and dnc_list. Written by the import of a list, read by the planner, by single sends and by every claim of an advert. */
#include "gateway/dnc.h"

#include "gateway/base/seal.h"
#include "gateway/store/store.h"

enum dnc_sql { DNC_NEW, DNC_PUT, DNC_DONE, DNC_OVER, DNC_OLD, DNC_DROP, DNC_DROP_LIST, DNC_AGE, DNC_HAS, DNC_SQL_COUNT };
static const char *const dnc_sql[DNC_SQL_COUNT] = {
	[DNC_NEW] = "INSERT INTO dnc_list (state, actor, at) VALUES ('staging', $actor, $now)",
	[DNC_PUT] = "INSERT INTO dnc (list, hash) VALUES ($list, $hash) ON CONFLICT DO NOTHING",
	[DNC_DONE] = "UPDATE dnc_list SET state = 'done', at = $now WHERE id = $list AND state = 'staging'",
	[DNC_OVER] = "UPDATE dnc_list SET state = 'old' WHERE id < $list AND state = 'done'",
	[DNC_OLD] = "SELECT id FROM dnc_list WHERE id < $list AND state = 'old' ORDER BY id LIMIT 1",
	[DNC_DROP] = "DELETE FROM dnc WHERE list = $list AND hash IN (SELECT hash FROM dnc WHERE list = $list LIMIT $n)",
	[DNC_DROP_LIST] = "DELETE FROM dnc_list WHERE id = $list AND state <> 'done'",
	[DNC_AGE] = "SELECT at FROM dnc_list WHERE state = 'done' ORDER BY id DESC LIMIT 1",
	[DNC_HAS] = "SELECT 1 FROM address a WHERE a.id = $address AND " DNC_HOLDS("a"),
};
const struct sql_module dnc_module = { "dnc", dnc_sql, DNC_SQL_COUNT };

static struct statement *of_list(struct tick *t, size_t sql, int64_t list)
{
	struct statement *st = store_prepare(t->in.db, &dnc_module, sql);
	bind_int(st, "$list", list);
	return st;
}

int dnc_new(struct tick *t, const char *actor, int64_t *ret_list)
{
	struct statement *st = store_prepare(t->in.db, &dnc_module, DNC_NEW);
	bind_text(st, "$actor", actor);
	bind_int(st, "$now", t->in.now_ms);
	int r = store_run(st);
	if (!r)
		*ret_list = store_last_id(t->in.db);
	return r;
}

int dnc_put(struct tick *t, int64_t list, const void *hash, bool *ret_new)
{
	struct statement *st = of_list(t, DNC_PUT, list);
	bind_blob(st, "$hash", hash, SEAL_HASH_BYTES);
	int r = store_run(st);
	if (!r)
		*ret_new = store_changes(t->in.db) > 0;
	return r;
}

int dnc_done(struct tick *t, int64_t list)
{
	struct statement *st = of_list(t, DNC_DONE, list);
	bind_int(st, "$now", t->in.now_ms);
	int r = store_run(st);
	if (!r && store_changes(t->in.db) != 1)
		r = E_REFUSED;
	return r ? r : store_run(of_list(t, DNC_OVER, list));
}

static int oldest_before(struct tick *t, int64_t list, int64_t *ret)
{
	struct statement *st = of_list(t, DNC_OLD, list);
	int r = store_row(st);
	if (r > 0)
		*ret = column_int(st, 0);
	store_reset(st);
	return r > 0 ? 0 : r == 0 ? E_NOT_FOUND : r;
}

int dnc_clear(struct tick *t, int64_t list, bool itself, int n)
{
	int64_t gone = list;
	int r = itself ? 0 : oldest_before(t, list, &gone);
	if (r)
		return r == E_NOT_FOUND ? 0 : r;
	struct statement *st = of_list(t, DNC_DROP, gone);
	bind_int(st, "$n", n);
	r = store_run(st);
	if (r || store_changes(t->in.db) == n)
		return r ? r : E_AGAIN;
	r = store_run(of_list(t, DNC_DROP_LIST, gone));
	return r || itself ? r : E_AGAIN;
}

int dnc_age(const struct scope *in, int64_t *ret_at_ms)
{
	struct statement *st = store_prepare(in->db, &dnc_module, DNC_AGE);
	int r = store_row(st);
	*ret_at_ms = r > 0 ? column_int(st, 0) : 0;
	store_reset(st);
	return r < 0 ? r : 0;
}

int dnc_has(const struct scope *in, int64_t address)
{
	struct statement *st = store_prepare(in->db, &dnc_module, DNC_HAS);
	bind_int(st, "$address", address);
	int r = store_row(st);
	store_reset(st);
	return r;
}
