/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The networks. Called by driver.c when a frame really leaves; reports by SIM or by webhook. */
#include "tests/simulation/provider.h"

#include <stdio.h>
#include <string.h>

#include "tests/simulation/inside.h"

#define KEY_MS (INT64_C(24) * 3600000)

void provider_done(struct provider *p)
{
	json_decref(p->by_key);
}

static void report(struct world *w, json_t *receipt, int64_t channel)
{
	w->figures.receipts++;
	if (w->drivers[channel].modem) {
		json_t *frame = json_deep_copy(receipt);
		json_set_str(frame, "op", "receipt");
		driver_keep(w, &w->drivers[channel], frame);
	} else {
		hook_call(w, (int)channel, json_pack("{s:s,s:O}", "kind", "receipt", "receipt", receipt));
	}
}

static json_t *receipt_of(struct world *w, int channel, const char *reference, const char *to, const char *status)
{
	char id[48];
	struct provider *p = &w->providers[channel];
	snprintf(id, sizeof(id), "rc-%s-%lld", w->drivers[channel].name, (long long)++p->n_receipts);
	return json_pack("{s:s,s:s,s:s,s:s,s:I}", "id", id, "reference", reference, "to", to, "status", status, "at_ms",
			 (json_int_t)w->clock.sim_now_ms);
}

/* Late, twice, in another order, before the answer, or never. */
static void plan_receipts(struct world *w, int channel, const char *reference, const json_t *submit)
{
	const char *to = json_str(submit, "to", "");
	struct dice *d = &w->dice;
	if (dice_mille(d, 100))
		return;
	const char *last = dice_mille(d, 100) ? "failed" : "delivered";
	if (dice_mille(d, 100))
		world_later(w, dice_long(d, 1, 600000), report, receipt_of(w, channel, reference, to, "buffered"), channel);
	json_t *r = receipt_of(w, channel, reference, to, last);
	if (dice_mille(d, 100))
		world_later(w, dice_long(d, 1, 7200000), report, json_deep_copy(r), channel);
	int64_t after_ms = dice_long(d, 1, 7200000);
	world_later(w, after_ms, report, r, channel);
	if (*last == 'd' && dice_mille(d, 60)) { /* a report of an earlier try that comes behind the last one */
		world_later(w, after_ms + dice_long(d, 1, 600000), report, receipt_of(w, channel, reference, to, "failed"), channel);
	}
	if (dice_mille(d, 10))
		world_later(w, dice_long(d, 1, 60000), report, receipt_of(w, channel, "nobody-knows", "+84999999999", "delivered"),
			    channel);
}

static void draw_reference(struct world *w, int channel, char ret[32])
{
	struct provider *p = &w->providers[channel];
	p->n++;
	if (w->drivers[channel].modem)
		snprintf(ret, 32, "%d", (int)(p->n & 0xff)); /* TP-MR: a byte */
	else
		snprintf(ret, 32, "%s-%lld", w->drivers[channel].name, (long long)p->n);
}

/* The network knows the key: nothing is delivered again while it remembers. */
static const char *known(struct world *w, struct provider *p, const char *key)
{
	const json_t *was = p->keys ? json_object_get(p->by_key, key) : NULL;
	return was && world_mono_ms(w) - json_int(was, "at", 0) < KEY_MS ? json_str(was, "reference", NULL) : NULL;
}

const char *provider_take(struct world *w, int channel, const json_t *submit, char ret[32])
{
	struct provider *p = &w->providers[channel];
	const char *key = json_str(submit, "key", ""), *to = json_str(submit, "to", ""), *was = known(w, p, key);
	if (was) {
		snprintf(ret, 32, "%s", was);
		return ret;
	}
	draw_reference(w, channel, ret);
	if (p->keys)
		json_object_set_new(p->by_key, key, json_pack("{s:s,s:I}", "reference", ret, "at", (json_int_t)world_mono_ms(w)));
	oracle_wire(w, channel, submit);
	plan_receipts(w, channel, ret, submit);
	if (json_int(submit, "part", 1) == json_int(submit, "parts", 1))
		villager_hears(w, to, json_str(submit, "text", ""));
	return ret;
}
