/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looking at a SQLite database as a whole: its soundness, and the plans of our statements. Called by db check, backup, the check after
 * an unclean stop, and tests; nothing here runs per message. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/store/sqlite.h"

static int check_lines(struct sqlite *s, const char *sql, bool rows_are_faults, char *out, size_t room)
{
	sqlite3_stmt *st = NULL;
	int n = 0;
	if (sqlite3_prepare_v2(s->db, sql, -1, &st, NULL) != SQLITE_OK) {
		snprintf(out, room, "%s\n", sqlite3_errmsg(s->db));
		return 1;
	}
	int rc;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		const char *line = (const char *)sqlite3_column_text(st, 0);
		if (!rows_are_faults && line && !strcmp(line, "ok"))
			continue;
		size_t used = strlen(out);
		snprintf(out + used, room - used, "%s\n", line ? line : "");
		n++;
	}
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? n : n + 1;
}

int sqlite_check(struct store *store, bool full, char *out, size_t room)
{
	struct sqlite *s = sqlite_of(store);
	out[0] = '\0';
	if (!full)
		return check_lines(s, "PRAGMA quick_check(20)", false, out, room);
	int n = check_lines(s, "PRAGMA integrity_check(20)", false, out, room);
	return n + check_lines(s, "PRAGMA foreign_key_check", true, out + strlen(out), room - strlen(out));
}

/* A line of a plan that reads a table whose size grows with use from end to end, or sorts what it read. */
static bool plan_line_bad(const char *line)
{
	static const char *const big[] = { "message", "attempt", "inbound", "address", "person", "member", "case_event", "audit" };
	if (strstr(line, "TEMP B-TREE"))
		return true;
	if (strncmp(line, "SCAN ", 5))
		return false;
	for (size_t i = 0; i < COUNT_OF(big); i++) {
		size_t n = strlen(big[i]);
		if (!strncmp(line + 5, big[i], n) && (line[5 + n] == '\0' || line[5 + n] == ' '))
			return true;
	}
	return false;
}

int sqlite_explain(struct store *s, const struct sql_module *m, char *out, size_t room)
{
	int bad = 0;
	for (size_t i = 0; i < m->n_sql; i++) {
		OWN(mem) char *sql = NULL;
		sqlite3_stmt *st = NULL;
		if (!m->sql[i] || asprintf(&sql, "EXPLAIN QUERY PLAN %s", m->sql[i]) < 0 || sqlite_prepare_marked(sqlite_of(s), sql, 0, &st) != SQLITE_OK) {
			size_t used = strlen(out);
			snprintf(out + used, room - used, "%s %zu: cannot be prepared\n", m->name, i);
			bad++;
			continue;
		}
		while (sqlite3_step(st) == SQLITE_ROW) {
			const char *line = (const char *)sqlite3_column_text(st, 3);
			if (!line || !plan_line_bad(line))
				continue;
			size_t used = strlen(out);
			snprintf(out + used, room - used, "%s %zu: %s\n", m->name, i, line);
			bad++;
		}
		sqlite3_finalize(st);
	}
	return bad;
}
