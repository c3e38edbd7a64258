/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything the gateway says on its own, from one table by name and language: unaccented, one SMS at the longest values. And
 * the loop guard: what is said by itself is said 3 times an hour and 5 times a day to one number at most, the same words once in ten
 * minutes, 1,000 times an hour in all; then silence and an alarm. Receipts, opt-out confirmations and answers by a person do not
 * count. To a number abroad that wrote nothing goes by itself, receipts and confirmations neither. */
#ifndef CAUNOI_HANDLERS_REPLY_H
#define CAUNOI_HANDLERS_REPLY_H

#include <stdbool.h>

#include "gateway/message.h"
#include "gateway/tick.h"

struct sql_module;

enum reply {
	REPLY_RECEIPT,
	REPLY_RECEIPT_RESTRICTED,
	REPLY_JOINED,
	REPLY_URGENT,
	REPLY_OPTOUT,
	REPLY_OPTOUT_TOPIC,
	REPLY_OPTOUT_ALL,
	REPLY_CONFIRM_ALL,
	REPLY_OPTIN,
	REPLY_OPTIN_TOPIC,
	REPLY_ASK_OPTOUT,
	REPLY_ASK_FEEDBACK,
	REPLY_HELP,
	REPLY_UNKNOWN,
	REPLY_STATUS,
	REPLY_STATUS_OTHER,
	REPLY_STATUS_WRONG,
	REPLY_STATUS_ASK,
	REPLY_NUDGED,
	REPLY_CASE_EMPTY,
	REPLY_TOPIC,
	REPLY_PRIVACY,
	REPLY_WRONG_NUMBER,
	REPLY_ANSWERED,
	REPLY_INVALID,
	REPLY_INFO_ADDED,
	REPLY_AGREED,
	REPLY_DISAGREED,
	REPLY_ASK_WHICH,
	REPLY_ASK_TOPIC,
	REPLY_ASK_CHOICE, /* what of the topic? */
	REPLY_CHOSEN,     /* its answer, with the code of the case */
	REPLY_ASK_ATTACH,
	REPLY_PARTS_MISSING,
	REPLY_DISAGREED_AGAIN,
	REPLY_REMIND,    /* of a question about their case */
	REPLY_FORWARDED, /* unasked: it went to another body */
	REPLY_EXTENDED,  /* unasked: it takes longer */
	REPLY_SORRY,     /* unasked: it is late */
	REPLY_DONE,      /* was it done? 1 or 2 */
	REPLY_DONE_YES,
	REPLY_DONE_NO,
	REPLY_DUTY, /* to the officer on duty */
	REPLY_AGREE, /* behind a person's answer: agree? 1 or 2 */
	REPLY_COUNT,
};
/* A word for it in timelines: "forwarded". NULL where none is needed. */
const char *reply_name(enum reply name);
enum language { LANGUAGE_VI, LANGUAGE_EN, LANGUAGE_COUNT };

/* What stands for {code} {digits} {date} {time} {topic} {other} {state} {since} {got} {total} {choices} {answer}; NULL = "". */
struct reply_values {
	const char *code, *digits, *date, *time, *topic, *other, *state, *since, *got, *total, *choices, *answer;
};

/* The longest values that occur: what texts are measured with. */
extern const struct reply_values reply_longest;

enum language reply_language(const char *name); /* "vi", "en", NULL: Vietnamese where nothing else is known */
/* The finished text; the caller's. NULL on no memory. */
char *reply_text(enum reply name, enum language language, const struct reply_values *values);

/* To whom, by which channel, about what. */
struct reply_to {
	int64_t address, person;
	const char *channel; /* by which the person wrote */
	enum language language;
	const char *subject; /* "case:7", NULL */
	bool abroad;         /* nothing is said by itself: what each answer costs there may be somebody's income */
};
/* Puts a text that the loop guard does not count; key makes it once. */
MUST_CHECK int reply_put(struct tick *t, const struct reply_to *to, enum message_class class, const char *key, const char *text,
			 int64_t *ret_message);
/* The same, unless these very words went to that number within ten minutes: then nothing happens and *ret_message is untouched. */
MUST_CHECK int reply_put_fresh(struct tick *t, const struct reply_to *to, enum message_class class, const char *key, const char *text,
			       int64_t *ret_message);
/* Asks ahead for what reply_say reads of that number. */
void reply_ahead(struct tick *t, int64_t address);
/* Says something by itself, unless the guard forbids: then *ret_said is false and nothing happens. key: once per key. */
MUST_CHECK int reply_say(struct tick *t, const struct reply_to *to, const char *key, enum reply name,
			 const struct reply_values *values, bool *ret_said);

extern const struct sql_module reply_module;

#endif
