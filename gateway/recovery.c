/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first tick of a life: a new epoch, the ledger's word, every open attempt of an older epoch decided, channels as their rows say.
 * Called by main.c (and simulators) once, before anything is accepted. */
#include <stdio.h>
#include <string.h>

#include "gateway/base/log.h"
#include "gateway/core.h"
#include "gateway/ledger.h"
#include "gateway/settle.h"
#include "gateway/spool.h"
#include "gateway/store/store.h"

enum recovery_sql { RECOVERY_NODE_MINE, RECOVERY_NODE_NEW, RECOVERY_EPOCH, RECOVERY_NODE, RECOVERY_META, RECOVERY_DONE, RECOVERY_CLEAN, RECOVERY_SQL_COUNT };
static const char *const recovery_sql[RECOVERY_SQL_COUNT] = {
	/* one row whoever is active: epoch, tick and seq go on from core to core */
	[RECOVERY_NODE_MINE] = "UPDATE node SET name = $name",
	[RECOVERY_NODE_NEW] = "INSERT INTO node (name, epoch, recovered, tick, seq, now_at) VALUES ($name, 0, 0, 0, 0, $now)",
	[RECOVERY_EPOCH] = "UPDATE node SET epoch = epoch + 1, recovered = 0, clean = 0 WHERE name = $name",
	[RECOVERY_NODE] = "SELECT epoch, tick, seq, clean FROM node WHERE name = $name",
	[RECOVERY_META] = "SELECT instance FROM meta",
	[RECOVERY_DONE] = "UPDATE node SET recovered = 1 WHERE name = $name",
	[RECOVERY_CLEAN] = "UPDATE node SET clean = 1 WHERE name = $name",
};
const struct sql_module recovery_module = { "recovery", recovery_sql, RECOVERY_SQL_COUNT };

static int run_named(struct tick *t, size_t sql)
{
	struct statement *st = store_prepare(t->in.db, &recovery_module, sql);
	bind_text(st, "$name", t->core->node);
	if (sql == RECOVERY_NODE_NEW)
		bind_int(st, "$now", t->in.now_ms);
	return store_run(st);
}

static int read_node(struct tick *t)
{
	struct core *core = t->core;
	struct statement *st = store_prepare(t->in.db, &recovery_module, RECOVERY_NODE);
	bind_text(st, "$name", core->node);
	int r = store_row(st);
	if (r > 0) {
		core->epoch = column_int(st, 0);
		core->tick_n = column_int(st, 1);
		t->seq = core->seq = column_int(st, 2);
		core->unclean = column_int(st, 3) == 0;
	}
	store_reset(st);
	if (r <= 0)
		return r ? r : E_CORRUPT;
	st = store_prepare(t->in.db, &recovery_module, RECOVERY_META);
	r = store_row(st);
	if (r > 0)
		snprintf(core->instance, sizeof(core->instance), "%s", column_text(st, 0));
	store_reset(st);
	return r > 0 ? 0 : r ? r : E_CORRUPT;
}

static int recover(struct tick *t)
{
	struct core *core = t->core;
	int64_t ledger_seq = 0;
	int r = run_named(t, RECOVERY_NODE_MINE);
	if (!r && store_changes(t->in.db) == 0)
		r = run_named(t, RECOVERY_NODE_NEW);
	if (!r)
		r = read_node(t);
	if (!r)
		r = run_named(t, RECOVERY_EPOCH);
	core->epoch++;
	if (!r)
		r = ledger_reconcile(t, &ledger_seq);
	for (int i = 0; !r && i < core->n_channels; i++)
		r = channel_load(t, &core->channels[i]);
	if (!r)
		r = settle_recover(t, core->epoch);
	return r ? r : run_named(t, RECOVERY_DONE);
}

/* The last tick of an orderly life: the next start need not check the database. */
int core_end(struct core *core)
{
	struct tick t;
	core_tick_begin(core, &t);
	int r = store_begin(core->db);
	if (!r)
		r = run_named(&t, RECOVERY_CLEAN);
	if (!r)
		r = core_tick_commit(core, &t);
	if (!r)
		r = store_checkpoint(core->db, true);
	return r == E_AGAIN ? 0 : r;
}

/* What waits in the spool was acknowledged: a core that cannot read it does not start. */
static int open_spool(struct core *core)
{
	struct complaint c = { 0 };
	const char *data_dir = core->config->data_dir;
	if (!core->spool && (store_is_shared(core->config->store) || spool_exists(data_dir))) {
		int r = spool_open(data_dir, core->seal, core->random, &core->spool, &c);
		if (r) {
			log_error("spool.open", "file=%s %s", c.file, c.text);
			return r;
		}
	}
	core->behind = core->spool != NULL;
	return 0;
}

int core_recover(struct core *core)
{
	struct tick t;
	core_tick_begin(core, &t);
	int r = open_spool(core);
	if (!r)
		r = store_begin(core->db);
	if (!r)
		r = recover(&t);
	if (!r)
		r = core_tick_commit(core, &t);
	if (r) {
		core_tick_undo(core, &t);
		return r;
	}
	core->accepting = true;
	core->checking = core->unclean;
	log_info("core.recovered", "epoch=%lld seq=%lld", (long long)core->epoch, (long long)core->seq);
	return 0;
}
