/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the rows of a listing verb. Called by the verbs' queries; knows nothing of what a row holds. */
#include "gateway/page.h"

#include "gateway/base/json.h"
#include "gateway/base/own.h"

int page_read(const struct scope *in, const struct call *c, struct statement *st, int cursor, page_row_fn row, const void *arg,
	      json_t **ret, int64_t *ret_next)
{
	OWN(json) json_t *list = json_array();
	int64_t limit = json_int(c->args, "limit", 100), last = 0;
	bool more = false;
	bind_int(st, "$limit", limit + 1);
	int r = list ? 0 : E_NOMEM;
	while (!r && !more && (r = store_row(st)) > 0) {
		more = (int64_t)json_array_size(list) == limit;
		if (!more)
			last = column_int(st, cursor);
		r = !more && json_array_append_new(list, row(in, st, arg)) ? E_NOMEM : 0;
	}
	store_reset(st);
	if (r < 0)
		return r;
	*ret_next = more ? last : 0;
	*ret = MOVE(list);
	return 0;
}

int page_one(const struct scope *in, struct statement *st, page_row_fn row, const void *arg, json_t **ret)
{
	int r = store_row(st);
	json_t *one = r > 0 ? row(in, st, arg) : NULL;
	store_reset(st);
	if (r <= 0)
		return r ? r : E_NOT_FOUND;
	if (!one)
		return E_NOMEM;
	*ret = one;
	return 0;
}
