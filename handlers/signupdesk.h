/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What staff do with sign-ups: write one down, correct it, say that somebody visited, decide, withdraw, close. Each leaves an event and a row
 * of the audit, and answers with the sign-up as it is then. */
#ifndef CAUNOI_HANDLERS_SIGNUPDESK_H
#define CAUNOI_HANDLERS_SIGNUPDESK_H

#include "gateway/verb.h"

extern const struct verb_table signupdesk_verbs;

#endif
