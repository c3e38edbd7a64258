/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whom a campaign is for: a rule (rule.h) and the walk through the people it may mean, in the order of person ids, so that a cursor is one
 * number. Where lists bound the rule only their members are looked at. */
#ifndef CAUNOI_CAMPAIGNS_AUDIENCE_H
#define CAUNOI_CAMPAIGNS_AUDIENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "campaigns/rule.h"
#include "gateway/base/complaint.h"
#include "gateway/base/err.h"
#include "gateway/group.h"
#include "gateway/scope.h"

#define AUDIENCE_GROUPS_MAX 16
#define AUDIENCE_PAGE_MAX 1024

struct audience {
	struct rule rule;
	struct group groups[AUDIENCE_GROUPS_MAX]; /* all that the rule names */
	size_t n_groups;
	uint32_t bounds;    /* bit i: groups[i] is one of those that hold everybody meant; 0: anybody may be meant */
	bool plain;         /* everybody in the bounds is meant */
	int64_t everybody;  /* people there are at most, where nothing bounds it */
};

/* Reads a rule and finds its groups. E_INVALID with *c (rule "bad_rule"), E_NOT_FOUND with *c (rule "unknown_group"). */
MUST_CHECK int audience_parse(const struct scope *in, const char *rule, struct audience *ret, struct complaint *c);
/* For a rule that somebody writes: are the campaigns there that it names? E_NOT_FOUND with *c (rule "unknown_campaign"). */
MUST_CHECK int audience_check(const struct scope *in, const struct audience *a, struct complaint *c);
/* The rule for one group, quoted; the caller's. NULL only on no memory. */
char *audience_rule_of(const char *group);
/* People in it at most: exact for one group and nothing else; somebody in two groups is counted twice. Costs nothing. */
int64_t audience_count(const struct audience *a);
/* Does audience_count say exactly how many? */
bool audience_is_exact(const struct audience *a);
/* Looks at the next n (≤ AUDIENCE_PAGE_MAX) that may be meant behind *cursor and gives those who are, each once, ascending. *cursor moves on;
 * *ret_end: nobody is left. Only who was visible up to seq. */
MUST_CHECK int audience_next(const struct scope *in, const struct audience *a, int64_t *cursor, int64_t seq, int n, int64_t *ret, int *ret_n,
			     bool *ret_end);
/* Is the person in it? 1, 0, or negative. */
int audience_has(const struct scope *in, const struct audience *a, int64_t person, int64_t seq);

extern const struct sql_module audience_module;

#endif
