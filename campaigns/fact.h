/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dated facts: amounts and deadlines that the staff keeps in one place, with the days on which they hold: {{fact:mức đóng}} in a text. A
 * campaign whose fact does not hold on the day it leaves is not sent, and what waits longer than the fact holds expires with it. Shape:
 * {"name","value","from","until","source"}. */
#ifndef CAUNOI_CAMPAIGNS_FACT_H
#define CAUNOI_CAMPAIGNS_FACT_H

#include <stdint.h>

#include "gateway/base/err.h"
#include "gateway/scope.h"
#include "gateway/verb.h"

#define FACT_PREFIX "fact:"

struct sql_module;

/* The value of a merge field's key ("fact:muc dong") at a moment; the caller's. *ret_until_ms: when it ends to hold, 0 = never. E_NOT_FOUND;
 * E_REFUSED: it does not hold then. */
MUST_CHECK int fact_find(const struct scope *in, const char *key, int64_t at_ms, char **ret, int64_t *ret_until_ms);

extern const struct verb_table fact_verbs;
extern const struct sql_module fact_module;

#endif
