/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Orders of long reading. Called by the server between queries; writes nothing. */
#include "console/query/orders.h"

#include <string.h>

enum { ORDERS_NEXT, ORDERS_SQL_COUNT };
static const char *const orders_sql[ORDERS_SQL_COUNT] = {
	[ORDERS_NEXT] = "SELECT id FROM job WHERE state = 'beside' AND id > $after ORDER BY id LIMIT 1",
};
const struct sql_module orders_module = { "orders", orders_sql, ORDERS_SQL_COUNT };

void orders_changed(struct orders *o, const json_t *nouns)
{
	size_t i;
	const json_t *noun;
	json_array_foreach(nouns, i, noun)
		o->look = o->look || (json_is_string(noun) && strcmp(json_string_value(noun), "job") == 0);
}

bool orders_next(struct orders *o, struct store *db)
{
	if (!o->look || store_begin(db))
		return false;
	struct statement *st = store_prepare(db, &orders_module, ORDERS_NEXT);
	bind_int(st, "$after", o->last);
	int r = store_row(st);
	if (r > 0)
		o->last = column_int(st, 0);
	store_reset(st);
	store_quiet(db);
	o->look = r > 0; /* the end of this one is a change, too */
	return r > 0;
}

void orders_again(struct orders *o)
{
	o->last--;
	o->look = true;
}
