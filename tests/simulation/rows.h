/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Single questions to the database, through the connection of the laws: only what is committed. */
#ifndef CAUNOI_SIMULATION_ROWS_H
#define CAUNOI_SIMULATION_ROWS_H

#include <jansson.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

struct world;

enum look {
	LOOK_ATTEMPT,
	LOOK_STALE,
	LOOK_BEGUN,
	LOOK_OVERTAKES,
	LOOK_SKIPS,
	LOOK_REPEATS,
	LOOK_EVENT,
	LOOK_INBOUND,
	LOOK_MESSAGE,
	LOOK_REQUEST,
	LOOK_TRY,
	LOOK_COUNT
};

struct rows {
	sqlite3 *db; /* of the laws */
	sqlite3_stmt *st[LOOK_COUNT];
};

void rows_open(struct world *w, sqlite3 *db);
void rows_close(struct world *w);
/* *st, made first where it is NULL: the caller's. */
sqlite3_stmt *rows_prepared(struct world *w, sqlite3_stmt **st, const char *sql);
/* How many cases there are: their ids are those numbers. */
int64_t rows_cases(struct world *w);
/* The wall clock of the last tick that is on disk. */
int64_t rows_last_tick_at(struct world *w);
/* Is it on disk? */
bool rows_attempt_handed(struct world *w, int64_t attempt);
/* Was it handed on the disk longer ago than a tick may take? What was asked then (night, stops, validity) may have changed. */
bool rows_attempt_stale(struct world *w, int64_t attempt);
/* Is it a further part of a long message, before which an answer to somebody should have gone? */
bool rows_overtakes(struct world *w, int64_t attempt);
/* Is it a further part, and the one before was never handed over? */
bool rows_skips(struct world *w, int64_t attempt);
/* Does its message repeat another one? */
bool rows_repeats(struct world *w, int64_t attempt);
/* Has somebody tried to reach this ("case:7") and was told that there is none? */
bool rows_try_noted(struct world *w, const char *subject, const char *actor);
/* The number that a question about the rows gives, 0 where it gives none; id is bound to ?1. */
int64_t rows_number(struct world *w, const char *sql, int64_t id);
/* All its rows, [[1, "text"], …], nothing as null; the caller's. */
json_t *rows_all(struct world *w, const char *sql, int64_t id);
bool rows_event_stored(struct world *w, int64_t event);
bool rows_inbound_stored(struct world *w, const char *channel, const char *id);
/* Was another attempt of its message accepted, or is it in doubt? */
bool rows_begun(struct world *w, int64_t attempt);
bool rows_command_kept(struct world *w, const char *verb, const char *key);

#endif
