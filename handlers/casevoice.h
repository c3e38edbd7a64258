/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everybody who speaks in a case: the person who opened it and those whose cases were joined to it. What is told goes to each, under
 * the code that they know. */
#ifndef CAUNOI_HANDLERS_CASEVOICE_H
#define CAUNOI_HANDLERS_CASEVOICE_H

#include "gateway/store/store.h"
#include "handlers/casefile.h"
#include "handlers/reply.h"

struct casevoice {
	int64_t id, address; /* id: of the case that they opened */
	int64_t speaker;     /* the case that speaks for it; id itself where it was not joined */
	char code[CASE_CODE_BYTES], channel[40];
	enum language language;
	int64_t person;
};

/* Those who can be written to, the opener first; the caller's, freed by free(). */
MUST_CHECK int casevoice_list(const struct scope *in, int64_t id, struct casevoice **ret, size_t *ret_n);
/* Puts a text for one of them, once under this name ("reply:2"). */
MUST_CHECK int casevoice_say(struct tick *t, const struct casevoice *v, const char *name, const char *text, int64_t *ret_message);
/* Tells all of them how far it is, unasked: at most once a day for a case, and nothing of a restricted one. values' code is
 * filled in for each. *ret_told (may be NULL): was it told? */
MUST_CHECK int casevoice_tell(struct tick *t, const struct casefile *f, enum reply name, const struct reply_values *values, bool *ret_told);
/* Asks all of them with a text and a question of kind yes_no about subject. */
MUST_CHECK int casevoice_ask(struct tick *t, const struct casevoice *v, size_t n, const char *subject, int64_t until_at);

extern const struct sql_module casevoice_module;

#endif
