/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The copy in memory. Called by the support of flow and fault tests; reads only. */
#include "tests/support/mirror.h"

#include <ctype.h>
#include <libpq-fe.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RELATIONS_MAX 80
#define BYTEA 17
#define INT8 20
#define INT4 23
#define BOOLEAN 16

struct mirror {
	char *uri;
	PGconn *conn;
	sqlite3 *db;
	char relations[RELATIONS_MAX][64];
	int n_relations;
};

static void run(struct mirror *m, const char *sql)
{
	if (sqlite3_exec(m->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("mirror: %s: %s", sql, sqlite3_errmsg(m->db));
}

static PGresult *ask(struct mirror *m, const char *sql)
{
	PGresult *res = PQexec(m->conn, sql);
	ExecStatusType status = PQresultStatus(res);
	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
		fail_msg("mirror: %s: %s", sql, PQerrorMessage(m->conn));
	return res;
}

static bool answers(struct mirror *m)
{
	PGresult *res = m->conn ? PQexec(m->conn, "SELECT 1") : NULL;
	bool good = PQresultStatus(res) == PGRES_TUPLES_OK;
	PQclear(res);
	return good;
}

/* The server may have been started again since. */
static void connect_again(struct mirror *m)
{
	if (answers(m))
		return;
	PQfinish(m->conn);
	m->conn = PQconnectdb(m->uri);
	if (PQstatus(m->conn) != CONNECTION_OK)
		fail_msg("mirror: %s", PQerrorMessage(m->conn));
	PQclear(ask(m, "SET TimeZone = 'UTC'"));
}

static void list_relations(struct mirror *m)
{
	PGresult *res = ask(m, "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'v') ORDER BY relname");
	m->n_relations = PQntuples(res);
	assert_in_range(m->n_relations, 0, RELATIONS_MAX);
	for (int i = 0; i < m->n_relations; i++)
		snprintf(m->relations[i], sizeof(m->relations[i]), "%s", PQgetvalue(res, i, 0));
	PQclear(res);
}

struct mirror *mirror_open(const char *uri)
{
	struct mirror *m = calloc(1, sizeof(*m));
	assert_non_null(m);
	m->uri = strdup(uri);
	assert_non_null(m->uri);
	assert_int_equal(sqlite3_open(":memory:", &m->db), SQLITE_OK);
	return m;
}

void mirror_close(struct mirror *m)
{
	if (!m)
		return;
	sqlite3_close(m->db);
	PQfinish(m->conn);
	free(m->uri);
	free(m);
}

static bool in_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static bool names(const char *sql, const char *relation)
{
	size_t n = strlen(relation);
	for (const char *p = sql; (p = strstr(p, relation)); p += n)
		if ((p == sql || !in_name(p[-1])) && !in_name(p[n]))
			return true;
	return false;
}

static void make_table(struct mirror *m, const char *name, const PGresult *rows)
{
	char sql[4000];
	size_t n = (size_t)snprintf(sql, sizeof(sql), "CREATE TABLE IF NOT EXISTS main.%s (", name);
	for (int i = 0; i < PQnfields(rows); i++)
		n += (size_t)snprintf(sql + n, sizeof(sql) - n, "%s%s", i ? ", " : "", PQfname(rows, i));
	assert_true(n + 2 < sizeof(sql));
	memcpy(sql + n, ")", 2);
	run(m, sql);
	snprintf(sql, sizeof(sql), "DELETE FROM main.%s", name);
	run(m, sql);
}

static void bind(sqlite3_stmt *st, const PGresult *rows, int row, int i)
{
	const char *text = PQgetvalue(rows, row, i);
	switch (PQgetisnull(rows, row, i) ? 0 : PQftype(rows, i)) {
	case 0: sqlite3_bind_null(st, i + 1); return;
	case BYTEA: {
		size_t n;
		unsigned char *data = PQunescapeBytea((const unsigned char *)text, &n);
		sqlite3_bind_blob(st, i + 1, data, (int)n, SQLITE_TRANSIENT);
		PQfreemem(data);
		return;
	}
	case INT8:
	case INT4: sqlite3_bind_int64(st, i + 1, strtoll(text, NULL, 10)); return;
	case BOOLEAN: sqlite3_bind_int(st, i + 1, *text == 't'); return;
	default: sqlite3_bind_text(st, i + 1, text, -1, SQLITE_TRANSIENT);
	}
}

static void put_rows(struct mirror *m, const char *name, const PGresult *rows)
{
	char sql[1000];
	sqlite3_stmt *st = NULL;
	size_t n = (size_t)snprintf(sql, sizeof(sql), "INSERT INTO main.%s VALUES (", name);
	for (int i = 0; i < PQnfields(rows); i++)
		n += (size_t)snprintf(sql + n, sizeof(sql) - n, "%s?", i ? ", " : "");
	snprintf(sql + n, sizeof(sql) - n, ")");
	if (sqlite3_prepare_v2(m->db, sql, -1, &st, NULL) != SQLITE_OK)
		fail_msg("mirror: %s: %s", sql, sqlite3_errmsg(m->db));
	for (int row = 0; row < PQntuples(rows); row++) {
		for (int i = 0; i < PQnfields(rows); i++)
			bind(st, rows, row, i);
		assert_int_equal(sqlite3_step(st), SQLITE_DONE);
		sqlite3_reset(st);
	}
	sqlite3_finalize(st);
}

sqlite3 *mirror_of(struct mirror *m, const char *sql)
{
	connect_again(m);
	PQclear(ask(m, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
	list_relations(m);
	run(m, "BEGIN");
	for (int k = 0; k < m->n_relations; k++) {
		char text[128];
		if (!names(sql, m->relations[k]))
			continue;
		snprintf(text, sizeof(text), "SELECT * FROM %s", m->relations[k]);
		PGresult *rows = ask(m, text);
		make_table(m, m->relations[k], rows);
		put_rows(m, m->relations[k], rows);
		PQclear(rows);
	}
	run(m, "COMMIT");
	PQclear(ask(m, "COMMIT"));
	return m->db;
}
