/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Work on a case beside answering it: case move, forward, extend, note, close. */
#ifndef CAUNOI_HANDLERS_CASEWORK_H
#define CAUNOI_HANDLERS_CASEWORK_H

#include "gateway/store/store.h"
#include "gateway/verb.h"

struct casefile;

/* Into the state of that name, with the call's note and, for closed, its reason. Refusals: 422 "not_a_choice", "missing"; 409. */
MUST_CHECK int casework_move(struct tick *t, const struct call *c, struct casefile *f, const char *name, json_t **ret, struct refusal *why);

extern const struct verb_table casework_verbs;
extern const struct sql_module casework_module;

#endif
