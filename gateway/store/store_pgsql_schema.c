/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The database as a whole: made in one transaction, known again by its mark, looked at for damage, its plans read. Called when it is
 * opened, by db check and by tests; nothing here runs per message. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/store/pgsql.h"
#include "gateway/store/schema.h"

/* One value of one row; otherwise when there is none or it is NULL. */
static int64_t one(struct pgsql *s, const char *sql, int64_t otherwise)
{
	PGresult *res = NULL;
	int64_t value = otherwise;
	if (!pg_simple(s, sql, &res) && res && PQntuples(res) > 0 && !PQgetisnull(res, 0, 0))
		value = strtoll(PQgetvalue(res, 0, 0), NULL, 10);
	PQclear(res);
	return value;
}

static bool is_ours(struct pgsql *s)
{
	return one(s, "SELECT count(*) FROM pg_class WHERE relname = 'caunoi' AND relkind = 'r' AND relnamespace = current_schema()::regnamespace", 0) == 1;
}

int pg_create(struct pgsql *s, struct complaint *c)
{
	if (is_ours(s)) {
		complaint_set(c, "store", "exists", "the database holds an installation already");
		return E_EXISTS;
	}
	if (one(s, "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'v', 'm', 'p', 'f', 'S') AND relnamespace = current_schema()::regnamespace", 1)) {
		complaint_set(c, "store", "not_empty", "the schema \"%s\" of the database holds things of another program; name an empty database", s->schema);
		return E_REFUSED;
	}
	OWN(mem) char *tables = pg_schema_text(schema_0001_first);
	OWN(mem) char *all = NULL;
	if (!tables || asprintf(&all, PG_SCHEMA_BEGIN " %s %s %s %s %s %s %s INSERT INTO caunoi VALUES (1, %d, %d); %s COMMIT", PG_SCHEMA_MS, STORE_APPLICATION_ID, tables,
				schema_postgresql_views, schema_postgresql_lease, schema_postgresql_migration, schema_postgresql_engine, schema_postgresql_ids, schema_postgresql_waits, STORE_APPLICATION_ID,
				STORE_SCHEMA, s->filling ? "INSERT INTO migration (one, state) VALUES (1, 'filling');" : "") < 0)
		return E_NOMEM;
	pg_call_for(s, PG_SCHEMA_MS);
	int r = pg_simple(s, all, NULL);
	if (r && PQstatus(s->conn) == CONNECTION_OK && pg_simple(s, "ROLLBACK", NULL))
		r = E_UNAVAILABLE;
	if (r == E_EXISTS && is_ours(s)) /* another was quicker; also one that was killed: the server ends what it was sent */
		complaint_set(c, "store", "exists", "the database holds an installation already");
	else if (r)
		complaint_set(c, "store", "create", "the schema could not be made (%s): the user needs the right to create in schema \"%s\"", err_text(r), s->schema);
	return r;
}

/* Not yet whole, or no longer the one that counts. */
static int look_migration(struct pgsql *s, struct complaint *c)
{
	PGresult *res = NULL;
	int r = pg_simple(s, "SELECT state, place FROM migration", &res);
	if (!r && PQntuples(res) && !strcmp(PQgetvalue(res, 0, 0), "filling")) {
		complaint_set(c, "store", "unfinished", "the database is not whole: filling it from another one was not finished; run that (caunoi db migrate or "
			      "caunoi restore) again to its end, or name another database");
		r = E_CORRUPT;
	} else if (!r && PQntuples(res)) {
		complaint_set(c, "store", "moved", "the installation was moved from this database to %.200s; put store = \"sqlite\" into the configuration there, or, to go "
			      "back to what stands here, empty its table migration (DELETE FROM migration)", PQgetvalue(res, 0, 1));
		r = E_REFUSED;
	}
	PQclear(res);
	return r;
}

int pg_open_fill(struct pgsql *s, struct complaint *c)
{
	int r = is_ours(s) ? E_EXISTS : pg_create(s, c);
	if (r != E_EXISTS)
		return r;
	*c = (struct complaint){ 0 };
	r = pg_look(s, c);
	if (!r && one(s, "SELECT count(*) FROM migration WHERE state = 'filling'", 0) == 0) {
		complaint_set(c, "store", "not_empty", "the database is not empty: it holds an installation already; name an empty database");
		r = E_EXISTS;
	}
	return r;
}

int pg_look(struct pgsql *s, struct complaint *c)
{
	if (!is_ours(s)) {
		bool empty = one(s, "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace", 1) == 0;
		complaint_set(c, "store", empty ? "missing" : "foreign", empty ? "the database is empty; start anew: caunoi init" : "the database is another program's; name an empty one");
		return E_CORRUPT;
	}
	int64_t id = one(s, "SELECT application FROM caunoi", -1), version = one(s, "SELECT version FROM caunoi", -1);
	if (id != STORE_APPLICATION_ID || version < 1) {
		complaint_set(c, "store", "foreign", "the database is another program's; name an empty one");
		return E_CORRUPT;
	}
	if (version > STORE_SCHEMA) {
		complaint_set(c, "store", "newer", "the database has schema %lld, this release knows %d; install the newer release again",
			      (long long)version, STORE_SCHEMA);
		return E_NEWER;
	}
	return s->filling ? 0 : look_migration(s, c);
}

int pg_load_tables(struct pgsql *s)
{
	PGresult *res = NULL;
	/* what is in the queue goes first: the connection leaves the pipeline for this */
	int r = s->queue_from < s->n_queue ? pg_exchange(s) : 0;
	if (!r)
		r = pg_simple(s, "SELECT name, last FROM ids ORDER BY name", &res);
	int n = r ? 0 : PQntuples(res);
	if (!r && n > PG_TABLES_MAX)
		r = E_TOO_BIG;
	for (int i = 0; !r && i < n; i++) {
		struct pg_table *t = &s->tables[i];
		snprintf(t->name, sizeof(t->name), "%s", PQgetvalue(res, i, 0));
		t->last = t->committed = strtoll(PQgetvalue(res, i, 1), NULL, 10);
	}
	PQclear(res);
	if (r)
		return r;
	s->n_tables = (size_t)n;
	s->tables_stale = false;
	s->loaded_inside = s->begun;
	return 0;
}

/* ---- soundness ---- */

static int add_line(char *out, size_t room, const char *a, const char *b)
{
	size_t used = strlen(out);
	snprintf(out + used, room - used, "%s%s\n", a, b);
	return 1;
}

/* Each row of the query is a fault, its first column the words. */
static int fault_rows(struct pgsql *s, const char *sql, char *out, size_t room)
{
	PGresult *res = NULL;
	int n = 0;
	pg_call(s);
	if (pg_simple(s, sql, &res))
		n = add_line(out, room, "cannot be looked at: ", sql);
	for (int i = 0; res && i < PQntuples(res); i++)
		n += add_line(out, room, PQgetvalue(res, i, 0), "");
	PQclear(res);
	return n;
}

/* For each foreign key a query that finds rows without their other half. */
static const char key_queries[] =
	"SELECT format('SELECT %L FROM %s a LEFT JOIN %s b ON b.%I = a.%I WHERE a.%I IS NOT NULL AND b.%I IS NULL LIMIT 1',"
	" 'row without its other half: ' || c.conname, c.conrelid::regclass, c.confrelid::regclass, f.attname, l.attname, l.attname, f.attname)"
	" FROM pg_constraint c JOIN pg_attribute l ON l.attrelid = c.conrelid AND l.attnum = c.conkey[1]"
	" JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = c.confkey[1]"
	" WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace ORDER BY c.conname";
/* The two that are no rules of the server's. */
static const char *const lost_halves[] = {
	"SELECT 'row without its other half: attempt' FROM attempt a LEFT JOIN message m ON m.id = a.message WHERE m.id IS NULL LIMIT 1",
	"SELECT 'row without its other half: message' FROM message m LEFT JOIN address a ON a.id = m.address WHERE a.id IS NULL LIMIT 1",
};
static const char page_queries[] =
	"SELECT format('SELECT bt_index_check(%s::regclass)', i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam"
	" WHERE m.amname = 'btree' AND c.relnamespace = current_schema()::regnamespace AND EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'amcheck')";

static int fault_each(struct pgsql *s, const char *sql, bool rows_are_faults, char *out, size_t room)
{
	PGresult *list = NULL;
	int n = 0;
	pg_call(s);
	if (pg_simple(s, sql, &list))
		return add_line(out, room, "the catalogue cannot be read", "");
	for (int i = 0; i < PQntuples(list); i++) {
		pg_call(s);
		if (rows_are_faults)
			n += fault_rows(s, PQgetvalue(list, i, 0), out, room);
		else if (pg_simple(s, PQgetvalue(list, i, 0), NULL))
			n += add_line(out, room, "index is damaged: ", PQgetvalue(list, i, 0));
	}
	PQclear(list);
	return n;
}

int pg_check(struct store *store, bool full, char *out, size_t room)
{
	struct pgsql *s = pgsql_of(store);
	struct complaint c = { 0 };
	out[0] = '\0';
	if (!s->conn || s->connecting || s->begun)
		return add_line(out, room, "the database is away", "");
	pg_call(s);
	if (s->queue_from < s->n_queue && pg_exchange(s))
		return add_line(out, room, "the database is away", "");
	if (pg_look(s, &c))
		return add_line(out, room, c.text, "");
	int n = fault_rows(s, "SELECT 'index is not valid: ' || indexrelid::regclass FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
			      " WHERE c.relnamespace = current_schema()::regnamespace AND NOT i.indisvalid", out, room);
	if (!full)
		return n;
	n += fault_each(s, key_queries, true, out, room);
	for (size_t i = 0; i < COUNT_OF(lost_halves); i++)
		n += fault_rows(s, lost_halves[i], out, room);
	return n + fault_each(s, page_queries, false, out, room);
}

/* ---- plans ---- */

static bool reads_big(const char *on)
{
	static const char *const big[] = { "message", "attempt", "inbound", "address", "person", "member", "case_event", "audit" };
	for (size_t i = 0; i < COUNT_OF(big); i++) {
		size_t n = strlen(big[i]);
		if (!strncmp(on, big[i], n) && (on[n] == '\0' || on[n] == ' '))
			return true;
	}
	return false;
}

/* Line i of the plan reads a table that grows with use from end to end, or sorts. */
static bool line_bad(const PGresult *plan, int i)
{
	const char *line = PQgetvalue(plan, i, 0), *on = strstr(line, " on ");
	if (strstr(line, "Sort  (") || strstr(line, "Seq Scan on"))
		return strstr(line, "Sort  (") || reads_big(on + 4);
	if (!strstr(line, "Index Scan") && !strstr(line, "Index Only Scan"))
		return false;
	for (int k = i + 1; k < PQntuples(plan); k++) {
		const char *next = PQgetvalue(plan, k, 0);
		if (strstr(next, "Index Cond:"))
			return false;
		if (strstr(next, "->"))
			break;
	}
	return on && reads_big(on + 4);
}

static int read_plan(struct pgsql *s, const struct sql_module *m, size_t i, int n_parameters, char *out, size_t room)
{
	char text[400] = "EXPLAIN EXECUTE caunoi_explain", label[64];
	for (int k = 0; k < n_parameters; k++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%sNULL%s", k ? ", " : "(", k + 1 == n_parameters ? ")" : "");
	PGresult *plan = NULL;
	int bad = 0;
	snprintf(label, sizeof(label), "%s %zu: ", m->name, i);
	if (pg_simple(s, text, &plan))
		return add_line(out, room, label, "cannot be explained");
	for (int k = 0; k < PQntuples(plan); k++)
		if (line_bad(plan, k))
			bad += add_line(out, room, label, PQgetvalue(plan, k, 0));
	PQclear(plan);
	return bad;
}

static int explain_one(struct pgsql *s, const struct sql_module *m, size_t i, char *out, size_t room)
{
	char label[64];
	snprintf(label, sizeof(label), "%s %zu: ", m->name, i);
	struct statement *st = m->sql[i] ? s->base.ops->prepare(&s->base, m->sql[i], false) : NULL;
	OWN(mem) char *text = NULL;
	if (!st || asprintf(&text, "PREPARE caunoi_explain AS %s", pg_st(st)->sql) < 0) {
		store_drop(st);
		return add_line(out, room, label, "cannot be read");
	}
	int n = pg_st(st)->n_parameters, bad;
	store_drop(st);
	pg_call(s);
	if (pg_simple(s, text, NULL))
		return add_line(out, room, label, "cannot be prepared");
	bad = read_plan(s, m, i, n, out, room);
	return pg_simple(s, "DEALLOCATE caunoi_explain", NULL) ? bad + 1 : bad;
}

int pg_explain(struct store *store, const struct sql_module *m, char *out, size_t room)
{
	struct pgsql *s = pgsql_of(store);
	int bad = 0;
	pg_call(s);
	if (!s->conn || s->connecting || s->begun || (s->queue_from < s->n_queue && pg_exchange(s)))
		return add_line(out, room, "the database is away", "");
	for (size_t i = 0; i < m->n_sql; i++)
		bad += explain_one(s, m, i, out, room);
	return bad;
}
