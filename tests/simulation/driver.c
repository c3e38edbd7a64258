/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The drivers' side of the frames. Called in each step for every living driver; honest about what it knows, and it often knows little. */
#include "tests/simulation/driver.h"

#include <stdio.h>
#include <string.h>

#include "tests/simulation/inside.h"

#define AGAIN_MS 30000

static const struct {
	const char *name;
	int credit;
	bool modem, idempotent;
} kinds[CHANNELS] = { { "sim1", 1, true, false }, { "esms", 8, false, false }, { "vendor", 64, false, true } };

void driver_init(struct world *w, int channel)
{
	struct driver *d = &w->drivers[channel];
	*d = (struct driver){ .name = kinds[channel].name,
			      .channel = channel,
			      .credit = kinds[channel].credit,
			      .modem = kinds[channel].modem,
			      .idempotent = kinds[channel].idempotent,
			      .open = json_object(),
			      .kept = json_array() };
	w->providers[channel] = (struct provider){ .keys = d->idempotent, .by_key = json_object() };
	SIM_CHECK(d->open && d->kept && w->providers[channel].by_key);
}

void driver_done(struct driver *d)
{
	json_decref(d->open);
	json_decref(d->kept);
}

void driver_ended(struct world *w, struct driver *d, struct process *p)
{
	struct peer *peer = w->node.core ? core_peer_find(w->node.core, p->peer) : NULL;
	const char *attempt;
	json_t *frame;
	json_object_foreach (d->open, attempt, frame)
		if (peer && !peer_was_written(peer, strtoll(attempt, NULL, 10)))
			oracle_unwritten(w, attempt);
	json_object_clear(d->open);
	w->figures.driver_ends++;
}

/* ---- sending ---- */

static void say_result(struct world *w, json_t *plan, int64_t n)
{
	(void)n;
	struct process *p = process_find(w, json_int(plan, "process", 0));
	const char *attempt = json_str(plan, "attempt", ""), *outcome = json_str(plan, "outcome", ""),
		   *ref = json_str(plan, "reference", NULL);
	if (!p || p->dead || p->hung)
		return;
	bool accepted = !strcmp(outcome, "accepted");
	json_t *f = json_pack("{s:s,s:s,s:s}", "op", "result", "attempt", attempt, "outcome", outcome);
	if (ref && accepted)
		json_set_str(f, "reference", ref);
	if (!accepted)
		json_set_str(f, "code", json_str(plan, "code", "sim:1"));
	if (json_str(plan, "fault", NULL))
		json_set_str(f, "fault", json_str(plan, "fault", NULL));
	if (json_int(plan, "retry_after_s", 0))
		json_set_int(f, "retry_after_s", json_int(plan, "retry_after_s", 0));
	oracle_outcome(w, attempt, outcome);
	json_object_del(w->drivers[p->channel].open, attempt);
	process_say(w, p, f);
	if (json_int(plan, "again", 0)) {
		json_t *same = json_deep_copy(plan);
		json_object_del(same, "again");
		world_later(w, dice_long(&w->dice, 1, 20000), say_result, same, 0);
	}
	/* an unclear one may become clear later, when it did leave */
	if (!strcmp(outcome, "unclear") && ref && dice_mille(&w->dice, 300)) {
		json_t *late = json_deep_copy(plan);
		json_set_str(late, "outcome", "accepted");
		world_later(w, dice_long(&w->dice, 100, 600000), say_result, late, 0);
	}
}

static void reach_wire(struct world *w, json_t *plan, int64_t channel)
{
	struct process *p = process_find(w, json_int(plan, "process", 0));
	char ref[32];
	if ((!p || p->dead || p->hung) && !json_flag(plan, "under_way", false))
		return;
	json_set_str(plan, "reference", provider_take(w, (int)channel, json_object_get(plan, "submit"), ref));
	if (!json_flag(plan, "silent", false))
		world_later(w, json_int(plan, "answers_ms", 1), say_result, json_incref(plan), 0);
}

static void crash(struct world *w, json_t *plan, int64_t serial)
{
	(void)plan;
	struct process *p = process_find(w, serial);
	if (p)
		process_end(w, p, "a crash of its own");
}

static void hang(struct world *w, json_t *plan, int64_t serial)
{
	(void)plan;
	struct process *p = process_find(w, serial);
	if (p && !p->dead) {
		p->hung = true;
		world_note(w, "%s hangs", process_name(w, p));
	}
}

static void without_wire(struct world *w, json_t *plan, const char *outcome)
{
	json_set_str(plan, "outcome", outcome);
	if (dice_mille(&w->dice, 300))
		json_set_str(plan, "fault", !strcmp(outcome, "not_sent") ? "channel" : dice_mille(&w->dice, 200) ? "recipient" : "message");
	if (!strcmp(outcome, "not_sent") && dice_mille(&w->dice, 200))
		json_set_int(plan, "retry_after_s", dice_long(&w->dice, 1, 7200));
	world_later(w, json_int(plan, "answers_ms", 1), say_result, json_incref(plan), 0);
}

static void take_submit(struct world *w, struct driver *d, struct process *p, json_t *submit)
{
	struct dice *dice = &w->dice;
	const struct odds *o = &w->odds;
	int at = w->quiet ? 999 : dice_below(dice, 1000);
	int64_t wire_ms = d->modem ? dice_long(dice, 200, 20000) : dice_long(dice, 5, 15000);
	OWN(json)
	json_t *plan = json_pack("{s:O,s:s,s:I,s:s,s:I,s:b,s:b}", "submit", submit, "attempt", json_str(submit, "attempt", ""), "process",
				 (json_int_t)p->serial, "outcome", "accepted", "answers_ms",
				 (json_int_t)dice_long(dice, 1, d->modem ? 10000 : 20000), "under_way", dice_mille(dice, 500), "again",
				 !w->quiet && dice_mille(dice, o->twice));
	if (at < o->refused) {
		without_wire(w, plan, "refused");
		return;
	}
	if ((at -= o->refused) < o->not_sent) {
		without_wire(w, plan, "not_sent");
		return;
	}
	if ((at -= o->not_sent) < o->unclear) {
		json_set_str(plan, "outcome", "unclear");
		if (dice_mille(dice, 500)) {
			world_later(w, json_int(plan, "answers_ms", 1), say_result, json_incref(plan), 0);
			return;
		}
	} else if ((at -= o->unclear) < o->silent) {
		json_object_set_new(plan, "silent", json_true());
	}
	world_later(w, wire_ms, reach_wire, json_incref(plan), d->channel);
	if (w->quiet)
		return;
	if (d->modem && json_int(submit, "parts", 1) > 1 && dice_mille(dice, 400))
		villager_cuts_in(w, d->channel, wire_ms);
	if (dice_mille(dice, o->driver_end))
		world_later(w, dice_between(dice, 0, wire_ms * 2), crash, NULL, p->serial);
	if (dice_mille(dice, o->driver_hang))
		world_later(w, dice_between(dice, 0, wire_ms * 2), hang, NULL, p->serial);
}

/* ---- receiving ---- */

static void say_kept(struct world *w, json_t *unused, int64_t channel)
{
	(void)unused;
	struct driver *d = &w->drivers[channel];
	struct process *p = process_of_kind(w, PEER_DRIVER, (int)channel);
	size_t i;
	json_t *frame;
	json_array_foreach (d->kept, i, frame)
		if (p && i < 20)
			process_say(w, p, json_incref(frame));
	if (json_array_size(d->kept))
		world_later(w, AGAIN_MS, say_kept, NULL, channel);
}

void driver_keep(struct world *w, struct driver *d, json_t *frame)
{
	json_array_append_new(d->kept, frame);
	struct process *p = process_of_kind(w, PEER_DRIVER, d->channel);
	if (p && !p->hung)
		process_say(w, p, json_incref(frame));
	if (json_array_size(d->kept) == 1)
		world_later(w, AGAIN_MS, say_kept, NULL, d->channel);
}

static void delete_kept(struct driver *d, const char *id)
{
	for (size_t i = 0; i < json_array_size(d->kept); i++)
		if (!strcmp(json_str(json_array_get(d->kept, i), "id", ""), id)) {
			json_array_remove(d->kept, i);
			return;
		}
}

/* ---- its turn ---- */

static void say_ready(struct world *w, json_t *unused, int64_t serial)
{
	(void)unused;
	struct process *p = process_find(w, serial);
	if (!p || p->dead || p->hung)
		return;
	struct driver *d = &w->drivers[p->channel];
	process_say(w, p,
		    json_pack("{s:s,s:i,s:b,s:b,s:b,s:b,s:b}", "op", "ready", "credit", d->credit, "whole", !d->modem, "idempotent",
			      d->idempotent, "receipts", 1, "inbound", 1, "ussd", 0));
	size_t i;
	json_t *frame;
	json_array_foreach (d->kept, i, frame)
		process_say(w, p, json_incref(frame));
}

static void end_ordered(struct world *w, json_t *unused, int64_t serial)
{
	(void)unused;
	struct process *p = process_find(w, serial);
	if (p)
		process_end(w, p, "told to stop");
}

static void hear(struct world *w, struct driver *d, struct process *p, json_t *f)
{
	const char *op = json_str(f, "op", "");
	if (!strcmp(op, "hello"))
		world_later(w, dice_long(&w->dice, 1, 4000), say_ready, NULL, p->serial);
	else if (!strcmp(op, "submit"))
		take_submit(w, d, p, f);
	else if (!strcmp(op, "ping"))
		process_say(w, p, json_pack("{s:s,s:I}", "op", "pong", "n", (json_int_t)json_int(f, "n", 0)));
	else if (!strcmp(op, "stored") || !strcmp(op, "skip"))
		delete_kept(d, json_str(f, "id", ""));
	else if (!strcmp(op, "stop"))
		world_later(w, dice_long(&w->dice, 1, 8000), end_ordered, NULL, p->serial);
	if (!w->quiet && dice_mille(&w->dice, w->odds.garbage))
		process_say_bytes(w, p, dice_mille(&w->dice, 500) ? "+CMGS: 7\r\n" : "{\"op\":\"result\",\"attempt\":\"x\"}\n");
}

void driver_act(struct world *w, struct process *p)
{
	struct driver *d = &w->drivers[p->channel];
	for (int n = p->slow ? 1 : 64; n > 0; n--) {
		OWN(json) json_t *f = process_hear(p);
		if (!f)
			return;
		hear(w, d, p, f);
	}
}
