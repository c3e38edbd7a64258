/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statements that live as long as the connection. Called by the oracle, by whoever wishes something of what is there, and by laws.c. Reads
 * only. */
#include "tests/simulation/rows.h"

#include <stdlib.h>
#include <string.h>

#include "tests/simulation/books.h"
#include "tests/simulation/inside.h"

#define ACTOR "uid:0:"

static const char *const looks[LOOK_COUNT] = {
	[LOOK_ATTEMPT] = "SELECT 1 FROM v_attempt WHERE id = ?1 AND handed_at IS NOT NULL",
	[LOOK_STALE] = "SELECT 1 FROM v_attempt WHERE id = ?1 AND abs(?2 - handed_at) > 10000",
	[LOOK_BEGUN] = "SELECT 1 FROM attempt a WHERE a.message = (SELECT message FROM attempt WHERE id = ?1) AND a.id <> ?1 AND a.outcome "
		       "IN ('accepted', 'unclear')",
	[LOOK_INBOUND] = "SELECT 1 FROM v_inbound WHERE channel = ?1 AND dedupe_key = ?2",
	[LOOK_MESSAGE] = "SELECT 1 FROM v_msg WHERE client_key = ?1 || ?2",
	/* an answer by the same channel that waited already, the message rested for less than a minute, and the channel begins what is new */
	[LOOK_OVERTAKES] = "SELECT 1 FROM attempt a JOIN message m ON m.id = a.message JOIN message s ON s.flow = 1 AND s.state = 'queued' AND "
			   "s.pin IN (a.channel, '?' || a.channel) AND s.due_at < a.handed_at AND s.state_since < a.handed_at JOIN channel c ON "
			   "c.name = a.channel AND c.state NOT IN ('paused', 'suspended') JOIN attempt b ON b.message = a.message AND "
			   "b.part = a.part - 1 AND b.outcome = 'accepted' WHERE a.part > 1 AND a.id = ?1 AND a.n = 1 AND m.flow <> 1 AND "
			   "a.handed_at - b.handed_at < 59000 AND (SELECT count(*) FROM attempt x WHERE x.channel = a.channel AND "
			   "x.outcome <> 'accepted' AND x.settled_at >= b.settled_at) < 5",
	[LOOK_EVENT] = "SELECT 1 FROM webhook_event WHERE id = ?1",
	[LOOK_SKIPS] = "SELECT 1 FROM attempt a WHERE a.id = ?1 AND a.part > 1 AND NOT EXISTS (SELECT 1 FROM attempt b WHERE b.message = a.message "
		       "AND b.part = a.part - 1 AND b.handed_at IS NOT NULL)",
	[LOOK_REPEATS] = "SELECT 1 FROM attempt a JOIN message m ON m.id = a.message WHERE a.id = ?1 AND m.key LIKE '%!repeat'",
	[LOOK_TRY] = "SELECT 1 FROM audit WHERE subject = ?1 AND actor LIKE '%' || ?2",
	[LOOK_REQUEST] = "SELECT 1 FROM request WHERE verb = ?1 AND key = ?2",
};

void rows_open(struct world *w, sqlite3 *db)
{
	w->rows = (struct rows){ .db = db };
}

void rows_close(struct world *w)
{
	for (size_t i = 0; i < LOOK_COUNT; i++)
		sqlite3_finalize(w->rows.st[i]);
	w->rows = (struct rows){ 0 };
}

sqlite3_stmt *rows_prepared(struct world *w, sqlite3_stmt **st, const char *sql)
{
	if (!*st && sqlite3_prepare_v2(w->rows.db, sql, -1, st, NULL) != SQLITE_OK) {
		fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(w->rows.db));
		abort();
	}
	return *st;
}

int64_t rows_number(struct world *w, const char *sql, int64_t id)
{
	sqlite3_stmt *st = NULL;
	sqlite3_bind_int64(rows_prepared(w, &st, sql), 1, id);
	int64_t n = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
	sqlite3_finalize(st);
	return n;
}

static json_t *value(sqlite3_stmt *st, int i)
{
	switch (sqlite3_column_type(st, i)) {
	case SQLITE_INTEGER: return json_integer(sqlite3_column_int64(st, i));
	case SQLITE_TEXT: return json_string((const char *)sqlite3_column_text(st, i));
	}
	return json_null();
}

json_t *rows_all(struct world *w, const char *sql, int64_t id)
{
	sqlite3_stmt *st = NULL;
	json_t *rows = json_array();
	sqlite3_bind_int64(rows_prepared(w, &st, sql), 1, id);
	while (sqlite3_step(st) == SQLITE_ROW) {
		json_t *row = json_array();
		for (int i = 0; i < sqlite3_column_count(st); i++)
			json_array_append_new(row, value(st, i));
		json_array_append_new(rows, row);
	}
	sqlite3_finalize(st);
	return rows;
}

int64_t rows_cases(struct world *w)
{
	return rows_number(w, "SELECT count(*) FROM casefile", 0);
}

int64_t rows_last_tick_at(struct world *w)
{
	return rows_number(w, "SELECT max(now_at) FROM node", 0);
}

static bool there(struct world *w, sqlite3_stmt *st)
{
	int rc = sqlite3_step(st);
	sqlite3_reset(st);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		world_break(w, "the database can be read", "%s", sqlite3_errmsg(w->rows.db));
	return rc == SQLITE_ROW;
}

static bool look_id(struct world *w, enum look what, int64_t id)
{
	sqlite3_stmt *st = rows_prepared(w, &w->rows.st[what], looks[what]);
	sqlite3_bind_int64(st, 1, id);
	return there(w, st);
}

static bool look_two(struct world *w, enum look what, const char *a, const char *b)
{
	sqlite3_stmt *st = rows_prepared(w, &w->rows.st[what], looks[what]);
	sqlite3_bind_text(st, 1, a, -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(st, 2, b, -1, SQLITE_TRANSIENT);
	return there(w, st);
}

bool rows_attempt_handed(struct world *w, int64_t attempt)
{
	return look_id(w, LOOK_ATTEMPT, attempt);
}

bool rows_attempt_stale(struct world *w, int64_t attempt)
{
	sqlite3_stmt *st = rows_prepared(w, &w->rows.st[LOOK_STALE], looks[LOOK_STALE]);
	sqlite3_bind_int64(st, 1, attempt);
	sqlite3_bind_int64(st, 2, w->clock.sim_now_ms);
	return there(w, st);
}

bool rows_begun(struct world *w, int64_t attempt)
{
	return look_id(w, LOOK_BEGUN, attempt);
}

bool rows_overtakes(struct world *w, int64_t attempt)
{
	return look_id(w, LOOK_OVERTAKES, attempt);
}

bool rows_skips(struct world *w, int64_t attempt)
{
	return look_id(w, LOOK_SKIPS, attempt);
}

bool rows_repeats(struct world *w, int64_t attempt)
{
	return look_id(w, LOOK_REPEATS, attempt);
}

bool rows_event_stored(struct world *w, int64_t event)
{
	return look_id(w, LOOK_EVENT, event);
}

bool rows_try_noted(struct world *w, const char *subject, const char *actor)
{
	return look_two(w, LOOK_TRY, subject, actor);
}

bool rows_inbound_stored(struct world *w, const char *channel, const char *id)
{
	return look_two(w, LOOK_INBOUND, channel, id) || books_spooled(w, channel, id);
}

bool rows_command_kept(struct world *w, const char *verb, const char *key)
{
	return strcmp(verb, "message.send") ? look_two(w, LOOK_REQUEST, verb, key) : look_two(w, LOOK_MESSAGE, ACTOR, key);
}
