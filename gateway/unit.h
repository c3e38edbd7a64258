/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Administrative units: province (2 digits) → commune, ward, special zone (5) → hamlet (the commune's code, a dot, its number). Codes are
 * texts with their zeros; a code does not tell its province, the parent does. Dissolved units stay, with their last day and successor.
 * Unit shape: {"code","name","kind","parent","from","to","successor"}. */
#ifndef CAUNOI_GATEWAY_UNIT_H
#define CAUNOI_GATEWAY_UNIT_H

#include "gateway/base/complaint.h"
#include "gateway/tick.h"
#include "gateway/verb.h"

#define UNIT_CODE_MAX 16

struct unit {
	const char *code, *name, *kind, *parent, *from, *to, *successor; /* "" where there is none; kind NULL = by the code */
};

/* "province", "commune" or "hamlet" by the form of a code; NULL: it is none. */
const char *unit_kind_of(const char *code);
/* Has it the form of a code? The table of units need not hold it: lists of a province's own units are usual. E_INVALID with *c ("unknown_unit",
 * field = field); meant: the code whose zeros were lost on the way through a spreadsheet, "" when nothing is likely. */
MUST_CHECK int unit_check(const struct scope *in, const char *code, const char *field, char meant[UNIT_CODE_MAX], struct complaint *c);
/* The same as a refusal, 422. "" and NULL are no code, and pass. */
MUST_CHECK int unit_check_said(const struct scope *in, const char *code, const char *field, struct refusal *why);
/* Writes a unit over what is there. E_INVALID with *c (field = the column): "bad_code", "bad_date", "no_parent", "no_name". *ret_as 0 nothing
 * changed, 1 changed, 2 new. parent "" of a hamlet is taken from its code. check_only: nothing is written. */
MUST_CHECK int unit_put(struct tick *t, const struct unit *u, bool check_only, int *ret_as, struct complaint *c);
/* Is own the unit code itself, below it, or dissolved into it? 1, 0 or negative. Where nothing is known of own only its form tells. */
int unit_is_within(const struct scope *in, const char *own, const char *code);
/* Does the table know any unit right below this one? 1, 0 or negative. */
int unit_has_below(const struct scope *in, const char *code);
/* Does a territory ("" = everything) hold the unit code ("" = none)? As TERRITORY_HOLDS of territory.h says it. 1, 0 or negative. */
int unit_is_held(const struct scope *in, const char *territory, const char *code);

extern const struct verb_table unit_verbs;
extern const struct sql_module unit_module;

#endif
