/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cases as the contract shows them: one, and by the page. Reads only. */
#ifndef CAUNOI_HANDLERS_CASELIST_H
#define CAUNOI_HANDLERS_CASELIST_H

#include <jansson.h>
#include <stdbool.h>

#include "gateway/scope.h"
#include "gateway/store/store.h"
#include "gateway/verb.h"

/* Which cases are wanted, and what their reader may see. Empty texts mean any. */
struct caselist_filter {
	const char *state, *topic, *unit, *assigned;
	const char *code, *words; /* patterns of LIKE with ! as escape, in small letters: either may fit */
	const char *territory; /* the caller's unit */
	bool overdue, raised; /* past a date; the level above looks at it: the villager did not agree, or it was escalated */
	bool newest;          /* first, and after counts downwards */
	bool brief;           /* without their timelines */
	int64_t after, limit;
};

/* May this territory know of it? E_NOT_FOUND. */
MUST_CHECK int caselist_seen(const struct scope *in, int64_t id, const char *territory);
/* 404 "not_found" for an id or code. Where there is such a case, the refusal says so to the audit. Returns E_NOT_FOUND. */
int caselist_refuse(const struct scope *in, const char *id_or_code, struct refusal *why);
/* With its timeline. E_NOT_FOUND also for what this territory may not know of. */
MUST_CHECK int caselist_one(const struct scope *in, int64_t id, const char *territory, json_t **ret);
/* The same with the numbers in its texts, which are hidden else: for a disclosure only. */
MUST_CHECK int caselist_bare(const struct scope *in, int64_t id, const char *territory, json_t **ret);
/* *ret_next: cursor behind the page, 0 = it was the last. */
MUST_CHECK int caselist_page(const struct scope *in, const struct caselist_filter *f, json_t **ret, int64_t *ret_next);

extern const struct sql_module caselist_module;

#endif
