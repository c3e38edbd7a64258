/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the gateway does with a message from a person: understood once (parse.c), then exactly one row of one table acts on it,
 * and on what it says besides.
 * The core calls chain_intake for every joined message; each handler is a file of its own beside this one. */
#ifndef CAUNOI_HANDLERS_CHAIN_H
#define CAUNOI_HANDLERS_CHAIN_H

#include "gateway/intake.h"
#include "gateway/question.h"
#include "gateway/store/store.h"
#include "gateway/tick.h"
#include "handlers/casefile.h"
#include "handlers/parse.h"
#include "handlers/reply.h"

#define TURN_SCREEN_BYTES 512

/* One message on its way through the chain. Handlers read all of it and write ret. */
struct turn {
	struct tick *t;
	const struct inbound *in;
	struct case_person person;
	struct context context;
	struct question question; /* the newest open one; id 0 none */
	char off[128];            /* opt-out scopes in force */
	const json_t *programme;  /* that the sender was invited to sign up for; NULL */
	struct classified c;
	struct reply_to to;
	struct handled *ret;
	const char *actor; /* who says what the message was, when it was not read by the rules; NULL */
	const char *territory; /* and what they may know of: it is put into no case beyond that; NULL = everything */
	char *screen; /* of TURN_SCREEN_BYTES: the sender looks at it, what is said is shown there and not sent; NULL = by SMS */
};

/* One row of the table. Negative: the message's writes are undone. */
typedef int (*turn_fn)(struct turn *turn);

/* The intake_fn of the wiring, and what asks ahead for it. */
int chain_intake(struct tick *t, const struct inbound *in, struct handled *ret);
void chain_ahead(struct tick *t, const struct inbound *in);

/* Notes the outcome. */
void turn_result(struct turn *turn, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Does what the message says besides, and adds its outcome to the one before. */
MUST_CHECK int turn_also(struct turn *turn, turn_fn fn);
/* reply_say with a key of this message and name; a silent one is told in the result. */
MUST_CHECK int turn_say(struct turn *turn, enum reply name, const struct reply_values *values);
/* The same about a case, under the code that the sender knows it by. */
MUST_CHECK int turn_say_of(struct turn *turn, enum reply name, const struct casefile *c);
/* The same for a receipt of what a person said of their case: the guard does not count it, the same words leave once in ten minutes. */
MUST_CHECK int turn_receipt_of(struct turn *turn, enum reply name, const struct casefile *c);

/* The answer that a case's sender gets at once, with its code; of a restricted case, nothing but that. It stands in the timeline. */
MUST_CHECK int turn_answer_of(struct turn *turn, const struct casefile *c, const char *answer);

extern const struct sql_module chain_module;

#endif
