/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls of providers. Called by provider.c and villager.c, heard by world.c in each step. */
#include "tests/simulation/hook.h"

#include <stdio.h>
#include <string.h>

#include "tests/simulation/inside.h"

void hook_init(struct world *w)
{
	w->hook = (struct hook){ .waiting = json_object() };
	SIM_CHECK(w->hook.waiting);
}

void hook_done(struct hook *h)
{
	json_decref(h->waiting);
}

static void give(struct world *w, json_t *unused, int64_t n)
{
	(void)unused;
	char id[24];
	snprintf(id, sizeof(id), "%lld", (long long)n);
	json_t *call = json_object_get(w->hook.waiting, id);
	struct process *p = process_of_kind(w, PEER_WEB, -1);
	if (!call)
		return;
	if (p && !p->hung)
		process_say(w, p,
			    json_pack("{s:s,s:I,s:s,s:O}", "op", "hook", "id", (json_int_t)n, "channel", json_str(call, "channel", ""),
				      "items", json_object_get(call, "items")));
	world_later(w, dice_long(&w->dice, 5000, 120000), give, NULL, n); /* a provider repeats what got no 200 */
}

static void call_items(struct world *w, const char *channel, json_t *items, int64_t after_ms)
{
	char id[24];
	int64_t n = ++w->hook.n;
	snprintf(id, sizeof(id), "%lld", (long long)n);
	json_object_set_new(w->hook.waiting, id, json_pack("{s:s,s:o}", "channel", channel, "items", items));
	world_later(w, after_ms, give, NULL, n);
}

void hook_call(struct world *w, int channel, json_t *item)
{
	json_t *items = json_pack("[o]", item);
	if (dice_mille(&w->dice, 50))
		json_array_append(items, item);
	call_items(w, w->drivers[channel].name, items, dice_long(&w->dice, 1, 5000));
}

static void on_reply(struct world *w, const json_t *f)
{
	char id[24];
	snprintf(id, sizeof(id), "%lld", (long long)json_int(f, "id", 0));
	OWN(json) json_t *call = json_incref(json_object_get(w->hook.waiting, id));
	if (!call || !json_flag(f, "ok", false))
		return;
	json_object_del(w->hook.waiting, id);
	if (!w->quiet && dice_mille(&w->dice, 80))
		call_items(w, json_str(call, "channel", ""), json_deep_copy(json_object_get(call, "items")),
			   dice_long(&w->dice, 1, 3600000));
}

void hook_answered(struct world *w, const json_t *f)
{
	char id[24];
	size_t i;
	json_t *item;
	snprintf(id, sizeof(id), "%lld", (long long)json_int(f, "id", 0));
	const json_t *call = json_object_get(w->hook.waiting, id);
	if (!call || !json_flag(f, "ok", false))
		return;
	json_array_foreach (json_object_get(call, "items"), i, item)
		if (!strcmp(json_str(item, "kind", ""), "inbound"))
			oracle_stored(w, json_str(call, "channel", ""), json_str(json_object_get(item, "inbound"), "id", ""));
}

void hook_hear(struct world *w, struct process *p)
{
	for (json_t *f; (f = process_hear(p)); json_decref(f)) {
		const char *op = json_str(f, "op", "");
		if (!strcmp(op, "reply"))
			on_reply(w, f);
		else if (!strcmp(op, "ping"))
			process_say(w, p, json_pack("{s:s,s:I}", "op", "pong", "n", (json_int_t)json_int(f, "n", 0)));
	}
}
