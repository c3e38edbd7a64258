/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A database that an older release made, opened for writing: what it lacks is added, in one transaction. Called once, when the database
 * is opened, under the folder's lock. */
#include <stdio.h>
#include <stdlib.h>

#include "gateway/base/log.h"
#include "gateway/base/own.h"
#include "gateway/store/schema.h"
#include "gateway/store/sqlite.h"
#include "gateway/store/upgrade.h"

static const char names[] = "SELECT m.name || '.' || c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' "
			    "UNION ALL SELECT name FROM sqlite_schema WHERE type = 'index'";

static int read_names(struct sqlite *s, struct catalogue *ret)
{
	sqlite3_stmt *st = NULL;
	int r = 0, rc = sqlite3_prepare_v2(s->db, names, -1, &st, NULL);
	while (rc == SQLITE_OK && !r && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(st, 0);
		r = name ? catalogue_add(ret, name) : E_NOMEM;
		rc = SQLITE_OK;
	}
	sqlite3_finalize(st);
	return r ? r : rc == SQLITE_DONE ? 0 : rc == SQLITE_NOMEM ? E_NOMEM : E_CORRUPT;
}

static int run(struct sqlite *s, const char *text)
{
	const struct store_ops *ops = s->base.ops;
	char version[80];
	snprintf(version, sizeof(version), "PRAGMA user_version=%d; UPDATE meta SET schema=%d", STORE_SCHEMA, STORE_SCHEMA);
	int r = ops->begin(&s->base);
	if (!r)
		r = ops->script(&s->base, text);
	if (!r)
		r = ops->script(&s->base, version);
	if (!r)
		return ops->commit(&s->base);
	ops->rollback(&s->base);
	return r;
}

int sqlite_upgrade(struct sqlite *s, struct complaint *c)
{
	OWN(buffer) struct buffer missing = { 0 };
	struct catalogue has = { 0 };
	int n = 0, r = read_names(s, &has);
	if (!r)
		r = upgrade_text(schema_0001_first, schema_sqlite_views, &has, &missing, &n);
	catalogue_done(&has);
	if (r || !n)
		return r;
	OWN(mem) char *text = buffer_put(&missing, "", 1) ? NULL : sqlite_marked(buffer_text(&missing));
	r = text ? run(s, text) : E_NOMEM;
	if (!r)
		log_info("store.upgraded", "added=%d", n);
	else
		complaint_set(c, "", "upgrade", "is an older release's and could not be brought up to this one (%s); nothing was changed: put that right "
			      "and start again, or install the older release", err_text(r));
	return r;
}
