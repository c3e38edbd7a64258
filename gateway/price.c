/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Money as providers count it: the flow's sum, and the channel's month, which was charged by the price of the configuration when the
 * message was claimed. Called by settle.c and by whoever shows a campaign. */
#include "gateway/price.h"

#include "gateway/core.h"
#include "gateway/store/store.h"

enum price_sql { PRICE_FLOW, PRICE_MONTH, PRICE_OF_FLOW, PRICE_SQL_COUNT };
static const char *const price_sql[PRICE_SQL_COUNT] = {
	[PRICE_FLOW] = "UPDATE flow SET spent_vnd = spent_vnd + $vnd WHERE id = $id",
	[PRICE_MONTH] = "UPDATE channel SET month_vnd = CASE WHEN month = $month THEN month_vnd + $vnd ELSE $vnd END, month = $month WHERE name = $name",
	[PRICE_OF_FLOW] = "SELECT spent_vnd FROM flow WHERE id = $id",
};
const struct sql_module price_module = { "price", price_sql, PRICE_SQL_COUNT };

int price_take(struct tick *t, struct channel *ch, int64_t flow, int parts, int64_t vnd)
{
	int64_t more = vnd - parts * ch->config->segment_price_vnd;
	struct statement *st = store_prepare(t->in.db, &price_module, PRICE_FLOW);
	bind_int(st, "$id", flow);
	bind_int(st, "$vnd", vnd);
	int r = store_write(st, 1);
	if (r || !more)
		return r;
	st = store_prepare(t->in.db, &price_module, PRICE_MONTH);
	bind_text(st, "$name", ch->config->name);
	bind_int(st, "$month", channel_month(&t->in));
	bind_int(st, "$vnd", more);
	r = store_write(st, 1);
	return r ? r : tick_after(t, channel_count_cost, ch - t->core->channels, more);
}

int price_of_flow(const struct scope *in, int64_t flow, int64_t *ret_vnd)
{
	struct statement *st = store_prepare(in->db, &price_module, PRICE_OF_FLOW);
	bind_int(st, "$id", flow);
	int r = store_row(st);
	if (r > 0)
		*ret_vnd = column_int(st, 0);
	store_reset(st);
	return r > 0 ? 0 : r == 0 ? E_NOT_FOUND : r;
}
