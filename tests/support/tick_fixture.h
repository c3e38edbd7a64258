/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A core in a temporary folder, with a real database, a simulated clock and no drivers: verbs are called as commands and queries
 * are, duties and jobs run when the clock is moved. Everything asserts. */
#ifndef CAUNOI_TESTS_TICK_FIXTURE_H
#define CAUNOI_TESTS_TICK_FIXTURE_H

#include <jansson.h>
#include <stdint.h>

#include "config/config.h"
#include "gateway/base/clock.h"
#include "gateway/base/random.h"
#include "gateway/base/seal.h"
#include "gateway/base/zone.h"
#include "gateway/core.h"
#include "gateway/store/store.h"
#include "gateway/verb.h"
#include "tests/support/engine.h"

struct tick_fixture {
	char folder[64];
	struct engine engine;
	struct config *config;
	struct store *db;
	struct seal *seal;
	struct zone *zone;
	struct clock clock;
	struct random random;
	struct core *core;
	struct job_kind jobs[6];
	struct duty duties[2];
	struct wiring wiring;
	struct refusal why; /* of the last call */
};

/* more (may be NULL) is added to the configuration, "sending = { … };" and the like. */
struct tick_fixture *tick_fixture_new(const char *more);
void tick_fixture_free(struct tick_fixture *f);
/* For cmocka's setup and teardown: one without more. */
int tick_fixture_set_up(void **state);
int tick_fixture_tear_down(void **state);
/* The core stops and starts again on the same folder. */
void tick_fixture_restart(struct tick_fixture *f);
/* Calls a verb ("campaign.new") as actor with args (taken); *ret (may be NULL) its answer, of a disclosure what the ticket
 * opens. Result as the verb's. */
int tick_fixture_call(struct tick_fixture *f, const char *actor, enum role role, const char *dotted, json_t *args, json_t **ret);
/* As an operator "uid:0". */
int tick_fixture_ask(struct tick_fixture *f, const char *dotted, json_t *args, json_t **ret);
/* n ticks, after_ms between them. */
void tick_fixture_run(struct tick_fixture *f, int n, int64_t after_ms);
/* Stores bytes as an upload of actor, cut into chunks of n_chunk bytes. */
int64_t tick_fixture_upload(struct tick_fixture *f, const char *actor, const void *bytes, size_t n_bytes, size_t n_chunk);
/* Runs ticks until the job ended; its shape, the caller's. */
json_t *tick_fixture_job(struct tick_fixture *f, int64_t job);
/* Imports people into group, which must succeed. */
void tick_fixture_import(struct tick_fixture *f, const char *group, const char *csv);
int64_t tick_fixture_scalar(struct tick_fixture *f, const char *sql);

#endif
