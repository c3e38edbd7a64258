/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Order of channels, answers that change theirs, operators learnt. Called by dispatch, the core's duties and driver frames. */
#include "gateway/detour.h"

#include <string.h>

#include "gateway/core.h"
#include "gateway/outbox.h"
#include "gateway/outbox_row.h"
#include "gateway/store/store.h"

#define LOOK_MS 5000
#define DRAIN_BATCH 200
#define FAILING 5

enum detour_sql { DETOUR_DRAIN, DETOUR_LEARN, DETOUR_REPIN, DETOUR_SQL_COUNT };
static const char *const detour_sql[DETOUR_SQL_COUNT] = {
	[DETOUR_DRAIN] = "UPDATE message SET pin = '~' || (SELECT network FROM address WHERE address.id = message.address) WHERE id IN "
			"(SELECT id FROM message WHERE flow = $flow AND pin = $pin AND {ready} ORDER BY due_at, id LIMIT $n)",
	[DETOUR_LEARN] = "UPDATE address SET network = $network WHERE id = $id AND network <> $network",
	[DETOUR_REPIN] = "UPDATE message SET pin = $pin WHERE address = $id AND state IN ('held', 'queued', 'retry') AND pin LIKE '~%'",
};
const struct sql_module detour_module = { "detour", detour_sql, DETOUR_SQL_COUNT };

static bool goes_before(const struct channel *a, const struct channel *b)
{
	bool a_fails = a->failures > 0, b_fails = b->failures > 0;
	if (a_fails != b_fails)
		return b_fails;
	if (a->config->segment_price_vnd != b->config->segment_price_vnd)
		return a->config->segment_price_vnd < b->config->segment_price_vnd;
	bool a_any = !a->config->networks || !a->config->networks[0], b_any = !b->config->networks || !b->config->networks[0];
	return a_any != b_any && b_any;
}

void detour_order(const struct core *core, int ret[DETOUR_PLACES])
{
	for (int i = 0; i < core->n_channels; i++) {
		int k = i;
		for (; k > 0 && goes_before(&core->channels[i], &core->channels[ret[k - 1]]); k--)
			ret[k] = ret[k - 1];
		ret[k] = i;
	}
}

/* ---- answers ---- */

static bool is_there(const struct channel *ch)
{
	enum channel_state s = channel_state(ch);
	return (s == CHANNEL_UP || s == CHANNEL_BUSY) && ch->failures < FAILING && !ch->sim.foreign;
}

static int drain(struct tick *t, const struct channel *ch, int64_t flow)
{
	char pin[40];
	outbox_wish_pin(ch->config->name, pin);
	struct statement *st = store_prepare(t->in.db, &detour_module, DETOUR_DRAIN);
	bind_int(st, "$flow", flow);
	bind_text(st, "$pin", pin);
	bind_int(st, "$n", DRAIN_BATCH);
	candidates_look_again(t->core);
	return store_write(st, -1);
}

int detour_drain_duty(struct tick *t, int64_t *ret_due_at)
{
	int r = 0;
	*ret_due_at = t->in.now_ms + LOOK_MS;
	for (int i = 0; !r && i < t->core->n_channels; i++) {
		if (is_there(&t->core->channels[i]))
			continue;
		r = drain(t, &t->core->channels[i], FLOW_ANSWERS);
		if (!r)
			r = drain(t, &t->core->channels[i], FLOW_SINGLE);
	}
	return r;
}

/* ---- operators ---- */

static bool is_network(const struct phone_plan *plan, const char *name)
{
	for (size_t i = 0; name[0] && i < plan->n_ranges; i++)
		if (!strcmp(plan->ranges[i].network, name))
			return true;
	return false;
}

int detour_learn(struct tick *t, int64_t address, const char *network)
{
	char pin[40];
	if (!address || !network || !is_network(&t->in.config->plan, network))
		return 0;
	struct statement *st = store_prepare(t->in.db, &detour_module, DETOUR_LEARN);
	bind_int(st, "$id", address);
	bind_text(st, "$network", network);
	int r = store_run(st);
	if (r || store_changes(t->in.db) == 0)
		return r;
	outbox_network_pin(network, pin);
	candidates_look_again(t->core);
	st = store_prepare(t->in.db, &detour_module, DETOUR_REPIN);
	bind_int(st, "$id", address);
	bind_text(st, "$pin", pin);
	return store_write(st, -1);
}
