/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table spooled and what its entries say. Called by core.c before anything else once the store is back, as a duty, and by a core
 * that stands by. An entry that the handlers refuse is set aside with its reason and shown, never dropped. */
#include "gateway/replay.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/log.h"
#include "gateway/command_hook.h"
#include "gateway/core.h"
#include "gateway/duties.h"
#include "gateway/jump.h"
#include "gateway/store/store.h"

#define BATCH 128
#define LOOK_MS 1000
#define IDLE_MS 3600000 /* where nobody else knows the database */
#define KEPT_MS (INT64_C(30) * 24 * 3600000)

enum replay_sql { REPLAY_TOLD, REPLAY_HAND_ON, REPLAY_NEXT, REPLAY_DONE, REPLAY_SET_ASIDE, REPLAY_WAITS, REPLAY_FORGET, REPLAY_SQL_COUNT };
static const char *const replay_sql[REPLAY_SQL_COUNT] = {
	[REPLAY_TOLD] = "INSERT INTO spooled (key, node, at, seal_key, done_at) VALUES ($key, $node, $at, $seal_key, $now) ON CONFLICT DO NOTHING",
	[REPLAY_HAND_ON] = "INSERT INTO spooled (key, node, at, seal_key, box) VALUES ($key, $node, $at, $seal_key, $box) ON CONFLICT DO NOTHING",
	[REPLAY_NEXT] = "SELECT id, at, key, box FROM spooled WHERE done_at IS NULL ORDER BY id LIMIT $n",
	[REPLAY_DONE] = "UPDATE spooled SET done_at = $now, box = NULL WHERE key = $key AND done_at IS NULL",
	[REPLAY_SET_ASIDE] = "INSERT INTO spooled (key, node, at, seal_key, box, done_at, error) VALUES ($key, $node, $at, $seal_key, $box, $now, $error) "
			     "ON CONFLICT (key) DO UPDATE SET done_at = $now, error = $error",
	[REPLAY_WAITS] = "SELECT id FROM spooled WHERE done_at IS NULL ORDER BY id LIMIT 1",
	[REPLAY_FORGET] = "DELETE FROM spooled WHERE id IN (SELECT id FROM spooled WHERE done_at IS NOT NULL AND done_at < $before LIMIT 200)",
};
const struct sql_module replay_module = { "replay", replay_sql, REPLAY_SQL_COUNT };

static struct statement *prepare_entry(struct store *db, size_t sql, const struct spooled *e, const char *node)
{
	struct statement *st = store_prepare(db, &replay_module, sql);
	bind_blob(st, "$key", e->key, sizeof(e->key));
	bind_text(st, "$node", node);
	bind_int(st, "$at", e->at_ms);
	bind_int(st, "$seal_key", SEAL_KEY_ID);
	return st;
}

/* ---- telling ---- */

static int tell(struct tick *t, const struct spooled *e)
{
	OWN(json) json_t *entry = NULL;
	int r = spooled_open(t->in.seal, e->box, e->n_box, &entry);
	if (r)
		return r;
	const char *channel = json_str(entry, "channel", "");
	const json_t *frame = json_object_get(entry, "frame");
	return frame ? driver_frame_tell(t, channel, frame, e->at_ms) : command_hook_tell(t, channel, json_object_get(entry, "items"), e->at_ms);
}

/* 1: this key is told already, or another core has handed it on. */
static int note_told(struct tick *t, const struct spooled *e)
{
	struct statement *st = prepare_entry(t->in.db, REPLAY_TOLD, e, t->core->node);
	bind_int(st, "$now", t->in.now_ms);
	int r = store_run(st);
	return r ? r : store_changes(t->in.db) == 0;
}

static int note_done(struct tick *t, const struct spooled *e)
{
	struct statement *st = store_prepare(t->in.db, &replay_module, REPLAY_DONE);
	bind_blob(st, "$key", e->key, sizeof(e->key));
	bind_int(st, "$now", t->in.now_ms);
	return store_run(st);
}

static int set_aside(struct tick *t, const struct spooled *e, int err)
{
	log_error("spool.set_aside", "entry=%lld error=%s", (long long)e->id, err_text(err));
	struct statement *st = prepare_entry(t->in.db, REPLAY_SET_ASIDE, e, t->core->node);
	bind_blob(st, "$box", e->box, e->n_box);
	bind_int(st, "$now", t->in.now_ms);
	bind_text(st, "$error", err_text(err));
	int r = store_run(st);
	return r ? r : tick_settle(t);
}

/* Is it the store that failed, and not what the entry says? */
static bool is_stores(int err)
{
	return err == E_BROKEN || err == E_UNAVAILABLE || err == E_NOMEM;
}

static int tell_one(struct tick *t, const struct spooled *e, bool own)
{
	struct tick_mark *m = NULL;
	int r = tick_mark(t, &m);
	if (r)
		return r;
	int h = own ? note_told(t, e) : note_done(t, e);
	if (!h)
		h = tell(t, e);
	if (h >= 0) {
		int s = tick_settle(t);
		h = s ? s : h;
	}
	r = tick_mark_end(t, m, h >= 0);
	if (!r && is_stores(h))
		r = h;
	return r || h >= 0 ? r : set_aside(t, e, h);
}

static int tell_all(struct tick *t, struct spooled *entries, size_t n, bool own)
{
	int r = 0;
	for (size_t i = 0; i < n; i++) {
		if (!r)
			r = tell_one(t, &entries[i], own);
		spooled_done(&entries[i]);
	}
	return r;
}

/* ---- the core's own ---- */

static void told(struct core *core, int64_t upto, int64_t unused)
{
	(void)unused;
	int r = spool_forget(core->spool, upto);
	if (r == E_BROKEN)
		core->broken = true;
	else if (r)
		log_warn("spool.forget", "error=%s", err_text(r)); /* told again, without effect */
	if (!r && !spool_count(core->spool))
		log_info("spool.told", "everything that waited is told");
}

static int replay(struct tick *t)
{
	struct spooled entries[BATCH];
	size_t n = 0;
	int r = spool_read(t->core->spool, entries, BATCH, &n);
	int64_t last = !r && n ? entries[n - 1].id : 0;
	if (!r)
		r = tell_all(t, entries, n, true);
	if (!r)
		r = duties_run_inbox(t);
	return r || !last ? r : tick_after(t, told, last, 0);
}

int replay_tick(struct core *core, struct tick *t)
{
	core_tick_begin(core, t);
	int r = store_begin(core->db);
	core->singly = true;
	if (!r)
		r = jump_check(t);
	if (!r)
		r = replay(t);
	core->singly = false;
	return r ? r : core_tick_commit(core, t);
}

/* ---- between cores ---- */

static int hand_on(struct store *db, const struct spooled *entries, size_t n, const char *node)
{
	int r = store_begin(db);
	for (size_t i = 0; !r && i < n; i++) {
		struct statement *st = prepare_entry(db, REPLAY_HAND_ON, &entries[i], node);
		bind_blob(st, "$box", entries[i].box, entries[i].n_box);
		r = store_run(st);
	}
	if (!r)
		r = store_commit(db);
	if (r && r != E_UNKNOWN)
		store_rollback(db);
	return r;
}

int replay_hand_on(struct store *db, struct spool *spool, const char *node, int64_t *ret_left)
{
	struct spooled entries[BATCH];
	size_t n = 0;
	int r = spool_read(spool, entries, BATCH, &n);
	if (r)
		return r;
	int64_t last = n ? entries[n - 1].id : 0;
	if (n)
		r = hand_on(db, entries, n, node);
	for (size_t i = 0; i < n; i++)
		spooled_done(&entries[i]);
	if (!r && n)
		r = spool_forget(spool, last);
	if (!r)
		*ret_left = spool_count(spool);
	return r;
}

static int read_next(struct tick *t, struct spooled *ret, size_t *ret_n)
{
	struct statement *st = store_prepare(t->in.db, &replay_module, REPLAY_NEXT);
	bind_int(st, "$n", BATCH);
	int r = 0, e = 0;
	size_t n = 0;
	while (!e && n < BATCH && (r = store_row(st)) > 0) {
		size_t n_key, n_box;
		const void *key = column_blob(st, 2, &n_key), *box = column_blob(st, 3, &n_box);
		ret[n] = (struct spooled){ .id = column_int(st, 0), .at_ms = column_int(st, 1), .n_box = n_box };
		ret[n].box = malloc(n_box + 1);
		e = !ret[n].box ? E_NOMEM : n_key != SPOOL_KEY_BYTES ? E_CORRUPT : 0;
		if (ret[n].box && n_box)
			memcpy(ret[n].box, box, n_box);
		if (!e)
			memcpy(ret[n].key, key, n_key);
		n++;
	}
	store_reset(st);
	r = e ? e : r < 0 ? r : 0;
	for (size_t i = 0; r && i < n; i++)
		spooled_done(&ret[i]);
	*ret_n = n;
	return r;
}

int replay_forget(struct tick *t)
{
	struct statement *st = store_prepare(t->in.db, &replay_module, REPLAY_FORGET);
	bind_int(st, "$before", t->in.now_ms - KEPT_MS);
	return store_run(st);
}

int replay_duty(struct tick *t, int64_t *ret_due_at)
{
	struct spooled entries[BATCH];
	size_t n = 0;
	*ret_due_at = t->in.now_ms + (store_is_shared(t->in.config->store) ? LOOK_MS : IDLE_MS);
	if (!store_is_shared(t->in.config->store))
		return 0;
	int r = read_next(t, entries, &n);
	if (!r)
		r = tell_all(t, entries, n, false);
	if (!r && n)
		log_info("spool.handed_on", "entries=%zu of other cores told", n);
	if (n == BATCH)
		*ret_due_at = t->in.now_ms;
	if (n)
		t->core->behind = true; /* the handlers come first */
	return r;
}

int replay_waits(const struct scope *in)
{
	struct statement *st = store_prepare(in->db, &replay_module, REPLAY_WAITS);
	int r = store_row(st);
	store_reset(st);
	return r;
}
