/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What went wrong with a channel lately, each sentence once a day with how often, and what a person can do about it. Noted in
 * memory when it happens, written with the channel's row. */
#ifndef CAUNOI_GATEWAY_TROUBLE_H
#define CAUNOI_GATEWAY_TROUBLE_H

#include <jansson.h>

#include "gateway/tick.h"

#define TROUBLE_BYTES 128
#define TROUBLE_FRESH 4 /* sentences kept between two writes */

struct channel;
struct sql_module;

struct trouble {
	char text[TROUBLE_BYTES];
	int64_t times;
};

struct trouble_advice {
	const char *en, *vi; /* one sentence each */
};

/* Notes what went wrong; it is the channel's last error as well. text holds no people's numbers or words. */
void trouble_note(struct channel *ch, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A message was taken, or a person said that all is well: there is no last error any more. What was noted keeps its moments. */
void trouble_over(struct channel *ch);
/* Writes what was noted since the last time. */
MUST_CHECK int trouble_save(struct tick *t, struct channel *ch);
/* The last days, newest first: [{"at","times","text","todo","todo_vi"}]. */
MUST_CHECK int trouble_json(const struct scope *in, const char *channel, json_t **ret);
/* What to do about a sentence; NULL when it needs nobody, or nobody knows. */
const struct trouble_advice *trouble_advice(const char *text);

extern const struct sql_module trouble_module;

#endif
