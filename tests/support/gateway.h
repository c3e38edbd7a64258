/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A whole gateway for flow and fault tests: a temporary folder with configuration and data, the programs of $CAUNOI_BUILD
 * (default "build"), simulated providers and a simulated modem beside it. Runs from the repository's root. What is
 * expected to work ends the test when it does not. Everything dies with the test, and a keeper process removes the folder
 * even when the test is killed. Call gateway_free from the test's teardown, so that a failed test cleans up too.
 * With CAUNOI_SHOW set, a core that is still running then (a failed test's) has its log shown. */
#ifndef CAUNOI_TESTS_SUPPORT_GATEWAY_H
#define CAUNOI_TESTS_SUPPORT_GATEWAY_H

#include <jansson.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/support/client.h"
#include "tests/support/engine.h"
#include "tests/support/mirror.h"
#include "tests/support/simapi.h"
#include "tests/support/simmodem.h"

#define GATEWAY_PATH_MAX 128

struct gateway_options {
	/* Inside channels = ( … ): @API@ and @ONCE@ become the URLs of an API with keys (provider "sim") and of one without
	 * (provider "sim-once"), @MODEM@ the simulated modem's port; what is named is started. Provider "sim-batch" is @API@ with 100
	 * people a request, "sim-echo" a server of the test's own. NULL = one loopback "may-ao". */
	const char *channels;
	/* Inside sending = { … }; NULL = no quiet hours, 1000 a person, one person alone may start 1e9. */
	const char *sending;
	/* More lines of configuration ("web = { … };" replaces the Unix socket web.sock); NULL = none. */
	const char *more;
	const char *const *modem_arguments; /* of sim-modem, NULL-terminated; NULL = none */
	bool on_file; /* SQLite, whatever engine the tests run on */
	bool no_init; /* leave the data folder unmade */
};

struct gateway {
	char dir[GATEWAY_PATH_MAX], data[GATEWAY_PATH_MAX], config[GATEWAY_PATH_MAX], log[GATEWAY_PATH_MAX];
	char control_path[GATEWAY_PATH_MAX], query_path[GATEWAY_PATH_MAX], database[GATEWAY_PATH_MAX];
	char build[512];
	char login[64]; /* the first administrator's, as init gave it */
	pid_t core; /* 0 = not running */
	/* Words before the command line of caunoid, core or init, NULL-terminated: a tracer that becomes the core by exec. NULL = none. */
	const char *const *under;
	int64_t ready_after_ms; /* of the last start: until a command and a query were answered */
	struct client control, query;
	struct simapi api, once;
	struct simmodem modem;
	bool has_modem;
	struct engine engine;
	sqlite3 *db;
	struct mirror *mirror; /* of a server's database: db is not used then */
	pid_t keeper;
	int keeper_fd, log_fd;
};

/* Makes folder, simulators and configuration, and runs init. Does not start the core. options may be NULL. */
struct gateway *gateway_new(const struct gateway_options *options);
void gateway_free(struct gateway *g);
/* Makes the data folder; gateway_new did unless no_init. */
void gateway_init(struct gateway *g);
/* Puts secrets/NAME beside the configuration, or another value in its place. */
void gateway_secret(const struct gateway *g, const char *name, const char *value);

/* ---- the core's life ---- */

/* Starts the core and waits until it answers commands and queries. */
void gateway_start(struct gateway *g);
/* Starts it without waiting. */
void gateway_spawn(struct gateway *g);
/* Waits until a core that was spawned answers. False after limit_ms, or when it ended (g->core stays to be waited for). */
bool gateway_wait_ready(struct gateway *g, int limit_ms);
/* SIGKILL, and waits for its end. Nothing is closed or told. */
void gateway_kill(struct gateway *g);
/* SIGTERM; ends the test unless it exits 0 within 15 s. */
void gateway_stop(struct gateway *g);
/* Starts a core that is expected to end by itself: its exit code, or -1 when it had to be killed after limit_ms (or died of
 * a signal). *ret_text = what it wrote on standard error (may be NULL), the caller's; *ret_ms how long it took (may be NULL). */
int gateway_run(struct gateway *g, int limit_ms, char **ret_text, int64_t *ret_ms);
/* Waits for the end of a started core: its exit code, -1 as above. */
int gateway_wait_end(struct gateway *g, int limit_ms);
/* Is no driver, query or web process of a dead core left within limit_ms? */
bool gateway_children_gone(struct gateway *g, int limit_ms);
/* Everything the cores wrote to standard error so far; the caller's. */
char *gateway_log(struct gateway *g);
/* Runs any program of the build folder to its end with standard input text (NULL = empty), its standard output into *ret_out
 * (may be NULL; the caller's). arguments: NULL-terminated, without the name. Its exit code, or -1. */
int gateway_program(struct gateway *g, const char *program, const char *const *arguments, const char *text, char **ret_out);

/* ---- talking to it (args are taken, NULL = {}; replies are the caller's) ---- */

/* The whole reply, {"ok":true,"result":…} or {"ok":false,"error":…}; NULL when the core went away. */
json_t *gateway_command(struct gateway *g, const char *verb, json_t *args);
json_t *gateway_command_key(struct gateway *g, const char *key, const char *verb, json_t *args);
/* Must succeed: the result. */
json_t *gateway_do(struct gateway *g, const char *verb, json_t *args);
int64_t gateway_do_id(struct gateway *g, const char *verb, json_t *args);
/* The whole rows frame, or the refusal; NULL when nobody answered. */
json_t *gateway_query(struct gateway *g, const char *verb, json_t *args);
/* Must succeed: the rows, an array. */
json_t *gateway_rows(struct gateway *g, const char *verb, json_t *args);
/* Must give exactly one row. */
json_t *gateway_row(struct gateway *g, const char *verb, json_t *args);
/* Bytes as an upload: its id for "file" arguments. */
int64_t gateway_upload(struct gateway *g, const void *bytes, size_t n_bytes);
/* Waits for a job's end; its shape. */
json_t *gateway_wait_job(struct gateway *g, int64_t job, int limit_ms);
/* Imports n people +84900000000+first… into group; must succeed. */
void gateway_people(struct gateway *g, const char *group, int first, int n);
/* A campaign to group, submitted, approved and started; confirm = n people expected. pin = channel or NULL. Its id. */
int64_t gateway_campaign(struct gateway *g, const char *group, const char *pin, const char *text, int n);

/* ---- the database, read-only ---- */

sqlite3 *gateway_db(struct gateway *g);
/* Forgets the connection (before the file is replaced or moved). */
void gateway_db_close(struct gateway *g);
/* The first column of the first row; 0 when there is none. */
int64_t gateway_scalar(struct gateway *g, const char *sql);
/* The same as text; the caller's, NULL when there is none. */
char *gateway_text(struct gateway *g, const char *sql);
/* Waits until gateway_scalar(sql) is not 0; what says what was waited for when it never was. */
void gateway_wait(struct gateway *g, const char *what, const char *sql, int limit_ms);
/* The same without ending the test. */
bool gateway_waited(struct gateway *g, const char *sql, int limit_ms);

/* ---- small things ---- */

int64_t gateway_mono_ms(void);
void gateway_pause_ms(long ms);

#endif
