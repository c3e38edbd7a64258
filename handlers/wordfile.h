/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changing the words that messages are read by, from afar: what a file says, what the checker says of another text in its place and how
 * sentences would then be understood, and taking it. Verbs of setting; replytext.c takes by the same way. Keeps nothing. */
#ifndef CAUNOI_HANDLERS_WORDFILE_H
#define CAUNOI_HANDLERS_WORDFILE_H

#include "gateway/base/complaint.h"
#include "gateway/ownfile.h"
#include "gateway/verb.h"

struct keywords;

/* {"file","line","column","field","rule","text"}; the caller's, NULL on no memory. */
json_t *wordfile_mistake(const struct complaint *c);
/* Would all words be taken with text in the place of that file? *ret are they, the caller's. E_CONFIG with *c, E_NOMEM. */
MUST_CHECK int wordfile_check(const struct scope *in, enum ownfile which, const char *text, struct keywords **ret, struct complaint *c);
/* Checks, writes, audits (detail) and puts in force with the commit. Refused where the checker or the machine says no. */
MUST_CHECK int wordfile_take(struct tick *t, const struct call *c, enum ownfile which, const char *text, const char *detail, struct refusal *why);

extern const struct verb_table wordfile_verbs;

#endif
