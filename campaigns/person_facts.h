/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a rule asks about one person, read when it is first asked for. */
#ifndef CAUNOI_CAMPAIGNS_PERSON_FACTS_H
#define CAUNOI_CAMPAIGNS_PERSON_FACTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "campaigns/rule.h"
#include "gateway/scope.h"

struct sql_module;

struct person_facts {
	const struct scope *in;
	int64_t person;
	bool read;
	char *name, *unit, *hamlet, *language, *territory; /* territory: of whoever imported a list without units */
	json_t *fields;
	int64_t moved_seq; /* 0: never; before it unit_was was the unit */
	char *unit_was;
	bool as_was; /* set by the caller: answer as before the move */
};
void person_facts_done(struct person_facts *f);
/* Does a term of the rule hold for the person? 1, 0, or negative. What is not known of somebody equals nothing and is in no range. */
int person_facts_meet(struct person_facts *f, const struct rule *rule, const struct rule_node *term);

/* The person's unit, or that of whoever imported them; NULL: none. Borrowed from f. */
MUST_CHECK int person_facts_unit(struct person_facts *f, const char **ret);

extern const struct sql_module person_facts_module;

#endif
