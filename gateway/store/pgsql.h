/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the PostgreSQL engine share; nobody else includes this. One connection in pipeline mode: what is sent stands in a
 * queue until its answer is read, in the same order. A call waits for its own answer only, and never longer than PG_CALL_MS in all; only a schema
 * takes its time. */
#ifndef CAUNOI_STORE_PGSQL_H
#define CAUNOI_STORE_PGSQL_H

#include <libpq-fe.h>

#include "gateway/store/engine.h"

#define PG_CALL_MS 5000
#define PG_SCHEMA_MS 300000 /* tables made, or brought up to this release: nobody works yet, and rows may have to be written anew */
/* With PG_SCHEMA_MS and the application's id: whoever makes or changes the schema is alone, and waits for who is at it. */
#define PG_SCHEMA_BEGIN "BEGIN; SET LOCAL lock_timeout = %d; SELECT pg_advisory_xact_lock(%d);"
#define PG_PARAMETERS_MAX 64
#define PG_TABLES_MAX 48
#define PG_BATCHES_MAX 32
#define PG_ROWS_MAX 512 /* sent together */
#define PG_ROWS_ALIAS "pg_rows"
#define PG_AHEADS 512 /* chains of what was asked ahead */

enum pg_kind { PG_NULL, PG_INT, PG_REAL, PG_TEXT, PG_BLOB, PG_ARRAY };

/* A bound value: short ones in place, texts and blobs borrowed from the caller. */
struct pg_value {
	enum pg_kind kind;
	const char *data;
	int n_bytes;
	char small[32];
};

/* A table with {id}: its ids are counted here and written down at the commit, so that an insert knows its id before it is sent. */
struct pg_table {
	char name[48];
	int64_t last, committed;
};

struct pg_statement {
	struct statement base;
	char *sql;                      /* with $1, $2 … */
	char *names[PG_PARAMETERS_MAX]; /* "$name", by place - 1 */
	int n_parameters;               /* with the drawn id, which is the last one */
	Oid types[PG_PARAMETERS_MAX];   /* as it is prepared; 0: what the server made of it */
	Oid asked[PG_PARAMETERS_MAX];   /* what the server made of it, as far as it was asked */
	unsigned asked_on;              /* the connection */
	struct pg_batch *batch;         /* store_pgsql_batch.c; NULL none */
	struct pg_asking *asking;       /* store_pgsql_ahead.c; NULL none */
	struct pg_value values[PG_PARAMETERS_MAX];
	bool reads, keep;
	char table[48]; /* of an INSERT whose id is drawn; "" none */
	unsigned connection; /* on which it is prepared, 0 none */
	char as[24];         /* its name there */
	PGresult *result;
	struct pg_shared *shared; /* whose result it is; NULL its own */
	int row, until;
	void **blobs; /* of the row: decoded at need, one a column */
};

enum pg_sent {
	PG_PLAIN,   /* BEGIN, SAVEPOINT and the like: an error spoils the transaction */
	PG_PREPARE, /* of statement */
	PG_DESCRIBE, /* of statement: its parameters' types */
	PG_WRITE,   /* must meet n rows */
	PG_TAKE,    /* its result is what the call waits for; guarded: its own error spoils nothing */
	PG_AHEAD,   /* its result is kept */
	PG_SYNC,
};

/* A result that several reads were answered by. */
struct pg_shared {
	PGresult *result;
	int users;
};

struct pg_ahead {
	struct pg_statement *st; /* NULL: it is gone */
	struct pg_value values[PG_PARAMETERS_MAX];
	char *bytes; /* where the values' data stand */
	struct pg_shared *shared;
	int from, until; /* its rows there */
	bool open;       /* not answered yet */
	int64_t n;       /* its number among those that were asked together, from 1; 0: asked alone */
	struct pg_ahead *next, *beside; /* beside: asked together with it, in order */
};

struct pg_entry {
	enum pg_sent kind;
	struct pg_statement *st;
	struct pg_ahead *ahead;
	int64_t n;    /* PG_WRITE: rows expected, <0 any */
	int depth;    /* savepoints that stood when it was sent */
	bool guarded; /* PG_TAKE */
};

struct pg_lease {
	char node[64], holder[96];
	int64_t term; /* 0: not held */
	char seen[64]; /* the other holder's last renewal, as text */
};

/* Where the attempt to connect stands: one host after the other, each for its own time. */
struct pg_address {
	char **keys, **values; /* as PQconnectStartParams takes them; NULL-terminated */
	size_t n_hosts, host;
	char **hosts, **hostaddrs, **ports; /* NULL where not given */
	int host_key, hostaddr_key, port_key;
};

struct pgsql {
	struct store base;
	PGconn *conn;
	struct pg_address address;
	bool connecting, read_only, creating;
	bool filling; /* by another database's rows: nobody else may work on it yet */
	bool refused;         /* the server that answers is not one to write on */
	int64_t host_until_ms; /* monotonic: this attempt's end */
	int64_t again_at_ms, backoff_ms;
	unsigned connection;  /* number of the connection that stands, counted from 1 */
	unsigned n_names;
	int64_t call_until_ms;

	struct pg_entry *queue;
	size_t n_queue, queue_from, queue_room;
	PGresult *taken;
	int taken_error;

	bool begun, lost; /* lost: the connection was, since begin */
	bool wrote;
	bool counted; /* writes with an expected number are in the queue */
	int depth;
	int failed, failed_depth; /* the first fault of what was sent */
	struct pg_ahead *aheads[PG_AHEADS]; /* by statement and values, each chain oldest first */
	size_t n_aheads;
	struct pg_statement *batches[PG_BATCHES_MAX]; /* whose rows wait, oldest first */
	size_t n_batches;
	struct pg_statement *asking[PG_BATCHES_MAX]; /* whose questions wait; never both */
	size_t n_asking;

	struct pg_table tables[PG_TABLES_MAX];
	size_t n_tables;
	bool tables_stale;
	bool loaded_inside; /* the transaction, which may yet be undone */
	int64_t limit_ms; /* as the server knows it */
	int64_t changes, last_id, total;
	int64_t n_round_trips; /* answers waited for */
	struct pg_lease lease;
	char schema[64];
	char why[256]; /* of the last failure to connect: no password, no row's values */
};

static inline struct pgsql *pgsql_of(struct store *s)
{
	return (struct pgsql *)s;
}

static inline struct pg_statement *pg_st(struct statement *st)
{
	return (struct pg_statement *)st;
}

/* ---- store_pgsql_text.c ---- */

/* The text as the server takes it: marks and SQLite's hints replaced, $name numbered, the id's place added. Fills sql, names,
 * n_parameters, reads, table. E_NOMEM, E_INVALID too many names. tables: those whose ids are drawn. */
MUST_CHECK int pg_translate(struct pg_statement *st, const char *text, const struct pg_table *tables, size_t n_tables);
/* A text of the schema; the caller's, NULL out of memory. */
char *pg_schema_text(const char *text);
/* A script with its blobs as the server writes them; the caller's, NULL out of memory. */
char *pg_script_text(const char *text);

/* ---- store_pgsql_connect.c ---- */

int64_t pg_mono_ms(void);
MUST_CHECK int pg_address_parse(struct pg_address *a, const char *uri, enum store_mode mode, struct complaint *c);
void pg_address_done(struct pg_address *a);
/* Goes on connecting for at most limit_ms. 0: connected and set up; E_UNAVAILABLE: not yet; E_REFUSED: a server that may not be
 * written; E_BROKEN the lease is gone. s->why says the last reason. */
MUST_CHECK int pg_connect(struct pgsql *s, int limit_ms);
/* Ends the connection at once; what was in the queue is forgotten. */
void pg_drop(struct pgsql *s);

/* ---- store_pgsql_pipe.c ---- */

/* Our code for the result's error; fatal: the connection is over. Logs what is no rule of a table. */
int pg_translate_error(const struct pgsql *s, const PGresult *res, const char *module);
/* A new call begins: its time runs from now, as long as a tick can wait or as long as it says. */
void pg_call(struct pgsql *s);
void pg_call_for(struct pgsql *s, int64_t ms);
/* Waits until the socket is ready, within the call's time. */
MUST_CHECK int pg_ready(struct pgsql *s, short events);
MUST_CHECK int pg_push(struct pgsql *s, struct pg_entry e);
/* Sends a text without parameters, or with text parameters. */
MUST_CHECK int pg_send(struct pgsql *s, const char *sql, int n, const char *const *values, struct pg_entry e);
MUST_CHECK int pg_send_statement(struct pgsql *s, struct pg_statement *st, struct pg_entry e);
/* Asks for the types of the parameters of a statement that was sent, once a connection. */
MUST_CHECK int pg_ask_types(struct pgsql *s, struct pg_statement *st);
/* Sends a mark and reads every answer. 0, or E_UNAVAILABLE when the connection was lost. Faults: s->failed; the result of
 * PG_TAKE in s->taken, its error in s->taken_error. */
MUST_CHECK int pg_exchange(struct pgsql *s);
/* Whatever waits to be sent together goes into the queue. */
MUST_CHECK int pg_gathered_send(struct pgsql *s);
/* Several texts in one, outside the pipeline; *ret (may be NULL) the last result. 0 or a translated error. */
MUST_CHECK int pg_simple(struct pgsql *s, const char *sql, PGresult **ret);

/* ---- store_pgsql.c: as the functions of store_ops ---- */

int pg_begin(struct store *store);
int pg_commit(struct store *store);
void pg_rollback(struct store *store);
/* A connection that stands, waited for a little. */
MUST_CHECK int pg_connected(struct pgsql *s);
/* Puts a statement without values into the queue. */
MUST_CHECK int pg_plain(struct pgsql *s, const char *sql);
/* 0, or why the transaction goes no further: E_UNAVAILABLE, E_UNDO, E_BROKEN. */
int pg_lost_or_failed(const struct pgsql *s);

/* ---- store_pgsql_statement.c ---- */

struct statement *pg_statement_new(struct store *store, const char *sql, bool keep);
void pg_statement_drop(struct statement *base);
void pg_statement_reset(struct statement *base);
void pg_forget_row(struct pg_statement *st);
void pg_forget_result(struct pg_statement *st);
int pg_place(struct statement *base, const char *name);
void pg_put_int(struct statement *st, int i, int64_t value);
void pg_put_real(struct statement *st, int i, double value);
void pg_put_text(struct statement *st, int i, const char *value);
void pg_put_blob(struct statement *st, int i, const void *data, size_t n_bytes);
void pg_put_null(struct statement *st, int i);
int64_t pg_get_int(struct statement *base, int i);
double pg_get_real(struct statement *base, int i);
const char *pg_get_text(struct statement *base, int i);
const void *pg_get_blob(struct statement *base, int i, size_t *ret_bytes);
bool pg_get_null(struct statement *base, int i);
int pg_columns(struct statement *base);
const char *pg_column_name(struct statement *base, int i);

/* ---- store_pgsql_run.c ---- */

int pg_row(struct statement *base);
int pg_run(struct statement *base);
int pg_write(struct statement *base, int64_t n);
int pg_write_row(struct statement *base);

/* ---- store_pgsql_rows.c ---- */

struct pg_rows {
	struct pg_statement *many;             /* what does all of them, of arrays */
	enum pg_kind kinds[PG_PARAMETERS_MAX]; /* of the elements */
	struct buffer arrays[PG_PARAMETERS_MAX];
	int n;
};
/* "…$3…" becomes "…pg_rows.p3…"; quoted parts stay. */
MUST_CHECK int pg_rows_columns(struct buffer *out, const char *from, const char *end);
/* " FROM unnest($1 …) AS pg_rows(p1 …)"; counted: with the row's number as n. */
MUST_CHECK int pg_rows_from(struct buffer *out, int n_parameters, bool counted);
/* Takes sql, in any case. */
MUST_CHECK int pg_rows_new(const struct pg_statement *st, char *sql, struct pg_rows **ret);
void pg_rows_free(struct pgsql *s, struct pg_rows *rows);
void pg_rows_empty(struct pg_rows *rows);
/* Is the type of every value of st known? */
bool pg_rows_fit(const struct pg_statement *st);
/* Are they of the kinds of those that wait, and is there room? */
bool pg_rows_join(const struct pg_rows *rows, const struct pg_statement *st);
MUST_CHECK int pg_rows_add(struct pg_rows *rows, const struct pg_statement *st);
/* Sends and empties. */
MUST_CHECK int pg_rows_send(struct pgsql *s, struct pg_rows *rows, struct pg_entry e);

/* ---- store_pgsql_batch.c ---- */

/* May the row wait? Its id is bound and the type of every value is known. */
bool pg_batch_fits(const struct pg_statement *st);
MUST_CHECK int pg_batch_add(struct pgsql *s, struct pg_statement *st);
/* Everything that waits goes into the queue. */
MUST_CHECK int pg_batches_send(struct pgsql *s);
void pg_batches_forget(struct pgsql *s);
void pg_batch_free(struct pg_statement *st);

/* ---- store_pgsql_ahead.c ---- */

/* The answer that was asked for ahead becomes st's result. *ret_taken false: there is none. */
MUST_CHECK int pg_ahead_take(struct pgsql *s, struct pg_statement *st, bool *ret_taken);
void pg_ahead_ask(struct statement *base);
/* Every question that waits goes into the queue. */
MUST_CHECK int pg_asked_send(struct pgsql *s);
/* The answer to first and those beside it, NULL when it failed; takes res. */
void pg_ahead_answer(struct pg_ahead *first, PGresult *res);
void pg_shared_release(struct pg_shared *shared);
void pg_ahead_forget(struct store *store);
void pg_ahead_statement_gone(struct pgsql *s, struct pg_statement *st);

/* ---- store_pgsql_schema.c ---- */

MUST_CHECK int pg_create(struct pgsql *s, struct complaint *c);
MUST_CHECK int pg_look(struct pgsql *s, struct complaint *c);
/* Made empty, or found begun by an earlier try; E_EXISTS when it is anything else. */
MUST_CHECK int pg_open_fill(struct pgsql *s, struct complaint *c);
/* store_pgsql_upgrade.c: adds what the database lacks; *c says why it could not. */
MUST_CHECK int pg_upgrade(struct pgsql *s, struct complaint *c);
MUST_CHECK int pg_load_tables(struct pgsql *s);
int pg_check(struct store *s, bool full, char *out, size_t room);
int pg_explain(struct store *s, const struct sql_module *m, char *out, size_t room);

/* ---- store_pgsql_lease.c ---- */

int pg_lease(struct store *s, const char *node, const char *holder, struct complaint *c);
int pg_decide(struct store *s, int64_t *ret_tick);
/* After a new connection: takes the lock again. 0, E_UNAVAILABLE not free yet, E_BROKEN another core has it. */
MUST_CHECK int pg_lease_again(struct pgsql *s);

#endif
