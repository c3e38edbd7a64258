/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The database behind one narrow door: connection, transaction, statement, rows. One SQL text for both engines, in
 * the module that owns the table, as an array indexed by an enum; values are only ever bound, by name. Texts may hold
 * marks that the engine replaces: {id} {blob} {strict} {skip locked} {nulls first}, and of a message {ready} {held} {waiting}, which its
 * indexes know (state queued or retry; held; any of them).
 *
 * Exactly one read-write connection exists, in the core (SQLite's WAL-reset bug, 3.7.0–3.51.2); the query process opens
 * read-only. Behind store.c stand two engines (engine.h): SQLite, and PostgreSQL for those who outgrow one machine. Times are integer milliseconds. A statement is prepared at first use and kept.
 *
 *     static const char *const outbox_sql[OUTBOX_SQL_COUNT] = { [OUTBOX_FIND] = "SELECT … WHERE id=$id" };
 *     static const struct sql_module outbox_module = { "outbox", outbox_sql, OUTBOX_SQL_COUNT };
 *     struct statement *st = store_prepare(db, &outbox_module, OUTBOX_FIND);
 *     bind_int(st, "$id", id);
 *     r = store_row(st);          // 1 a row, 0 no (more) rows, negative err
 *     column_int(st, 0) …
 *     store_reset(st);            // always, before the next use
 */
#ifndef CAUNOI_STORE_STORE_H
#define CAUNOI_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/complaint.h"
#include "gateway/base/err.h"
#include "gateway/base/random.h"

#define STORE_SCHEMA 1          /* newest schema this release knows */
#define STORE_APPLICATION_ID 0x43414e4f /* "CANO" */

struct store;
struct statement;

struct sql_module {
	const char *name;
	const char *const *sql;
	size_t n_sql;
};

enum store_mode {
	STORE_CREATE,     /* a new database; E_EXISTS when there is one */
	STORE_READ_WRITE, /* the core; migrates when older */
	STORE_READ_ONLY,  /* the query process */
	STORE_FILL,       /* to be filled from another one (fill.h): made when there is none, else begun by an earlier try. Until then nobody else opens it */
};

/* Does the database stand elsewhere, where other cores may know it too? */
bool store_is_shared(const char *uri);
/* Opens the database: "sqlite" (data_dir/caunoi.db) or a PostgreSQL address. E_CORRUPT missing, foreign or damaged, E_NEWER, E_UNAVAILABLE
 * locked, E_IO, E_NOMEM; *c says which file and the way back. */
MUST_CHECK int store_open(const char *uri, const char *data_dir, enum store_mode mode, struct store **ret, struct complaint *c);
/* A small SQLite database of its own (the spool), made by schema when it is missing; same errors. */
MUST_CHECK int store_open_file(const char *file, const char *schema, struct store **ret, struct complaint *c);
void store_close(struct store *db);
/* How a connection waits for its server: wait returns >0 when fd is ready for events (as poll's), 0 when limit_ms passed. Without it, poll. */
void store_wait_by(struct store *db, int (*wait)(void *arg, int fd, short events, int limit_ms), void *arg);

/* One transaction a tick. store_commit: 0; E_UNAVAILABLE refused, nothing left (disk full, locked, server away) and rolled back; E_UNDO what was
 * sent ahead went wrong, rolled back, run singly; E_UNKNOWN the connection was lost in the commit, see store_decide; E_BROKEN stop the
 * process at once (I/O failed, or another core has taken the lease). */
MUST_CHECK int store_begin(struct store *db);
MUST_CHECK int store_commit(struct store *db);
void store_rollback(struct store *db);
bool store_in_transaction(const struct store *db);
/* Between reads: resets every statement that still stands open and rolls back, so that no reader's mark is left on the log. */
void store_quiet(struct store *db);
/* Marks inside the transaction, one level: a frame that may have to be undone. */
MUST_CHECK int store_savepoint(struct store *db);
MUST_CHECK int store_savepoint_undo(struct store *db);
MUST_CHECK int store_savepoint_keep(struct store *db);

/* Waits for every change that store_write sent: 0; E_UNAVAILABLE the store had no room or went away; E_UNDO one met other rows or was
 * refused; E_BROKEN. */
MUST_CHECK int store_settle(struct store *db);
/* The server cannot be reached now: store_begin tries again, in bounded time, each time it is called. Never true for SQLite. */
bool store_away(const struct store *db);
/* Was E_BROKEN said because the file itself is damaged? Then only a backup helps, no restart. */
bool store_damaged(const struct store *db);
/* The right to write, where several cores know one database (SQLite: always ours, the folder's lock says so). node names this
 * machine's core, holder this run of it. 0: ours, and from now on every commit of this connection holds it or fails with E_BROKEN.
 * E_AGAIN: another core is active (*c says which); ask again every half second. E_REFUSED: two cores of one name, or clocks apart,
 * *c says what to do. E_UNAVAILABLE. */
MUST_CHECK int store_lease(struct store *db, const char *node, const char *holder, struct complaint *c);
/* After E_UNKNOWN: connects again, waits for the old connection's transaction to end, reads the tick that is committed. 0;
 * E_UNAVAILABLE not yet, ask again; E_BROKEN the lease is another's. */
MUST_CHECK int store_decide(struct store *db, int64_t *ret_tick);

/* The prepared statement, reset and with no bindings. NULL when it cannot be prepared (logged); store_row then says E_NOMEM. */
struct statement *store_prepare(struct store *db, const struct sql_module *module, size_t index);
/* A statement made at run time from checked parts (list filters); the caller finishes it by store_drop. */
struct statement *store_prepare_text(struct store *db, const char *sql);
void store_drop(struct statement *st);
/* Names with their "$", string literals (remembered by address). Binding a name the text does not hold is a logged programming error. Texts and blobs are borrowed until
 * store_reset. NULL text or blob binds NULL. */
void bind_int(struct statement *st, const char *name, int64_t value);
void bind_real(struct statement *st, const char *name, double value);
void bind_text(struct statement *st, const char *name, const char *value);
void bind_blob(struct statement *st, const char *name, const void *data, size_t n_bytes);
void bind_null(struct statement *st, const char *name);
/* 1 a row, 0 none, negative: E_EXISTS unique constraint, E_REFUSED other constraint, E_UNAVAILABLE, E_CORRUPT, E_BROKEN. */
MUST_CHECK int store_row(struct statement *st);
/* Runs to the end and resets; 0 or negative as store_row. */
MUST_CHECK int store_run(struct statement *st);
void store_reset(struct statement *st);
/* Runs a change that must meet n rows (n < 0: any number), when the caller needs nothing else of it. Anything else is E_UNDO. An engine
 * behind a network sends it with others and may say so later: at the next row, settle or commit. */
MUST_CHECK int store_write(struct statement *st, int64_t n);
/* As store_write of one row, of a change that inserts it or meets it by $id and minds no other row that is changed by this in the same
 * transaction: an engine behind a network may send many together, after what was changed by this of other rows meanwhile. */
MUST_CHECK int store_write_row(struct statement *st);
/* Says that this statement with these values will be asked for in this transaction, and that nothing written before changes its
 * answer: an engine behind a network asks now and has the answer at hand then. Resets the statement. */
void store_ahead(struct statement *st);
/* Is asking ahead worth anything? false: store_ahead does nothing. */
bool store_asks_ahead(const struct store *db);
/* What was asked ahead may be old: it is not used any more, the reads ask again. */
void store_forget_aheads(struct store *db);
/* Rows changed by the last store_run (not store_write); the id the last INSERT drew. */
int64_t store_changes(struct store *db);
int64_t store_last_id(struct store *db);
/* Rows changed since the connection was opened: tells whether anything was written in between. */
int64_t store_total_changes(struct store *db);
/* Answers of a server waited for since then; 0 for SQLite. */
int64_t store_round_trips(const struct store *db);

int64_t column_int(struct statement *st, int i);
double column_real(struct statement *st, int i);
const char *column_text(struct statement *st, int i); /* NULL when NULL; borrowed until the next store_row or reset */
const void *column_blob(struct statement *st, int i, size_t *ret_bytes);
bool column_null(struct statement *st, int i);
/* Columns of the result, and one's name. */
int store_columns(struct statement *st);
const char *column_name(struct statement *st, int i);

/* One value of a one-row query without parameters; otherwise when there is no row or it fails. */
int64_t store_scalar(struct store *db, const char *sql, int64_t otherwise);
/* Runs SQL texts without results (schema, tests). */
MUST_CHECK int store_script(struct store *db, const char *sql);

/* Checkpoints. wal_bytes: size of the log now. passive never waits; truncate needs every reader out (the gate). */
int64_t store_wal_bytes(struct store *db);
MUST_CHECK int store_checkpoint(struct store *db, bool truncate);
/* A consistent copy of the whole database into a new SQLite file: on SQLite by itself, else row by row, counts and checksums compared
 * (E_CORRUPT when they differ). */
MUST_CHECK int store_copy(struct store *db, const char *file);
/* Every problem found as one line to out (NULL-terminated lines count in result): 0 sound. full: integrity_check and
 * foreign_key_check, else quick_check. */
int store_check(struct store *db, bool full, char *out, size_t out_bytes);
/* Prepares and explains every statement of the module; result = texts that fail or scan a big table (lines into out). */
int store_explain(struct store *db, const struct sql_module *module, char *out, size_t out_bytes);
/* Reads that run longer than ms from now on are cut (E_UNAVAILABLE); 0 = no limit. */
void store_limit_ms(struct store *db, int64_t ms);

#endif
