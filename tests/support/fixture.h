/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A data folder made by init, a core on it with a simulated clock and a seeded random source, and one tick at a time: for
 * tests of single modules below the verbs. Runs from the repository's root. Every step that fails ends the test. */
#ifndef CAUNOI_TESTS_FIXTURE_H
#define CAUNOI_TESTS_FIXTURE_H

#include "config/config.h"
#include "gateway/base/clock.h"
#include "gateway/base/random.h"
#include "gateway/base/seal.h"
#include "gateway/base/zone.h"
#include "gateway/core.h"
#include "gateway/verb.h"
#include "tests/support/engine.h"

#define FIXTURE_NOW_MS INT64_C(1795305600000) /* Sun 22 Nov 2026 00:00 UTC, 07:00 in Vietnam */

struct fixture {
	char dir[64], data_dir[80], file[80];
	struct engine engine;
	struct config *config;
	struct clock clock;
	struct random random;
	struct seal *seal;
	struct zone *zone;
	struct store *db;
	struct wiring wiring; /* change before fixture_open_core */
	void (*opened)(struct fixture *f); /* NULL, or called when the database is open and the core is not made yet */
	struct core *core;
	struct tick tick;
	char login[64]; /* the first administrator's, as init gave it */
	void *mine;     /* the test's own, for an intake of its own: t->core->loop is the fixture */
};

/* What a core may do to the world, where no program can be started. */
extern const struct core_ops fixture_ops;

/* extra: lines of configuration, NULL = one loopback channel "may-ao". Calls fixture_open_core. */
struct fixture *fixture_new(const char *extra);
void fixture_free(struct fixture *f);
/* As a restart: everything is closed and opened, the core recovers. */
void fixture_close_core(struct fixture *f);
void fixture_open_core(struct fixture *f);

struct tick *fixture_begin(struct fixture *f);
void fixture_commit(struct fixture *f);
void fixture_undo(struct fixture *f);
/* What the core's queries see outside a tick. */
struct scope fixture_scope(struct fixture *f);

/* Runs a verb as operator "uid:0": arguments as JSON text, checked. Commands run in a tick of their own. The result of the verb;
 * *ret is NULL when it failed; why (may be NULL) is the caller's to end. */
int fixture_command(struct fixture *f, const char *verb, const char *args, json_t **ret, struct refusal *why);
/* The same for a verb that waits for a password to be hashed or compared: the query process's part is done by its own functions. */
int fixture_hashed(struct fixture *f, const char *verb, const char *args, json_t **ret, struct refusal *why);
int fixture_query(struct fixture *f, const char *verb, const char *args, json_t **ret, int64_t *ret_next);
/* An address of the number, in a tick of its own. */
int64_t fixture_address(struct fixture *f, const char *number);

#endif
