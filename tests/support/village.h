/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A gateway with its words and duties, in which villagers write and weeks pass in one test. Everything asserts. */
#ifndef CAUNOI_TESTS_VILLAGE_H
#define CAUNOI_TESTS_VILLAGE_H

#include <jansson.h>

#include "gateway/duty.h"
#include "handlers/keywords.h"
#include "tests/support/fixture.h"

#define VILLAGE_DUTIES_MAX 3
#define LAN "+84912000001"
#define HOA "+84912000002"
#define HOUR_MS (INT64_C(60) * 60 * 1000)
#define DAY_MS (24 * HOUR_MS)

struct village {
	struct fixture *f;
	struct keywords *keywords;
	struct duty duties[VILLAGE_DUTIES_MAX];
	int said;
};

/* With its intake and at most VILLAGE_DUTIES_MAX duties; the caller's. */
struct village *village_new(const struct duty *const *duties, size_t n_duties);
void village_free(struct village *v);
/* For cmocka's setup and teardown, with everything that has to be done in time. It is nine in the morning. */
int village_settle(void **state);
int village_leave(void **state);
/* A message stands in the inbox; nobody looked at it yet. */
void village_put(struct village *v, const char *from, const char *text);
/* Time passes, the duties run. */
void village_wait(struct village *v, int64_t after_ms);
/* Says it; the beginning of what came of it must be result. */
void village_told(struct village *v, const char *from, const char *text, const char *result);
/* The newest text to anybody holds part. */
void village_heard(struct village *v, const char *part);
int64_t village_count(struct village *v, const char *sql);
/* A verb as operator, which must succeed; its answer, the caller's. */
json_t *village_do(struct village *v, const char *verb, const char *args);

#endif
