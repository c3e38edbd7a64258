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
static int connected(struct pgsql *s)
{
	if (!away(&s->base) && has_ended(s)) {
		log_warn("store.lost", "the connection to the database is lost");
		pg_drop(s);
	}
	int r = pg_connect(s, BEGIN_MS);
	return r == E_REFUSED ? E_UNAVAILABLE : r;
}

static int plain(struct pgsql *s, const char *sql)
{
	return pg_send(s, sql, 0, NULL, (struct pg_entry){ .kind = PG_PLAIN });
}

static int begin(struct store *store)
{
	struct pgsql *s = pgsql_of(store);
	if (s->begun)
		return E_INVALID;
	int r = connected(s);
	if (!r)
		r = plain(s, s->read_only ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN");
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
	pg_aheads_free(s);
	s->begun = s->lost = s->wrote = false;
	s->failed = s->depth = 0;
}

static void rollback(struct store *store)
{
	struct pgsql *s = pgsql_of(store);
	if (!s->begun)
		return;
	pg_call(s);
	/* behind a mark of its own: a fault in the queue would skip it */
	int r = s->conn && !s->lost ? pg_push(s, (struct pg_entry){ .kind = PG_SYNC }) : E_UNAVAILABLE;
	if (!r && !PQpipelineSync(s->conn))
		r = E_UNAVAILABLE;
	if (!r)
		r = plain(s, "ROLLBACK");
	if (!r)
		r = pg_exchange(s);
	if (r && s->conn && !s->lost)
		pg_drop(s);
	ended(s, false);
}

static int lost_or_failed(const struct pgsql *s)
{
	if (s->begun && s->lost)
		return E_UNAVAILABLE;
	if (s->begun && s->failed)
		return s->failed == E_BROKEN ? E_BROKEN : E_UNDO;
	return 0;
}

static int settle(struct store *store)
{
	struct pgsql *s = pgsql_of(store);
	pg_call(s);
	int r = lost_or_failed(s);
	if (!r && s->queue_from < s->n_queue)
		r = pg_exchange(s);
	return r ? r : lost_or_failed(s);
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

static int commit(struct store *store)
{
	struct pgsql *s = pgsql_of(store);
	if (!s->begun)
		return E_INVALID;
	pg_call(s);
	int r = lost_or_failed(s);
	if (!r && s->counted)
		r = settle(store);
	if (!r)
		r = send_commit(s);
	if (r && r != E_UNKNOWN) {
		s->tables_stale |= r == E_UNDO;
		rollback(store);
		return r;
	}
	ended(s, r == 0);
	return r;
}

static int savepoint(struct store *store)
{
	struct pgsql *s = pgsql_of(store);
	int r = lost_or_failed(s);
	if (!r)
		r = plain(s, "SAVEPOINT frame");
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
	r = plain(s, "ROLLBACK TO frame");
	if (!r)
		r = plain(s, "RELEASE frame");
	s->depth--;
	return r;
}

static int savepoint_keep(struct store *store)
{
	struct pgsql *s = pgsql_of(store);
	int r = lost_or_failed(s);
	if (!r)
		r = plain(s, "RELEASE frame");
	s->depth -= !r;
	return r;
}

/* ---- statements ---- */

static void forget_row(struct pg_statement *st)
{
	int n = st->blobs ? PQnfields(st->result) : 0;
	for (int i = 0; i < n; i++)
		PQfreemem(st->blobs[i]);
	free(st->blobs);
	st->blobs = NULL;
}

static void forget_result(struct pg_statement *st)
{
	forget_row(st);
	PQclear(st->result);
	st->result = NULL;
	st->row = -1;
}

static void drop(struct statement *base)
{
	struct pg_statement *st = pg_st(base);
	struct pgsql *s = pgsql_of(base->db);
	for (size_t i = s->queue_from; i < s->n_queue; i++)
		if (s->queue[i].st == st)
			s->queue[i].st = NULL;
	for (struct pg_ahead *a = s->aheads; a; a = a->next)
		if (a->st == st)
			a->st = NULL;
	forget_result(st);
	for (int i = 0; i < st->n_parameters; i++)
		free(st->names[i]);
	free(st->sql);
	free(st);
}

static struct statement *prepare(struct store *store, const char *sql, bool keep)
{
	struct pgsql *s = pgsql_of(store);
	struct pg_statement *st = calloc(1, sizeof(*st));
	if (!st)
		return NULL;
	st->base.db = store;
	st->keep = keep;
	st->row = -1;
	if (pg_translate(st, sql, s->tables, s->n_tables)) {
		log_error("store.prepare", "sql=%.200s", sql);
		drop(&st->base);
		return NULL;
	}
	return &st->base;
}

static void reset(struct statement *base)
{
	struct pg_statement *st = pg_st(base);
	forget_result(st);
	for (int i = 0; i < st->n_parameters; i++)
		st->values[i].kind = PG_NULL;
}

static int place(struct statement *base, const char *name)
{
	struct pg_statement *st = pg_st(base);
	for (int i = 0; i < st->n_parameters; i++)
		if (!strcmp(st->names[i], name))
			return i + 1;
	return 0;
}

static struct pg_value *value_at(struct statement *base, int i, enum pg_kind kind)
{
	struct pg_value *v = &pg_st(base)->values[i - 1];
	v->kind = kind;
	return v;
}

static void put_int(struct statement *st, int i, int64_t value)
{
	struct pg_value *v = value_at(st, i, PG_INT);
	v->n_bytes = snprintf(v->small, sizeof(v->small), "%lld", (long long)value);
}

static void put_real(struct statement *st, int i, double value)
{
	struct pg_value *v = value_at(st, i, PG_REAL);
	v->n_bytes = snprintf(v->small, sizeof(v->small), "%.17g", value);
}

static void put_text(struct statement *st, int i, const char *value)
{
	struct pg_value *v = value_at(st, i, value ? PG_TEXT : PG_NULL);
	v->data = value;
	v->n_bytes = value ? (int)strlen(value) : 0;
}

static void put_blob(struct statement *st, int i, const void *data, size_t n_bytes)
{
	struct pg_value *v = value_at(st, i, data ? PG_BLOB : PG_NULL);
	v->data = data;
	v->n_bytes = (int)n_bytes;
}

static void put_null(struct statement *st, int i)
{
	value_at(st, i, PG_NULL);
}

/* ---- ids ---- */

static struct pg_table *table_of(struct pgsql *s, const struct pg_statement *st)
{
	for (size_t i = 0; st->table[0] && i < s->n_tables; i++)
		if (!strcmp(s->tables[i].name, st->table))
			return &s->tables[i];
	return NULL;
}

/* The next id of the table, bound as the statement's last parameter. Outside a transaction the server draws it. */
static int draw(struct pgsql *s, struct pg_statement *st, struct pg_table **ret)
{
	struct pg_table *t = table_of(s, st);
	if (t && s->tables_stale) {
		int r = pg_load_tables(s);
		if (r)
			return r;
	}
	if (t) {
		put_int(&st->base, st->n_parameters, ++t->last);
		s->last_id = t->last;
	}
	*ret = t;
	return 0;
}

/* ---- running ---- */

static bool same_values(const struct pg_statement *st, const struct pg_ahead *a)
{
	for (int i = 0; i < st->n_parameters; i++) {
		const struct pg_value *v = &st->values[i], *w = &a->values[i];
		if (v->kind != w->kind)
			return false;
		if (v->kind == PG_NULL)
			continue;
		bool small = v->kind == PG_INT || v->kind == PG_REAL;
		if (v->n_bytes != w->n_bytes || memcmp(small ? v->small : v->data, small ? w->small : w->data, (size_t)v->n_bytes))
			return false;
	}
	return true;
}

/* The answer that was asked for ahead; it is used once. */
static int take_ahead(struct pgsql *s, struct pg_statement *st, bool *ret_taken)
{
	*ret_taken = false;
	for (struct pg_ahead *a = s->aheads; a; a = a->next) {
		if (a->st != st || !same_values(st, a))
			continue;
		if (a->sent) {
			int r = pg_exchange(s);
			if (r)
				return r;
			r = lost_or_failed(s);
			if (r)
				return r;
		}
		st->result = MOVE(a->result);
		a->st = NULL;
		*ret_taken = st->result != NULL;
		return 0;
	}
	return 0;
}

static int fetch(struct pgsql *s, struct pg_statement *st)
{
	bool taken = false;
	int r = s->begun ? take_ahead(s, st, &taken) : 0;
	if (r || taken)
		return r;
	r = pg_send_statement(s, st, (struct pg_entry){ .kind = PG_TAKE, .guarded = !s->begun });
	if (!r)
		r = pg_exchange(s);
	if (r)
		return r;
	if (s->taken_error)
		return s->taken_error;
	if (!s->taken)
		return s->begun && s->failed ? lost_or_failed(s) : E_UNAVAILABLE;
	st->result = MOVE(s->taken);
	return 0;
}

/* One change between two marks, so that its fault is its own. */
static int guarded(struct pgsql *s, struct pg_statement *st)
{
	int r = plain(s, "SAVEPOINT one");
	if (!r)
		r = pg_send_statement(s, st, (struct pg_entry){ .kind = PG_TAKE, .guarded = true });
	if (!r)
		r = plain(s, "RELEASE one");
	if (!r)
		r = pg_exchange(s);
	if (r)
		return r;
	if (s->failed)
		return lost_or_failed(s);
	if (!s->taken_error)
		return 0;
	r = plain(s, "ROLLBACK TO one");
	if (!r)
		r = plain(s, "RELEASE one");
	return r ? r : s->taken_error;
}

static int alone(struct pgsql *s, struct pg_statement *st)
{
	int r = pg_send_statement(s, st, (struct pg_entry){ .kind = PG_TAKE, .guarded = true });
	if (!r)
		r = pg_exchange(s);
	return r ? r : s->taken_error;
}

static int change(struct pgsql *s, struct pg_statement *st)
{
	struct pg_table *t = NULL;
	int r = draw(s, st, &t);
	if (r)
		return r;
	bool begun = s->begun;
	if (!begun && t)
		r = begin(&s->base);
	if (!r)
		r = s->begun ? guarded(s, st) : alone(s, st);
	s->changes = !r && s->taken ? strtoll(PQcmdTuples(s->taken), NULL, 10) : 0;
	s->total += s->changes;
	s->wrote = true;
	if (t && !s->changes && t->last > t->committed)
		t->last--; /* not used: the next one counts on from here */
	if (!begun && t) {
		int end = r ? r : commit(&s->base);
		if (r)
			rollback(&s->base);
		r = end;
	}
	return r;
}

static int execute(struct pg_statement *st)
{
	struct pgsql *s = pgsql_of(st->base.db);
	pg_call(s);
	int r = s->begun ? lost_or_failed(s) : connected(s);
	if (r)
		return r;
	forget_result(st);
	return st->reads ? fetch(s, st) : change(s, st);
}

static int row(struct statement *base)
{
	struct pg_statement *st = pg_st(base);
	if (!st->result) {
		if (st->row >= 0)
			return 0; /* a change that was run already */
		int r = execute(st);
		if (r)
			return r;
		if (!st->result) {
			st->row = 0;
			return 0;
		}
	} else {
		forget_row(st);
	}
	return ++st->row < PQntuples(st->result) ? 1 : 0;
}

static int run(struct statement *base)
{
	int r = execute(pg_st(base));
	reset(base);
	return r;
}

static int write_later(struct statement *base, int64_t n)
{
	struct pg_statement *st = pg_st(base);
	struct pgsql *s = pgsql_of(base->db);
	struct pg_table *t = NULL;
	pg_call(s);
	if (!s->begun) {
		int alone_r = run(base);
		return alone_r ? alone_r : n >= 0 && s->changes != n ? E_UNDO : 0;
	}
	int r = lost_or_failed(s);
	if (!r)
		r = draw(s, st, &t);
	if (!r)
		r = pg_send_statement(s, st, (struct pg_entry){ .kind = PG_WRITE, .n = n });
	s->wrote = true;
	s->counted |= n >= 0;
	s->total += n > 0 ? n : 1;
	reset(base);
	return r;
}

/* ---- asked ahead ---- */

static int keep_values(struct pg_ahead *a, const struct pg_statement *st)
{
	size_t n = 1;
	for (int i = 0; i < st->n_parameters; i++)
		if (st->values[i].kind == PG_TEXT || st->values[i].kind == PG_BLOB)
			n += (size_t)st->values[i].n_bytes;
	char *to = a->bytes = malloc(n);
	if (!to)
		return E_NOMEM;
	for (int i = 0; i < st->n_parameters; i++) {
		a->values[i] = st->values[i];
		if (st->values[i].kind != PG_TEXT && st->values[i].kind != PG_BLOB)
			continue;
		if (st->values[i].n_bytes)
			memcpy(to, st->values[i].data, (size_t)st->values[i].n_bytes);
		a->values[i].data = to;
		to += st->values[i].n_bytes;
	}
	return 0;
}

static void ahead(struct statement *base)
{
	struct pg_statement *st = pg_st(base);
	struct pgsql *s = pgsql_of(base->db);
	struct pg_ahead *a = s->begun && st->reads && !lost_or_failed(s) ? calloc(1, sizeof(*a)) : NULL;
	if (a && keep_values(a, st)) {
		free(a);
		a = NULL;
	}
	if (a) {
		a->st = st;
		a->sent = true;
		struct pg_ahead **last = &s->aheads;
		while (*last)
			last = &(*last)->next;
		*last = a;
		pg_call(s);
		if (pg_send_statement(s, st, (struct pg_entry){ .kind = PG_AHEAD, .ahead = a }))
			log_debug("store.ahead", "lost=%d", s->lost); /* the read itself says what is wrong */
	}
	reset(base);
}

/* ---- columns ---- */

static bool get_null(struct statement *base, int i)
{
	const struct pg_statement *st = pg_st(base);
	return !st->result || st->row >= PQntuples(st->result) || PQgetisnull(st->result, st->row, i);
}

static const char *get_text(struct statement *base, int i)
{
	return get_null(base, i) ? NULL : PQgetvalue(pg_st(base)->result, pg_st(base)->row, i);
}

static int64_t get_int(struct statement *base, int i)
{
	const char *text = get_text(base, i);
	if (!text)
		return 0;
	return *text == 't' ? 1 : strtoll(text, NULL, 10);
}

static double get_real(struct statement *base, int i)
{
	const char *text = get_text(base, i);
	return text ? strtod(text, NULL) : 0;
}

static const void *get_blob(struct statement *base, int i, size_t *ret_bytes)
{
	struct pg_statement *st = pg_st(base);
	const char *text = get_text(base, i);
	*ret_bytes = 0;
	if (!text)
		return NULL;
	if (strncmp(text, "\\x", 2)) {
		*ret_bytes = (size_t)PQgetlength(st->result, st->row, i);
		return text;
	}
	if (!st->blobs)
		st->blobs = calloc((size_t)PQnfields(st->result), sizeof(*st->blobs));
	if (!st->blobs)
		return NULL;
	*ret_bytes = (size_t)(PQgetlength(st->result, st->row, i) - 2) / 2;
	if (!st->blobs[i]) {
		size_t n;
		st->blobs[i] = PQunescapeBytea((const unsigned char *)text, &n);
	}
	return st->blobs[i];
}

static int columns(struct statement *base)
{
	return pg_st(base)->result ? PQnfields(pg_st(base)->result) : 0;
}

static const char *name_of(struct statement *base, int i)
{
	return pg_st(base)->result ? PQfname(pg_st(base)->result, i) : NULL;
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

static int64_t scalar(struct store *store, const char *sql, int64_t otherwise)
{
	struct statement *st = prepare(store, sql, false);
	if (!st)
		return otherwise;
	st->name = "scalar";
	int64_t value = row(st) > 0 ? get_int(st, 0) : otherwise;
	drop(st);
	return value;
}

/* The counts of ids go down first and are read again afterwards: the script may insert by itself. */
static int script_inside(struct pgsql *s, const char *sql)
{
	int r = send_close(s);
	if (!r)
		r = plain(s, "SAVEPOINT one");
	if (!r)
		r = pg_exchange(s);
	if (!r)
		r = lost_or_failed(s);
	if (r)
		return r;
	for (size_t i = 0; i < s->n_tables; i++)
		s->tables[i].committed = s->tables[i].last;
	s->loaded_inside = true;
	r = pg_simple(s, sql, NULL);
	if (!r)
		return plain(s, "RELEASE one");
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
	int r = s->begun ? lost_or_failed(s) : connected(s);
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
				reset(store->prepared[i].statements[k]);
	rollback(store);
}

static void limit_ms(struct store *store, int64_t ms)
{
	struct pgsql *s = pgsql_of(store);
	char text[64];
	if (ms == s->limit_ms || away(store) || s->lost)
		return;
	snprintf(text, sizeof(text), "SET statement_timeout = %lld", (long long)ms);
	s->limit_ms = ms;
	if (plain(s, text))
		log_debug("store.limit", "lost=1");
}

static void close_store(struct store *store)
{
	struct pgsql *s = pgsql_of(store);
	pg_drop(s);
	pg_address_done(&s->address);
	free(s->queue);
	free(s);
}

static const struct store_ops pgsql_ops = {
	.close = close_store, .begin = begin, .commit = commit, .rollback = rollback, .in_transaction = in_transaction, .quiet = quiet,
	.savepoint = savepoint, .savepoint_undo = savepoint_undo, .savepoint_keep = savepoint_keep, .settle = settle, .away = away,
	.lease = pg_lease, .decide = pg_decide, .prepare = prepare, .drop = drop, .reset = reset, .place = place, .bind_int = put_int,
	.bind_real = put_real, .bind_text = put_text, .bind_blob = put_blob, .bind_null = put_null, .row = row, .run = run, .write = write_later,
	.ahead = ahead, .changes = changes, .last_id = last_id, .total_changes = total_changes, .column_int = get_int,
	.column_real = get_real, .column_text = get_text, .column_blob = get_blob, .column_null = get_null, .columns = columns,
	.column_name = name_of, .scalar = scalar, .script = script, .check = pg_check, .explain = pg_explain, .limit_ms = limit_ms,
};

/* ---- opening ---- */

static int first_connection(struct pgsql *s, struct complaint *c)
{
	int64_t until = pg_mono_ms() + PG_CALL_MS;
	int r;
	while ((r = pg_connect(s, 1000)) == E_UNAVAILABLE && pg_mono_ms() < until)
		if (!s->conn)
			break; /* every reason is said at once; who waits for a server asks again */
	if (r == E_REFUSED)
		complaint_set(c, "store", "read_only", "the database cannot be written: %s; name the primary server, or all of them separated by commas", s->why);
	else if (r)
		complaint_set(c, "store", "unreachable", "the database cannot be reached: %s", s->why);
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
