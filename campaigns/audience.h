/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whom a campaign is for. A rule names lists: "group:Xã Bình An or group:\"Ấp 5\"". Walked in the order of person ids, so
 * that a cursor is one number. */
#ifndef CAUNOI_CAMPAIGNS_AUDIENCE_H
#define CAUNOI_CAMPAIGNS_AUDIENCE_H

#include <stddef.h>
#include <stdint.h>

#include "gateway/base/complaint.h"
#include "gateway/base/err.h"
#include "gateway/group.h"
#include "gateway/scope.h"

#define AUDIENCE_GROUPS_MAX 16
#define AUDIENCE_PAGE_MAX 1024

struct audience {
	struct group groups[AUDIENCE_GROUPS_MAX];
	size_t n_groups;
};

/* Reads a rule and finds its groups. E_INVALID with *c (rule "bad_rule"), E_NOT_FOUND with *c (rule "unknown_group"). */
MUST_CHECK int audience_parse(const struct scope *in, const char *rule, struct audience *ret, struct complaint *c);
/* The rule for one group, quoted; the caller's. NULL only on no memory. */
char *audience_rule_of(const char *group);
/* People in it at most: exact for one group; somebody in two groups is counted twice. Costs nothing. */
int64_t audience_count(const struct audience *a);
/* The next persons behind after, at most n (≤ AUDIENCE_PAGE_MAX), each once, ascending; *ret_n < n: no more. Only members
 * that were visible up to seq. */
MUST_CHECK int audience_next(const struct scope *in, const struct audience *a, int64_t after, int64_t seq, int n, int64_t *ret,
			     int *ret_n);
/* Is the person in it? 1, 0, or negative. */
int audience_has(const struct scope *in, const struct audience *a, int64_t person, int64_t seq);

extern const struct sql_module audience_module;

#endif
