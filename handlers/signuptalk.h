/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signing up by SMS: "DK Giang A Pao, Na Lang", what is missing is asked for, and how far it is. The texts are the programme's. */
#ifndef CAUNOI_HANDLERS_SIGNUPTALK_H
#define CAUNOI_HANDLERS_SIGNUPTALK_H

#include "config/programme.h"
#include "handlers/chain.h"
#include "handlers/signup.h"

/* The programme that a message's sender was invited to: carried by a campaign that reached them within a month, else the only one about the
 * topic of the last campaign. *ret NULL: none. Costs nothing for texts that do not begin as a sign-up does. */
MUST_CHECK int signuptalk_invited(struct turn *turn, const json_t **ret);
/* Asks ahead for what it reads. */
void signuptalk_ahead(const struct scope *in, const struct inbound *said);
/* "DK …": E_NOT_FOUND when it is no programme's; nothing was done then. */
MUST_CHECK int signuptalk_take(struct turn *turn);
/* Is the open question one of these? */
bool signuptalk_asked(const struct question *q);
/* The answer to it. */
MUST_CHECK int signuptalk_answer(struct turn *turn);
/* How far the sign-up of turn's code is; without a code the sender's newest. E_NOT_FOUND: there is none. */
MUST_CHECK int signuptalk_status(struct turn *turn);
/* What came of a wish, by SMS: the receipt, or the question for what is missing, which stands open for a week. key: says it once. */
MUST_CHECK int signuptalk_tell(struct tick *t, const struct reply_to *to, const struct signup_taken *taken, const char *key);
/* A text of a row's programme with the row's values; the caller's. reason, choices may be NULL. NULL on no memory. */
char *signuptalk_text(const struct scope *in, const struct enrolment *e, enum programme_text which, enum language language, const char *reason,
		      const char *choices);

extern const struct sql_module signuptalk_module;

#endif
