/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The store on PostgreSQL: transactions, savepoints, statements, rows. What needs no answer is only put into the queue; a read, a change
 * whose count is asked for and a commit send all of it and wait for their own. Called through store.c; opened by pgsql_open. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/log.h"
#include "gateway/base/own.h"
#include "gateway/store/pgsql.h"

#define BEGIN_MS 200

/* ---- transactions ---- */

static bool in_transaction(const struct store *store)
{
	return ((const struct pgsql *)store)->begun;
}

static bool away(const struct store *store)
{
	const struct pgsql *s = (const struct pgsql *)store;
	return !s->conn || s->connecting;
}

/* The server's last words are read first, the end behind them after. */
static bool has_ended(struct pgsql *s)
{
	struct pollfd p = { .fd = PQsocket(s->conn), .events = POLLIN };
	for (int i = 0; i < 4 && poll(&p, 1, 0) > 0; i++)
		if (!PQconsumeInput(s->conn))
			return true;
	return PQstatus(s->conn) != CONNECTION_OK;
}

/* A connection that ended while nothing was asked of it is noticed here, before a tick is begun for nothing. */
int pg_connected(struct pgsql *s)
{
	if (!away(&s->base) && has_ended(s)) {
		log_warn("store.lost", "the connection to the database is lost");
		pg_drop(s);
	}
	int r = pg_connect(s, BEGIN_MS);
	return r == E_REFUSED ? E_UNAVAILABLE : r;
}

int pg_plain(struct pgsql *s, const char *sql)
{
	return pg_send(s, sql, 0, NULL, (struct pg_entry){ .kind = PG_PLAIN });
}

int pg_begin(struct store *store)
{
	struct pgsql *s = pgsql_of(store);
	if (s->begun)
		return E_INVALID;
	int r = pg_connected(s);
	if (!r)
		r = pg_plain(s, s->read_only ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN");
	if (r)
		return r;
	s->begun = true;
	s->lost = s->wrote = false;
	s->failed = s->failed_depth = s->depth = 0;
	return 0;
}

static void ended(struct pgsql *s, bool committed)
{
	for (size_t i = 0; i < s->n_tables; i++) {
		if (committed)
			s->tables[i].committed = s->tables[i].last;
		else
			s->tables[i].last = s->tables[i].committed;
	}
	s->tables_stale |= s->loaded_inside && !committed;
	s->loaded_inside = false;
	pg_ahead_forget(&s->base);
	pg_batches_forget(s);
	s->begun = s->lost = s->wrote = false;
	s->failed = s->depth = 0;
}

void pg_rollback(struct store *store)
{
	struct pgsql *s = pgsql_of(store);
	if (!s->begun)
		return;
	pg_batches_forget(s);
	pg_call(s);
	/* behind a mark of its own: a fault in the queue would skip it */
	int r = s->conn && !s->lost ? pg_push(s, (struct pg_entry){ .kind = PG_SYNC }) : E_UNAVAILABLE;
	if (!r && !PQpipelineSync(s->conn))
		r = E_UNAVAILABLE;
	if (!r)
		r = pg_plain(s, "ROLLBACK");
	if (!r)
		r = pg_exchange(s);
	if (r && s->conn && !s->lost)
		pg_drop(s);
	ended(s, false);
}

int pg_lost_or_failed(const struct pgsql *s)
{
	if (s->begun && s->lost)
		return E_UNAVAILABLE;
	if (s->begun && s->failed)
		return s->failed == E_BROKEN || s->failed == E_UNAVAILABLE ? s->failed : E_UNDO;
	return 0;
}

static int settle(struct store *store)
{
	struct pgsql *s = pgsql_of(store);
	pg_call(s);
	int r = pg_lost_or_failed(s);
	if (!r && (s->queue_from < s->n_queue || s->n_batches))
		r = pg_exchange(s);
	return r ? r : pg_lost_or_failed(s);
}

static int quote_array(struct buffer *b, const struct pgsql *s, int which)
{
	int r = buffer_puts(b, "{"), n = 0;
	for (size_t i = 0; !r && i < s->n_tables; i++) {
		const struct pg_table *t = &s->tables[i];
		if (t->last == t->committed)
			continue;
		const char *comma = n++ ? "," : "";
		r = which == 0 ? buffer_printf(b, "%s%s", comma, t->name)
			       : buffer_printf(b, "%s%lld", comma, (long long)(which == 1 ? t->last : t->committed));
	}
	return r ? r : buffer_puts(b, "}");
}

/* Writes the counts of ids down and holds the lease, in one statement. */
static int send_close(struct pgsql *s)
{
	OWN(buffer) struct buffer names = { 0 }, lasts = { 0 }, was = { 0 };
	char term[24];
	int r = quote_array(&names, s, 0);
	if (!r)
		r = quote_array(&lasts, s, 1);
	if (!r)
		r = quote_array(&was, s, 2);
	if (r)
		return r;
	snprintf(term, sizeof(term), "%lld", (long long)s->lease.term);
	const char *const values[] = { buffer_text(&names), buffer_text(&lasts), buffer_text(&was), s->lease.holder, term };
	return pg_send(s, "SELECT close_tick($1, $2, $3, $4, $5)", 5, values, (struct pg_entry){ .kind = PG_PLAIN });
}

/* The COMMIT is on its way: from here on a lost connection leaves its outcome open. */
static int send_commit(struct pgsql *s)
{
	int r = s->wrote ? send_close(s) : 0;
	if (!r)
		r = pg_send(s, "COMMIT", 0, NULL, (struct pg_entry){ .kind = PG_TAKE });
	if (r)
		return r;
	bool wrote = s->wrote;
	r = pg_exchange(s);
	if (r)
		return wrote && (!s->failed || s->taken_error) ? E_UNKNOWN : E_UNAVAILABLE;
	if (s->failed)
		return s->taken_error ? s->taken_error : s->failed;
	return s->taken && !strcmp(PQcmdStatus(s->taken), "COMMIT") ? 0 : E_UNDO;
}

int pg_commit(struct store *store)
{
	struct pgsql *s = pgsql_of(store);
	if (!s->begun)
		return E_INVALID;
	pg_call(s);
	int r = pg_lost_or_failed(s);
	if (!r && s->counted)
		r = settle(store);
	if (!r)
		r = send_commit(s);
	if (r && r != E_UNKNOWN) {
		s->tables_stale |= r == E_UNDO;
		pg_rollback(store);
		return r;
	}
	ended(s, r == 0);
	return r;
}

static int savepoint(struct store *store)
{
	struct pgsql *s = pgsql_of(store);
	int r = pg_lost_or_failed(s);
	if (!r)
		r = pg_plain(s, "SAVEPOINT frame");
	s->depth += !r;
	return r;
}

/* Needs the answers first: behind a fault nothing is done, not even this. */
static int savepoint_undo(struct store *store)
{
	struct pgsql *s = pgsql_of(store);
	int r = settle(store);
	if (r && !(s->failed && s->failed_depth >= s->depth && !s->lost))
		return r;
	s->failed = 0;
	r = pg_plain(s, "ROLLBACK TO frame");
	if (!r)
		r = pg_plain(s, "RELEASE frame");
	s->depth--;
	return r;
}

static int savepoint_keep(struct store *store)
{
	struct pgsql *s = pgsql_of(store);
	int r = pg_lost_or_failed(s);
	if (!r)
		r = pg_plain(s, "RELEASE frame");
	s->depth -= !r;
	return r;
}

/* ---- the whole ---- */

static int64_t changes(struct store *store)
{
	return pgsql_of(store)->changes;
}

static int64_t last_id(struct store *store)
{
	return pgsql_of(store)->last_id;
}

static int64_t total_changes(struct store *store)
{
	return pgsql_of(store)->total;
}

static int64_t round_trips(const struct store *store)
{
	return ((const struct pgsql *)store)->n_round_trips;
}

static int64_t scalar(struct store *store, const char *sql, int64_t otherwise)
{
	struct statement *st = pg_statement_new(store, sql, false);
	if (!st)
		return otherwise;
	st->name = "scalar";
	int64_t value = pg_row(st) > 0 ? pg_get_int(st, 0) : otherwise;
	pg_statement_drop(st);
	return value;
}

/* The counts of ids go down first and are read again afterwards: the script may insert by itself. */
static int script_inside(struct pgsql *s, const char *sql)
{
	int r = send_close(s);
	if (!r)
		r = pg_plain(s, "SAVEPOINT one");
	if (!r)
		r = pg_exchange(s);
	if (!r)
		r = pg_lost_or_failed(s);
	if (r)
		return r;
	for (size_t i = 0; i < s->n_tables; i++)
		s->tables[i].committed = s->tables[i].last;
	s->loaded_inside = true;
	r = pg_simple(s, sql, NULL);
	if (!r)
		return pg_plain(s, "RELEASE one");
	if (s->conn && PQstatus(s->conn) == CONNECTION_OK) {
		int back = pg_simple(s, "ROLLBACK TO one; RELEASE one", NULL);
		if (back)
			pg_drop(s);
	}
	return r;
}

static int script(struct store *store, const char *sql)
{
	struct pgsql *s = pgsql_of(store);
	pg_call(s);
	int r = s->begun ? pg_lost_or_failed(s) : pg_connected(s);
	if (r)
		return r;
	OWN(mem) char *text = pg_script_text(sql);
	if (!text)
		return E_NOMEM;
	if (!s->begun && s->queue_from < s->n_queue)
		r = pg_exchange(s);
	if (!r)
		r = s->begun ? script_inside(s, text) : pg_simple(s, text, NULL);
	if (s->conn && PQstatus(s->conn) != CONNECTION_OK)
		pg_drop(s);
	s->tables_stale = s->wrote = true;
	s->total++;
	return r;
}

static void quiet(struct store *store)
{
	for (size_t i = 0; i < store->n_prepared; i++)
		for (size_t k = 0; k < store->prepared[i].module->n_sql; k++)
			if (store->prepared[i].statements[k])
				pg_statement_reset(store->prepared[i].statements[k]);
	pg_rollback(store);
}

static void limit_ms(struct store *store, int64_t ms)
{
	struct pgsql *s = pgsql_of(store);
	char text[64];
	if (ms == s->limit_ms || away(store) || s->lost)
		return;
	snprintf(text, sizeof(text), "SET statement_timeout = %lld", (long long)ms);
	s->limit_ms = ms;
	if (pg_plain(s, text))
		log_debug("store.limit", "lost=1");
}

static void close_store(struct store *store)
{
	struct pgsql *s = pgsql_of(store);
	log_debug("store.closed", "round_trips=%lld changes=%lld", (long long)s->n_round_trips, (long long)s->total);
	pg_drop(s);
	pg_address_done(&s->address);
	free(s->queue);
	free(s);
}

static const struct store_ops pgsql_ops = {
	.close = close_store, .begin = pg_begin, .commit = pg_commit, .rollback = pg_rollback, .in_transaction = in_transaction, .quiet = quiet,
	.savepoint = savepoint, .savepoint_undo = savepoint_undo, .savepoint_keep = savepoint_keep, .settle = settle, .away = away,
	.lease = pg_lease, .decide = pg_decide, .prepare = pg_statement_new, .drop = pg_statement_drop, .reset = pg_statement_reset, .place = pg_place, .bind_int = pg_put_int,
	.bind_real = pg_put_real, .bind_text = pg_put_text, .bind_blob = pg_put_blob, .bind_null = pg_put_null, .row = pg_row, .run = pg_run, .write = pg_write, .write_row = pg_write_row,
	.ahead = pg_ahead_ask, .forget_aheads = pg_ahead_forget, .round_trips = round_trips, .changes = changes, .last_id = last_id, .total_changes = total_changes, .column_int = pg_get_int,
	.column_real = pg_get_real, .column_text = pg_get_text, .column_blob = pg_get_blob, .column_null = pg_get_null, .columns = pg_columns,
	.column_name = pg_column_name, .scalar = scalar, .script = script, .check = pg_check, .explain = pg_explain, .limit_ms = limit_ms,
};

/* ---- opening ---- */

/* Every host once: what is wrong is said at once, who waits for a server asks again. */
static int first_connection(struct pgsql *s, struct complaint *c)
{
	bool refused = false;
	int r;
	do {
		r = pg_connect(s, 1000);
		refused |= r == E_REFUSED;
	} while ((r == E_UNAVAILABLE || r == E_REFUSED) && (s->conn || s->address.host));
	if (r && refused)
		r = E_REFUSED;
	if (r == E_REFUSED)
		complaint_set(c, "store", "read_only", "the database cannot be written: %s; name the primary server, or all of them separated by commas", s->why);
	else if (r)
		complaint_set(c, "store", "unreachable", "the database cannot be reached: %s; does the server run and let this machine in, and does store name "
			      "the right host, database and user?", s->why);
	return r;
}

int pgsql_open(const char *uri, enum store_mode mode, struct store **ret, struct complaint *c)
{
	struct pgsql *s = calloc(1, sizeof(*s));
	if (!s)
		return E_NOMEM;
	s->base.ops = &pgsql_ops;
	s->read_only = mode == STORE_READ_ONLY;
	s->filling = mode == STORE_FILL;
	s->creating = mode == STORE_CREATE || s->filling;
	int r = pg_address_parse(&s->address, uri, mode, c);
	if (!r)
		r = first_connection(s, c);
	pg_call(s);
	if (!r)
		r = s->filling ? pg_open_fill(s, c) : mode == STORE_CREATE ? pg_create(s, c) : pg_look(s, c);
	s->creating = false;
	if (!r && mode == STORE_READ_WRITE)
		r = pg_upgrade(s, c);
	pg_call(s);
	if (!r && mode != STORE_READ_ONLY)
		r = pg_load_tables(s);
	if (r) {
		if (!c->text[0])
			complaint_set(c, "store", "unusable", "the database cannot be used: %s", err_text(r));
		store_close(&s->base);
		return r;
	}
	*ret = &s->base;
	return 0;
}
