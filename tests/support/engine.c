/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Schemas for tests. Called by the fixtures; talks to the server by itself, not through the store. */
#include "tests/support/engine.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "gateway/base/own.h"

static void fatal(const char *what, const char *words)
{
	fprintf(stderr, "engine: %s: %s\n", what, words);
	abort();
}

bool engine_is_postgresql(void)
{
	const char *uri = getenv("CAUNOI_TEST_STORE");
	return uri && *uri;
}

/* What SQLite has and the tests' own statements call. */
static const char helpers[] =
	"CREATE FUNCTION instr(bytea, text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$SELECT position(convert_to($2, 'UTF8') IN $1)$$;"
	"CREATE FUNCTION zeroblob(integer) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$SELECT decode(repeat('00', $1), 'hex')$$;"
	"CREATE FUNCTION hex(bytea) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT upper(encode($1, 'hex'))$$;"
	"CREATE FUNCTION group_concat_step(text, text, text) RETURNS text LANGUAGE sql IMMUTABLE AS"
	" $$SELECT CASE WHEN $2 IS NULL THEN $1 WHEN $1 IS NULL THEN $2 ELSE $1 || $3 || $2 END$$;"
	"CREATE FUNCTION group_concat_comma(text, text) RETURNS text LANGUAGE sql IMMUTABLE AS"
	" $$SELECT CASE WHEN $2 IS NULL THEN $1 WHEN $1 IS NULL THEN $2 ELSE $1 || ',' || $2 END$$;"
	"CREATE AGGREGATE group_concat(text) (sfunc = group_concat_comma, stype = text);"
	"CREATE AGGREGATE group_concat(text, text) (sfunc = group_concat_step, stype = text)";

static void ignore(void *arg, const PGresult *res)
{
	(void)arg;
	(void)res;
}

static void run(const char *uri, const char *sql)
{
	PGconn *conn = PQconnectdb(uri);
	if (PQstatus(conn) != CONNECTION_OK)
		fatal("connect", PQerrorMessage(conn));
	PQsetNoticeReceiver(conn, ignore, NULL);
	PGresult *res = PQexec(conn, sql);
	ExecStatusType status = PQresultStatus(res);
	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		fatal(sql, PQerrorMessage(conn));
	PQclear(res);
	PQfinish(conn);
}

void engine_init(struct engine *e)
{
	const char *uri = getenv("CAUNOI_TEST_STORE");
	struct timespec t;
	char sql[128];
	*e = (struct engine){ .uri = "sqlite" };
	if (!engine_is_postgresql())
		return;
	clock_gettime(CLOCK_MONOTONIC, &t);
	snprintf(e->schema, sizeof(e->schema), "t%d_%lld%09ld", (int)getpid(), (long long)t.tv_sec, t.tv_nsec);
	snprintf(sql, sizeof(sql), "CREATE SCHEMA %s", e->schema);
	run(uri, sql);
	snprintf(e->uri, sizeof(e->uri), "%s%coptions=-csearch_path%%3D%s", uri, strchr(uri, '?') ? '&' : '?', e->schema);
	run(e->uri, helpers);
}

void engine_done(struct engine *e)
{
	char sql[160];
	if (!e->schema[0])
		return;
	snprintf(sql, sizeof(sql), "SET synchronous_commit = off; DROP SCHEMA %s CASCADE", e->schema);
	run(getenv("CAUNOI_TEST_STORE"), sql);
	e->schema[0] = '\0';
}

void engine_sql(const struct engine *e, const char *sql)
{
	if (!e->schema[0])
		fatal("no server", sql);
	run(e->uri, sql);
}

bool engine_admin_sql(const char *sql)
{
	const char *uri = getenv("CAUNOI_TEST_SERVER_ADMIN");
	if (!uri || !*uri)
		return false;
	run(uri, sql);
	return true;
}
