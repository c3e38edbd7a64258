/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is under way between us and the server: sending into the queue, reading the answers in the same order, telling whose fault an
 * error is. Called by the engine's other files; knows nothing of transactions but how deep the savepoints stand. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/log.h"
#include "gateway/base/own.h"
#include "gateway/store/pgsql.h"

#define OID_BYTEA 17
#define OID_INT8 20
#define OID_TEXT 25
#define OID_FLOAT8 701

/* ---- waiting ---- */

void pg_call_for(struct pgsql *s, int64_t ms)
{
	s->call_until_ms = pg_mono_ms() + ms;
}

void pg_call(struct pgsql *s)
{
	pg_call_for(s, PG_CALL_MS);
}

int pg_ready(struct pgsql *s, short events)
{
	for (;;) {
		int64_t left = s->call_until_ms - pg_mono_ms();
		if (left <= 0) {
			log_warn("store.silent", "the server did not answer in time");
			return E_UNAVAILABLE;
		}
		int n = store_wait(&s->base, PQsocket(s->conn), events, (int)left);
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return E_UNAVAILABLE;
	}
}

/* Reads until a result stands ready, sending what is left to send meanwhile. */
static int await(struct pgsql *s)
{
	for (;;) {
		int left = PQflush(s->conn);
		if (left < 0)
			return E_UNAVAILABLE;
		if (!PQisBusy(s->conn))
			return 0;
		if (pg_ready(s, left ? POLLIN | POLLOUT : POLLIN) || !PQconsumeInput(s->conn))
			return E_UNAVAILABLE;
	}
}

/* ---- errors ---- */

static bool is_fatal(const PGresult *res)
{
	const char *severity = PQresultErrorField(res, PG_DIAG_SEVERITY_NONLOCALIZED);
	return !severity || !strcmp(severity, "FATAL") || !strcmp(severity, "PANIC");
}

static const struct {
	const char *state; /* SQLSTATE, or the beginning of it */
	int err;
} codes[] = {
	{ "23505", E_EXISTS }, { "23", E_REFUSED },     { "22", E_REFUSED },     { "40", E_UNAVAILABLE }, { "53", E_UNAVAILABLE },
	{ "55P03", E_UNAVAILABLE }, { "57", E_UNAVAILABLE }, { "08", E_UNAVAILABLE }, { "58", E_UNAVAILABLE }, { "25006", E_REFUSED },
	{ "25P0", E_UNDO },    { "XX001", E_BROKEN },   { "XX002", E_BROKEN },   { "CN001", E_BROKEN },   { "CN002", E_UNDO },
	{ "42P07", E_EXISTS }, { "42501", E_REFUSED },
};

int pg_translate_error(const struct pgsql *s, const PGresult *res, const char *module)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE), *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
	int err = E_INVALID;
	if (!state)
		return E_UNAVAILABLE;
	for (size_t i = 0; i < COUNT_OF(codes); i++)
		if (!strncmp(state, codes[i].state, strlen(codes[i].state))) {
			err = codes[i].err;
			break;
		}
	/* the words of class 22 quote the value that was wrong */
	if (err != E_EXISTS)
		log_warn("store.row", "module=%s sqlstate=%s message=%s", module, state, strncmp(state, "22", 2) && text ? text : "");
	return err == E_BROKEN && s->read_only ? E_CORRUPT : err;
}

/* ---- sending ---- */

static void lose(struct pgsql *s)
{
	if (s->conn)
		log_warn("store.lost", "the connection to the database is lost");
	pg_drop(s);
}

int pg_push(struct pgsql *s, struct pg_entry e)
{
	if (s->queue_from == s->n_queue)
		s->queue_from = s->n_queue = 0;
	if (s->n_queue == s->queue_room) {
		size_t room = s->queue_room ? s->queue_room * 2 : 256;
		struct pg_entry *more = reallocarray(s->queue, room, sizeof(*more));
		if (!more)
			return E_NOMEM;
		s->queue = more;
		s->queue_room = room;
	}
	e.depth = s->depth;
	s->queue[s->n_queue++] = e;
	return 0;
}

int pg_gathered_send(struct pgsql *s)
{
	int r = pg_asked_send(s);
	return r ? r : pg_batches_send(s);
}

int pg_send(struct pgsql *s, const char *sql, int n, const char *const *values, struct pg_entry e)
{
	int r = s->conn ? pg_gathered_send(s) : E_UNAVAILABLE;
	if (!r)
		r = pg_push(s, e);
	if (!r && !PQsendQueryParams(s->conn, sql, n, NULL, values, NULL, NULL, 0)) {
		lose(s);
		r = E_UNAVAILABLE;
	}
	return r;
}

static Oid oid_of(enum pg_kind kind)
{
	switch (kind) {
	case PG_NULL: return 0;
	case PG_INT: return OID_INT8;
	case PG_REAL: return OID_FLOAT8;
	case PG_TEXT: return OID_TEXT;
	case PG_BLOB: return OID_BYTEA;
	case PG_ARRAY: return 0; /* known already */
	}
	return 0;
}

/* Is what is bound now of the types it was prepared for? A type that was left to the server is learnt when a value first comes: the
 * server's guess from the text alone may be too narrow. */
static bool fits(struct pg_statement *st)
{
	bool same = true;
	for (int i = 0; i < st->n_parameters; i++) {
		Oid want = oid_of(st->values[i].kind);
		if (!want || want == st->types[i])
			continue;
		st->types[i] = want;
		same = false;
	}
	return same;
}

static int prepare(struct pgsql *s, struct pg_statement *st)
{
	bool same = fits(st);
	if (!st->keep || (same && st->connection == s->connection))
		return 0;
	int r = pg_push(s, (struct pg_entry){ .kind = PG_PREPARE, .st = st });
	if (r)
		return r;
	snprintf(st->as, sizeof(st->as), "s%u", ++s->n_names);
	if (!PQsendPrepare(s->conn, st->as, st->sql, st->n_parameters, st->types))
		return E_UNAVAILABLE;
	st->connection = s->connection;
	return 0;
}

int pg_ask_types(struct pgsql *s, struct pg_statement *st)
{
	if (!st->keep || st->asked_on == s->connection)
		return 0;
	int r = pg_push(s, (struct pg_entry){ .kind = PG_DESCRIBE, .st = st });
	if (!r && !PQsendDescribePrepared(s->conn, st->as))
		r = E_UNAVAILABLE;
	if (r)
		lose(s);
	st->asked_on = s->connection;
	return r;
}

int pg_send_statement(struct pgsql *s, struct pg_statement *st, struct pg_entry e)
{
	const char *values[PG_PARAMETERS_MAX];
	int lengths[PG_PARAMETERS_MAX], formats[PG_PARAMETERS_MAX];
	int n = st->n_parameters, r = s->conn ? pg_gathered_send(s) : E_UNAVAILABLE;
	if (!r)
		r = prepare(s, st);
	for (int i = 0; i < n; i++) {
		const struct pg_value *v = &st->values[i];
		values[i] = v->kind == PG_NULL ? NULL : v->kind == PG_INT || v->kind == PG_REAL ? v->small : v->data;
		lengths[i] = v->n_bytes;
		formats[i] = v->kind == PG_BLOB;
	}
	e.st = st;
	if (!r)
		r = pg_push(s, e);
	if (!r && !(st->keep ? PQsendQueryPrepared(s->conn, st->as, n, values, lengths, formats, 0)
			     : PQsendQueryParams(s->conn, st->sql, n, st->types, values, lengths, formats, 0)))
		r = E_UNAVAILABLE;
	if (r)
		lose(s); /* half of it may be under way */
	return r;
}

/* ---- reading ---- */

static void fail(struct pgsql *s, const struct pg_entry *e, int err)
{
	if (s->failed)
		return;
	s->failed = err;
	s->failed_depth = e->depth;
}

static const char *module_of(const struct pg_entry *e)
{
	return e->st && e->st->base.name ? e->st->base.name : "engine";
}

static void took_error(struct pgsql *s, const struct pg_entry *e, PGresult *res)
{
	int err = pg_translate_error(s, res, module_of(e));
	if (e->kind == PG_PREPARE && e->st)
		e->st->connection = 0;
	if (e->kind == PG_TAKE)
		s->taken_error = err;
	if (e->kind != PG_TAKE || !e->guarded)
		fail(s, e, err);
}

/* Files one answer away. True: the connection is over. */
static bool file(struct pgsql *s, const struct pg_entry *e, PGresult *res)
{
	ExecStatusType status = PQresultStatus(res);
	bool good = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK, fatal = false;
	if (status == PGRES_PIPELINE_ABORTED) {
		if (e->kind == PG_PREPARE && e->st)
			e->st->connection = 0;
	} else if (!good) {
		fatal = is_fatal(res);
		took_error(s, e, res);
	} else if (e->kind == PG_WRITE) {
		int64_t n = strtoll(PQcmdTuples(res), NULL, 10);
		if (e->n >= 0 && n != e->n)
			fail(s, e, E_UNDO);
	} else if (e->kind == PG_DESCRIBE && e->st) {
		for (int i = 0; i < PQnparams(res) && i < PG_PARAMETERS_MAX; i++)
			e->st->asked[i] = PQparamtype(res, i);
	} else if (e->kind == PG_TAKE) {
		s->taken = MOVE(res);
	}
	if (e->kind == PG_AHEAD && e->ahead)
		pg_ahead_answer(e->ahead, good ? MOVE(res) : NULL);
	PQclear(res);
	return fatal;
}

/* The answer of one entry: its result, and the NULL behind it unless it is a mark. */
static int read_one(struct pgsql *s, const struct pg_entry *e)
{
	int r = await(s);
	PGresult *res = r ? NULL : PQgetResult(s->conn);
	if (!res || PQstatus(s->conn) != CONNECTION_OK) {
		if (res)
			file(s, e, res);
		return E_UNAVAILABLE;
	}
	if (e->kind == PG_SYNC) {
		bool right = PQresultStatus(res) == PGRES_PIPELINE_SYNC;
		PQclear(res);
		return right ? 0 : E_UNAVAILABLE;
	}
	if (file(s, e, res))
		return E_UNAVAILABLE;
	r = await(s);
	PGresult *none = r ? NULL : PQgetResult(s->conn);
	if (none) {
		PQclear(none);
		r = E_UNAVAILABLE;
	}
	return r;
}

int pg_exchange(struct pgsql *s)
{
	s->n_round_trips++;
	PQclear(s->taken);
	s->taken = NULL;
	s->taken_error = 0;
	int r = s->conn ? pg_gathered_send(s) : E_UNAVAILABLE;
	if (!r)
		r = pg_push(s, (struct pg_entry){ .kind = PG_SYNC });
	if (!r && !PQpipelineSync(s->conn))
		r = E_UNAVAILABLE;
	while (!r && s->queue_from < s->n_queue) {
		struct pg_entry e = s->queue[s->queue_from++];
		r = read_one(s, &e);
	}
	if (!r) {
		s->counted = false;
		return 0;
	}
	lose(s);
	return E_UNAVAILABLE;
}

/* ---- outside the pipeline ---- */

static int simple_results(struct pgsql *s, PGresult **last)
{
	int err = 0;
	for (;;) {
		if (await(s))
			return E_UNAVAILABLE;
		PGresult *res = PQgetResult(s->conn);
		if (!res)
			break;
		ExecStatusType status = PQresultStatus(res);
		if (status == PGRES_FATAL_ERROR && !err)
			err = pg_translate_error(s, res, "script");
		PQclear(*last);
		*last = res;
	}
	return PQstatus(s->conn) == CONNECTION_OK ? err : E_UNAVAILABLE;
}

int pg_simple(struct pgsql *s, const char *sql, PGresult **ret)
{
	PGresult *last = NULL;
	bool pipeline = PQpipelineStatus(s->conn) != PQ_PIPELINE_OFF;
	int r = pipeline && !PQexitPipelineMode(s->conn) ? E_UNAVAILABLE : 0;
	if (!r)
		r = PQsendQuery(s->conn, sql) ? simple_results(s, &last) : E_UNAVAILABLE;
	if (pipeline && !PQenterPipelineMode(s->conn) && !r)
		r = E_UNAVAILABLE;
	if (!r && ret)
		*ret = MOVE(last);
	PQclear(last);
	return r;
}
