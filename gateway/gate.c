/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps the write-ahead log and the disk within bounds. Called by core.c between ticks; never inside a transaction but for
 * its housekeeping duty. */
#include "gateway/gate.h"

#include <signal.h>
#include <stdlib.h>

#include "gateway/base/json.h"
#include "gateway/base/log.h"
#include "gateway/core.h"
#include "gateway/replay.h"
#include "gateway/store/store.h"
#include "gateway/supervisor.h"

#define PASSIVE_BYTES (2 << 20)
#define GATE_BYTES (8 << 20)
#define HELD_BYTES (64 << 20) /* a person is told */
#define GATE_MS 1000
#define DISK_EVERY_MS 1000
#define UPLOAD_MS (INT64_C(24) * 3600000)

struct gate {
	bool closing;   /* the query process was asked */
	bool quiet;     /* … and has answered, or is gone */
	int64_t since_mono_ms;
	int64_t passive_at_bytes; /* next PASSIVE from here on: a reader may keep the last one from finishing */
	int64_t close_at_bytes;   /* next time the query process is asked: what holds the log may be another program */
	bool held;                /* … which was told */
};

enum gate_sql { GATE_REQUESTS, GATE_PARKED, GATE_TICKETS, GATE_TROUBLE, GATE_CHUNKS, GATE_UPLOADS, GATE_SQL_COUNT };
static const char *const gate_sql[GATE_SQL_COUNT] = {
	[GATE_REQUESTS] = "DELETE FROM request WHERE (actor, verb, key) IN (SELECT actor, verb, key FROM request WHERE until_at < $now LIMIT 500)",
	[GATE_PARKED] = "DELETE FROM parked_receipt WHERE (channel, id) IN (SELECT channel, id FROM parked_receipt WHERE until_at < $now LIMIT 500)",
	[GATE_TICKETS] = "DELETE FROM ticket WHERE expires_at < $now",
	[GATE_TROUBLE] = "DELETE FROM trouble WHERE last_at < $now - 1209600000", /* two weeks */
	[GATE_CHUNKS] = "DELETE FROM upload_chunk WHERE (upload, n) IN (SELECT c.upload, c.n FROM upload u CROSS JOIN upload_chunk c "
			"WHERE c.upload = u.id AND u.created_at < $now - $keep LIMIT 200)",
	[GATE_UPLOADS] = "DELETE FROM upload WHERE created_at < $now - $keep AND NOT EXISTS (SELECT 1 FROM upload_chunk c WHERE c.upload = upload.id)",
};
const struct sql_module gate_module = { "gate", gate_sql, GATE_SQL_COUNT };

int gate_new(struct gate **ret)
{
	struct gate *g = calloc(1, sizeof(*g));
	if (!g)
		return E_NOMEM;
	g->passive_at_bytes = PASSIVE_BYTES;
	g->close_at_bytes = GATE_BYTES;
	*ret = g;
	return 0;
}

void gate_free(struct gate *g)
{
	free(g);
}

void gate_closed(struct gate *g)
{
	g->quiet = true;
}

void gate_peer_gone(struct gate *g, const struct peer *p)
{
	if (p->kind == PEER_QUERY)
		g->quiet = true;
}

static struct peer *query_peer(struct core *core)
{
	for (struct peer *p = core->peers; p; p = p->next)
		if (p->kind == PEER_QUERY && !p->doomed)
			return p;
	return NULL;
}

static void tell(struct core *core, bool closed)
{
	struct peer *p = query_peer(core);
	OWN(json) json_t *f = json_pack("{s:s,s:b}", "op", "gate", "closed", closed);
	OWN(buffer) struct buffer line = { 0 };
	if (p && f && !json_put_line(&line, f) && peer_output(p, line.data, line.n_bytes, 0))
		peer_doom(p, "out of memory");
}

static int checkpoint(struct gate *g, struct core *core, bool truncate)
{
	int r = store_checkpoint(core->db, truncate);
	int64_t left = store_wal_bytes(core->db);
	g->passive_at_bytes = left + PASSIVE_BYTES;
	if (truncate || !left)
		g->close_at_bytes = left + GATE_BYTES;
	if (left >= HELD_BYTES && !g->held)
		log_warn("log.held", "another program keeps the database open and its log grows: %lld MiB; end that program (fuser names it)",
			 (long long)(left >> 20));
	g->held = left >= HELD_BYTES;
	return r == E_BROKEN ? r : 0;
}

static void close_gate(struct gate *g, struct core *core, int64_t mono_ms)
{
	g->closing = true;
	g->quiet = !query_peer(core);
	g->since_mono_ms = mono_ms;
	tell(core, true);
}

static int tend_wal(struct gate *g, struct core *core, int64_t mono_ms)
{
	int64_t n = store_wal_bytes(core->db);
	int r = 0;
	if (n >= g->passive_at_bytes)
		r = checkpoint(g, core, false);
	if (!r && !g->closing && !core->checking && store_wal_bytes(core->db) >= g->close_at_bytes)
		close_gate(g, core, mono_ms);
	if (!r && g->closing && g->quiet) {
		r = checkpoint(g, core, true);
		g->closing = false;
		tell(core, false);
	}
	if (!r && g->closing && mono_ms - g->since_mono_ms > GATE_MS) {
		log_warn("gate.killed", "a query kept the log from being emptied for more than %d ms", GATE_MS);
		supervisor_kill_query(core->supervisor, core);
		g->since_mono_ms = mono_ms;
	}
	return r;
}

static void tend_disk(struct core *core, int64_t mono_ms)
{
	if (!core->ops->disk_low || mono_ms - core->disk_checked_mono_ms < DISK_EVERY_MS)
		return;
	core->disk_checked_mono_ms = mono_ms;
	bool low = core->ops->disk_low(core->loop, core->config->data_dir);
	if (low != core->low_disk)
		log_warn(low ? "disk.low" : "disk.enough", "sending %s; messages still come in", low ? "stops" : "goes on");
	core->low_disk = low;
}

int gate_tend(struct gate *g, struct core *core)
{
	int64_t mono_ms = clock_mono_ms(core->clock);
	tend_disk(core, mono_ms);
	return tend_wal(g, core, mono_ms);
}

int gate_housekeeping_duty(struct tick *t, int64_t *ret_due_at)
{
	*ret_due_at = t->in.now_ms + 60000;
	for (size_t i = 0; i < GATE_SQL_COUNT; i++) {
		struct statement *st = store_prepare(t->in.db, &gate_module, i);
		bind_int(st, "$now", t->in.now_ms);
		if (i >= GATE_CHUNKS)
			bind_int(st, "$keep", UPLOAD_MS);
		int r = store_write(st, -1);
		if (r)
			return r;
	}
	return replay_forget(t);
}
