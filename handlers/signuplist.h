/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sign-ups as staff see them: one, by the page, as a list for whoever visits, and as the list that is posted in public. Reads only.
 * signup {"id","code","programme","state","head","hamlet","unit","person","phone","received_at","visit_due_at","overdue","visited_at","decided_at",
 * "result","reason","wants_person","timeline":[{"at","what","who","text"}]} (a list has no timeline); what is not known is null; phone: true where results can be texted. Never a number. */
#ifndef CAUNOI_HANDLERS_SIGNUPLIST_H
#define CAUNOI_HANDLERS_SIGNUPLIST_H

#include <jansson.h>

#include "gateway/scope.h"
#include "gateway/verb.h"

struct sql_module;

/* With its timeline. E_NOT_FOUND also for what this territory does not hold. */
MUST_CHECK int signuplist_one(const struct scope *in, int64_t id, const char *territory, json_t **ret);

extern const struct verb_table signuplist_verbs;
extern const struct sql_module signuplist_module;

#endif
