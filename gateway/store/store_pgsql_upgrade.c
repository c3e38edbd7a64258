/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A database that an older release made, opened for writing: what it lacks is added, in one transaction, by one core at a time. Called
 * once, when the database is opened; a core of the older release may be at work meanwhile and goes on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/log.h"
#include "gateway/base/own.h"
#include "gateway/store/pgsql.h"
#include "gateway/store/schema.h"
#include "gateway/store/upgrade.h"

static const char names[] =
	"SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relkind = 'r' AND a.attnum > 0"
	" AND NOT a.attisdropped AND c.relnamespace = current_schema()::regnamespace UNION ALL"
	" SELECT relname FROM pg_class WHERE relkind = 'i' AND relnamespace = current_schema()::regnamespace";

static int read_names(struct pgsql *s, struct catalogue *ret)
{
	PGresult *res = NULL;
	int r = pg_simple(s, names, &res);
	for (int i = 0; !r && i < PQntuples(res); i++)
		r = catalogue_add(ret, PQgetvalue(res, i, 0));
	PQclear(res);
	return r;
}

static bool knows(const struct catalogue *has, const char *name)
{
	for (size_t i = 0; i < has->n; i++)
		if (!strcmp(has->names[i], name))
			return true;
	return false;
}

static int read_missing(struct pgsql *s, struct buffer *ret_text, int *ret_n)
{
	struct catalogue has = { 0 };
	int r = read_names(s, &has);
	if (!r)
		r = upgrade_text(schema_0001_first, schema_postgresql_views, &has, ret_text, ret_n);
	if (!r && !knows(&has, "message.waits")) {
		r = buffer_puts(ret_text, schema_postgresql_waits);
		*ret_n += 1;
	}
	if (!r)
		r = buffer_put(ret_text, "", 1);
	catalogue_done(&has);
	return r;
}

/* Under the lock, so that of two cores that start at once the second finds it done. */
static int add_missing(struct pgsql *s, int *ret_n)
{
	OWN(buffer) struct buffer text = { 0 };
	OWN(mem) char *added = NULL, *all = NULL;
	char lock[120];
	snprintf(lock, sizeof(lock), PG_SCHEMA_BEGIN, PG_SCHEMA_MS, STORE_APPLICATION_ID);
	pg_call_for(s, PG_SCHEMA_MS);
	int r = pg_simple(s, lock, NULL);
	if (!r)
		r = read_missing(s, &text, ret_n);
	if (!r && (!(added = pg_schema_text(buffer_text(&text))) ||
		   asprintf(&all, "%s %s UPDATE caunoi SET version = %d; UPDATE meta SET schema = %d; COMMIT", added, schema_postgresql_ids, STORE_SCHEMA,
			    STORE_SCHEMA) < 0))
		r = E_NOMEM;
	return r ? r : pg_simple(s, all, NULL);
}

int pg_upgrade(struct pgsql *s, struct complaint *c)
{
	OWN(buffer) struct buffer text = { 0 };
	int n = 0, r = read_missing(s, &text, &n);
	if (r || !n)
		return r;
	r = add_missing(s, &n);
	if (!r) {
		log_info("store.upgraded", "added=%d", n);
		return 0;
	}
	if (PQstatus(s->conn) == CONNECTION_OK && pg_simple(s, "ROLLBACK", NULL))
		r = E_UNAVAILABLE;
	complaint_set(c, "store", "upgrade", "the database is an older release's and could not be brought up to this one (%s); nothing was changed: put "
		      "that right and start again, or install the older release", err_text(r));
	return r;
}
