/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every verb on a case begins and ends with: the case is found as its caller may know it, the table of acts and the lock are
 * asked; afterwards there is an event in the timeline and a row in the audit. */
#ifndef CAUNOI_HANDLERS_CASEDESK_H
#define CAUNOI_HANDLERS_CASEDESK_H

#include "gateway/verb.h"
#include "handlers/caserule.h"

#define CASE_WORDS_BYTES 3200
#define CASE_WORKERS (R_(OPERATOR) | R_(REVIEWER))
#define CASE_ID_ARG                                                                                                        \
	{ .name = "id", .type = ARG_TEXT, .rank = 1, .required = true, .min = 1, .max = 24,                                \
	  .help_en = "id or code, such as PA482918", .help_vi = "số hoặc mã, ví dụ PA482918" }
#define CASE_NOTE_ARG                                                                                                      \
	{ .name = "note", .type = ARG_TEXT, .max = 2000, .otherwise = "", .help_en = "a note for the timeline", .help_vi = "ghi chú" }

/* The case that the argument "id" names. Refusals: 404 "not_found", also for what the caller's territory may not know of; 409 as
 * caserule_check says; 409 "case_locked" with the holder when somebody else is writing an answer. */
MUST_CHECK int casedesk_open(struct tick *t, const struct call *c, enum case_act act, struct casefile *ret, struct refusal *why);
/* The same by an id or code of one's own. */
MUST_CHECK int casedesk_open_named(struct tick *t, const struct call *c, const char *id, enum case_act act, struct casefile *ret,
				   struct refusal *why);
/* The event, the audit's row, and the case as it is then; only its code when the caller may not know of it any more. */
MUST_CHECK int casedesk_done(struct tick *t, const struct call *c, const struct casefile *f, const char *what, const char *words, json_t **ret);
/* "a; b; c" of what is not empty. */
void casedesk_join(char *out, size_t room, const char *const *parts, size_t n);
/* "2026-12-15" as the end of that day's working hours; 422 "bad_time", "out_of_range" on the argument of that name. */
MUST_CHECK int casedesk_day(struct tick *t, const char *name, const char *day, int64_t *ret, struct refusal *why);

#endif
