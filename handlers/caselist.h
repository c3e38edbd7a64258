/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cases as the contract shows them: one, and by the page. Reads only. */
#ifndef CAUNOI_HANDLERS_CASELIST_H
#define CAUNOI_HANDLERS_CASELIST_H

#include <jansson.h>
#include <stdbool.h>

#include "gateway/scope.h"
#include "gateway/store/store.h"

/* Which cases are wanted, and what their reader may see. Empty texts mean any. */
struct caselist_filter {
	const char *state, *topic, *unit;
	const char *territory; /* the caller's unit */
	bool overdue, newest; /* newest: first, and after counts downwards */
	int64_t after, limit;
};

/* E_NOT_FOUND also for what this territory may not know of. */
MUST_CHECK int caselist_one(const struct scope *in, int64_t id, const char *territory, json_t **ret);
/* *ret_next: cursor behind the page, 0 = it was the last. */
MUST_CHECK int caselist_page(const struct scope *in, const struct caselist_filter *f, json_t **ret, int64_t *ret_next);

extern const struct sql_module caselist_module;

#endif
