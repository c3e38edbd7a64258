/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In whose hands a case is: case assign, refer, accept, return between units, and restrict, which takes it out of the hands of the
 * unit that it accuses. */
#ifndef CAUNOI_HANDLERS_CASEPASS_H
#define CAUNOI_HANDLERS_CASEPASS_H

#include "gateway/store/store.h"
#include "gateway/verb.h"

struct casefile;

/* To the person of that name. Refusals: 422 "no_user", 409 "accused". */
MUST_CHECK int casepass_assign(struct tick *t, const struct call *c, const struct casefile *f, const char *name, json_t **ret, struct refusal *why);

extern const struct verb_table casepass_verbs;
extern const struct sql_module casepass_module;

#endif
