/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which core may write. The advisory lock of a session says who may try, the term in the lease row whose it is; every commit that wrote
 * renews it (close_tick). Moments are the server's; ours is read here only to tell clocks that are apart. Called by the engine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/base/log.h"
#include "gateway/base/own.h"
#include "gateway/store/pgsql.h"

#define LEASE_MS 6000
#define CLOCKS_APART_MS 2000

/* The lock's two keys: ours, and the lease table of this schema. */
#define KEYS "1128353359, 'lease'::regclass::oid::bigint::bit(32)::integer"
#define LOCKED_BY "SELECT k.pid FROM pg_locks k WHERE k.locktype = 'advisory' AND k.granted AND k.classid = 1128353359 AND" \
		  " k.objid = 'lease'::regclass::oid AND k.database = (SELECT oid FROM pg_database WHERE datname = current_database())"

static const char ask[] = "SELECT pg_try_advisory_lock(" KEYS "), node, holder, term, at,"
			  " coalesce(least(extract(epoch FROM clock_timestamp() - nullif(at, '-infinity')), 1e9), 0) * 1000 >= $1::bigint AS old,"
			  " (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now, at = '-infinity' AS never FROM lease WHERE one = 1";
enum { ASK_LOCKED, ASK_NODE, ASK_HOLDER, ASK_TERM, ASK_AT, ASK_OLD, ASK_NOW, ASK_NEVER };
static const char take[] = "UPDATE lease SET node = $1, holder = $2, term = term + 1, backend = pg_backend_pid(), at = clock_timestamp()"
			   " WHERE one = 1 RETURNING term";
/* Whoever keeps the lock though the lease is old: looked at again by the server in the same statement. */
static const char end_frozen[] = "SELECT pg_terminate_backend(pid) FROM (" LOCKED_BY ") f WHERE pid <> pg_backend_pid() AND"
				 " EXISTS (SELECT 1 FROM lease WHERE at < clock_timestamp() - $1::bigint * interval '1 millisecond')";
static const char unlock[] = "SELECT pg_advisory_unlock(" KEYS ")";

static int64_t wall_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* One statement with its answer; *ret is the caller's. */
static int call(struct pgsql *s, const char *sql, int n, const char *const *values, PGresult **ret)
{
	if (s->begun)
		return E_INVALID;
	pg_call(s);
	int r = pg_send(s, sql, n, values, (struct pg_entry){ .kind = PG_TAKE, .guarded = true });
	if (!r)
		r = pg_exchange(s);
	if (!r)
		r = s->taken_error;
	if (!r && !s->taken)
		r = E_UNAVAILABLE;
	if (!r)
		*ret = MOVE(s->taken);
	return r;
}

static void quietly(struct pgsql *s, const char *sql, int n, const char *const *values)
{
	PGresult *res = NULL;
	if (call(s, sql, n, values, &res))
		log_warn("store.lease", "step=refused");
	PQclear(res);
}

static bool truth(const PGresult *res, int column)
{
	return PQgetvalue(res, 0, column)[0] == 't';
}

static int take_it(struct pgsql *s, const char *node, const char *holder)
{
	PGresult *res = NULL;
	const char *const values[] = { node, holder };
	int r = call(s, take, 2, values, &res);
	if (!r && PQntuples(res) != 1)
		r = E_BROKEN;
	if (!r) {
		s->tables_stale = true; /* another core may have drawn ids since */
		s->lease = (struct pg_lease){ .term = strtoll(PQgetvalue(res, 0, 0), NULL, 10) };
		snprintf(s->lease.node, sizeof(s->lease.node), "%s", node);
		snprintf(s->lease.holder, sizeof(s->lease.holder), "%s", holder);
		log_info("store.lease", "node=%s term=%lld", node, (long long)s->lease.term);
	}
	PQclear(res);
	return r;
}

/* Another core has the lock. */
static int stand_by(struct pgsql *s, const PGresult *res, const char *node, struct complaint *c)
{
	const char *other = PQgetvalue(res, 0, ASK_NODE), *at = PQgetvalue(res, 0, ASK_AT);
	bool renewed = s->lease.seen[0] && strcmp(s->lease.seen, at);
	snprintf(s->lease.seen, sizeof(s->lease.seen), "%s", at);
	if (truth(res, ASK_OLD)) {
		char limit[24];
		snprintf(limit, sizeof(limit), "%d", LEASE_MS);
		const char *const values[] = { limit };
		log_warn("store.lease", "node=%s frozen=1", other);
		quietly(s, end_frozen, 1, values);
	} else if (!strcmp(other, node) && renewed) {
		complaint_set(c, "node", "two_cores", "a core named \"%s\" is active already; stop it, or give this one another name (node = \"…\")", node);
		return E_REFUSED;
	}
	complaint_set(c, "", "standby", "core \"%s\" is active", other);
	return E_AGAIN;
}

static int clocks(const PGresult *res, int64_t before, int64_t after, struct complaint *c)
{
	int64_t server = strtoll(PQgetvalue(res, 0, ASK_NOW), NULL, 10);
	int64_t apart = server < before ? before - server : server > after ? server - after : 0;
	if (apart <= CLOCKS_APART_MS)
		return 0;
	complaint_set(c, "node", "clock", "this machine's clock is %lld.%lld s %s the database server's; set both by NTP, then start again", (long long)apart / 1000,
		      (long long)apart % 1000 / 100, server < before ? "before" : "behind");
	return E_REFUSED;
}

int pg_lease(struct store *store, const char *node, const char *holder, struct complaint *c)
{
	struct pgsql *s = pgsql_of(store);
	char limit[24];
	const char *const values[] = { limit };
	PGresult *res = NULL;
	int r = pg_connect(s, 200);
	if (r)
		return r;
	if (s->lease.term)
		return strcmp(s->lease.holder, holder) ? E_INVALID : 0;
	snprintf(limit, sizeof(limit), "%d", LEASE_MS);
	int64_t before = wall_ms();
	r = call(s, ask, 1, values, &res);
	if (!r && PQntuples(res) != 1)
		r = E_CORRUPT;
	if (!r)
		r = clocks(res, before, wall_ms(), c);
	if (res && PQntuples(res) == 1 && truth(res, ASK_LOCKED)) {
		if (!r && !s->filling)
			r = pg_look(s, c); /* it may have been moved while this core stood by */
		if (!r)
			r = take_it(s, node, holder);
		if (r)
			quietly(s, unlock, 0, NULL);
	} else if (!r) {
		r = stand_by(s, res, node, c);
	}
	PQclear(res);
	return r;
}

/* Outside the pipeline: the connection is just being set up. The lock first, then whose the lease is. */
int pg_lease_again(struct pgsql *s)
{
	if (!s->lease.term)
		return 0;
	OWN(mem) char *text = NULL;
	char *holder = PQescapeLiteral(s->conn, s->lease.holder, strlen(s->lease.holder));
	int n = !holder ? -1 : asprintf(&text, "SELECT pg_try_advisory_lock(" KEYS "), holder = %s AND term = %lld FROM lease WHERE one = 1", holder, (long long)s->lease.term);
	PGresult *res = NULL;
	int r = n < 0 ? E_NOMEM : pg_simple(s, text, &res);
	bool locked = !r && PQntuples(res) == 1 && truth(res, 0), ours = !r && PQntuples(res) == 1 && truth(res, 1);
	PQclear(res);
	if (!r && !ours)
		r = E_BROKEN;
	free(MOVE(text));
	if (!r && locked)
		n = asprintf(&text, "UPDATE lease SET backend = pg_backend_pid(), at = clock_timestamp() WHERE one = 1 AND holder = %s AND term = %lld", holder, (long long)s->lease.term);
	else if (!r)
		n = asprintf(&text, "SELECT pg_terminate_backend(pid) FROM (" LOCKED_BY ") f WHERE EXISTS (SELECT 1 FROM lease WHERE backend = f.pid AND holder = %s)", holder);
	if (!r)
		r = n < 0 ? E_NOMEM : pg_simple(s, text, NULL);
	PQfreemem(holder);
	return r ? r : locked ? 0 : E_UNAVAILABLE;
}

int pg_decide(struct store *store, int64_t *ret_tick)
{
	struct pgsql *s = pgsql_of(store);
	PGresult *res = NULL;
	/* with the lock of before in hand the old session has ended, and its transaction with it */
	int r = pg_connect(s, 200);
	if (r)
		return r == E_REFUSED ? E_UNAVAILABLE : r;
	const char *const values[] = { s->lease.node };
	r = call(s, "SELECT tick FROM node ORDER BY name = $1 DESC, now_at DESC LIMIT 1 FOR UPDATE", 1, values, &res);
	if (!r && PQntuples(res) != 1)
		r = E_CORRUPT;
	if (!r)
		*ret_tick = strtoll(PQgetvalue(res, 0, 0), NULL, 10);
	PQclear(res);
	return r;
}
