/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What we last asked a number, until when: where campaigns and handlers meet. */
#ifndef CAUNOI_GATEWAY_QUESTION_H
#define CAUNOI_GATEWAY_QUESTION_H

#include "gateway/tick.h"

struct question {
	int64_t id, address;
	char kind[24];     /* "choice", "yes_no", "number", "text", "confirm_all", "feedback", "need_info", "about" */
	json_t *options;   /* [{"value":"1","label":"Đã có thẻ"}] or NULL; freed by question_done */
	char subject[64];  /* "campaign:12", "case:7" */
	char topic[24];
	int64_t asked_at, until_at;
};
void question_done(struct question *q);

MUST_CHECK int question_ask(struct tick *t, int64_t address, const char *kind, const json_t *options, const char *subject,
			    const char *topic, int64_t until_at, int64_t *ret_id);
/* The newest open question of the address; E_NOT_FOUND. */
MUST_CHECK int question_open(const struct scope *in, int64_t address, struct question *ret);
/* Asks ahead for it. */
void question_ahead(const struct scope *in, int64_t address);
/* The newest open one older than the question of that id; E_NOT_FOUND. */
MUST_CHECK int question_older(const struct scope *in, int64_t address, int64_t id, struct question *ret);
/* One that is open, by its id; E_NOT_FOUND. */
MUST_CHECK int question_get(const struct scope *in, int64_t address, int64_t id, struct question *ret);
/* state "answered", "dropped"; answer may be NULL. */
MUST_CHECK int question_close(struct tick *t, int64_t id, const char *state, const char *answer);

extern const struct sql_module question_module;

#endif
