/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Readings of restricted cases: an answer that holds one waits here until the core has it in the audit. The same person reading the
 * same case again within ten minutes is one reading. */
#ifndef CAUNOI_QUERY_READING_H
#define CAUNOI_QUERY_READING_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/err.h"

#define READINGS_KNOWN 512
#define READINGS_WAITING 64
#define READING_SAME_MS (INT64_C(10) * 60 * 1000)
#define READING_WAIT_MS 5000

struct readings {
	struct {
		uint64_t who_what;
		int64_t until;
	} known[READINGS_KNOWN];
	struct waiting {
		int64_t id, client, until;
		json_t *answer, *subjects; /* answer NULL: free */
		char actor[80];
	} waiting[READINGS_WAITING];
	int64_t last_id;
};

/* The subjects ("case:7") of restricted rows in an answer's rows that this actor was not known to have read: the caller's, an
 * empty array when there is nothing to write down. NULL on no memory. */
json_t *readings_of(const struct readings *r, const char *actor, const json_t *answer, int64_t now_ms);
/* What the core is told of an actor who asked for what they may not know of ("case:7"), NULL when it was told lately or on no memory. Nobody
 * waits for it: an answer that took longer would say that there is something. */
json_t *readings_attempt(struct readings *r, const char *actor, const char *verb, const char *subject, int64_t now_ms);
/* Keeps an answer (taken, also on failure) for a client until it is written down; *ret_frame is what the core is told. E_UNAVAILABLE when too
 * many wait. */
MUST_CHECK int readings_wait(struct readings *r, int64_t client, const char *actor, const char *verb, json_t *subjects, json_t *answer, int64_t now_ms,
			     json_t **ret_frame);
/* The core has it: the answer and whose it is. E_NOT_FOUND when it waited too long. */
MUST_CHECK int readings_noted(struct readings *r, int64_t id, int64_t now_ms, int64_t *ret_client, json_t **ret_answer);
/* One that waited too long, its client and the id of its query; false when there is none. */
bool readings_late(struct readings *r, int64_t now_ms, int64_t *ret_client, json_t **ret_answer);
bool readings_any(const struct readings *r);
void readings_done(struct readings *r);

#endif
