/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a receiver hears and answers. Called by oracle.c for what is let out and by world.c for the program's turn. */
#include "tests/simulation/receiver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/simulation/inside.h"

void receiver_init(struct world *w)
{
	static const int fails[] = { 0, 20, 20, 300 };
	w->receiver = (struct receiver){ .names = json_object(), .last = json_object(), .told = json_object(),
					 .fails = fails[dice_below(&w->dice, (int)COUNT_OF(fails))] };
	SIM_CHECK(w->receiver.names && w->receiver.last && w->receiver.told);
}

void receiver_done(struct receiver *r)
{
	json_decref(r->names);
	json_decref(r->last);
	json_decref(r->told);
}

/* ---- what was let out ---- */

/* "message:12:sent" of a body; thing: "message:12" alone. */
static void about(const json_t *body, char thing[64], char all[96])
{
	const json_t *data = json_object_get(body, "data");
	const char *type = json_str(body, "type", ""); /* "message.sent", "inbound" */
	snprintf(thing, 64, "%.*s:%lld", (int)strcspn(type, "."), type, (long long)json_int(data, "id", 0));
	snprintf(all, 96, "%s:%.20s", thing, json_str(data, "state", ""));
}

static void hold_discretion(struct world *w, const char *event, const char *body)
{
	for (int i = 0; i < VILLAGERS; i++)
		if (strstr(body, w->village.numbers[i] + 3))
			world_break(w, "events carry no numbers", "event %s holds %s", event, w->village.numbers[i]);
}

static void hold_order(struct world *w, const char *event, const char *thing)
{
	int64_t id = strtoll(event, NULL, 10), last = json_int(w->receiver.last, thing, 0);
	if (id < last)
		world_break(w, "events of one thing come in order", "%s: event %s comes behind %lld", thing, event, (long long)last);
	json_set_int(w->receiver.last, thing, id);
}

static void hold_name(struct world *w, const char *event, const char *name, const char *what)
{
	const json_t *was = json_object_get(w->receiver.names, event);
	if (!was)
		json_object_set_new(w->receiver.names, event, json_pack("{s:s,s:s}", "name", name, "about", what));
	else if (strcmp(json_str(was, "name", ""), name) || strcmp(json_str(was, "about", ""), what))
		world_break(w, "an event stays what it is", "event %s was %s (%s) and is %s (%s)", event, json_str(was, "name", ""),
			    json_str(was, "about", ""), name, what);
}

void receiver_given(struct world *w, const json_t *frame)
{
	const char *event = json_str(frame, "id", ""), *text = json_str(frame, "body", "");
	char thing[64], all[96];
	OWN(json) json_t *body = NULL;
	if (json_parse(text, strlen(text), &body)) {
		world_break(w, "frames are frames", "the body of event %s is no JSON", event);
		return;
	}
	about(body, thing, all);
	/* one that was let out late by a commit of unknown outcome may have been heard before, and be gone since */
	if (!rows_event_stored(w, strtoll(event, NULL, 10)) && !json_object_get(w->receiver.told, all))
		world_break(w, "nothing leaves before its commit", "event %s was given out, it is not on disk", event);
	hold_discretion(w, event, text);
	hold_order(w, event, thing);
	hold_name(w, event, json_str(frame, "name", ""), all);
}

/* ---- what is heard ---- */

static void answer(struct world *w, json_t *told, int64_t serial)
{
	struct process *p = process_find(w, serial);
	if (p && !p->dead && !p->hung)
		process_say(w, p, json_incref(told));
}

static bool is_down(struct world *w)
{
	struct receiver *r = &w->receiver;
	if (w->quiet)
		return false;
	if (r->fails && dice_mille(&w->dice, 2))
		r->down_until_mono_ms = world_mono_ms(w) + dice_long(&w->dice, 1000, 7200000);
	return world_mono_ms(w) < r->down_until_mono_ms || dice_mille(&w->dice, r->fails);
}

/* The last of its answers may be lost on the way: then it has heard and nobody knows. */
static void hear(struct world *w, struct process *p, const json_t *frame)
{
	const char *event = json_str(frame, "id", "");
	bool fails = is_down(w);
	if (!fails)
		json_object_set_new(w->receiver.told, json_str(json_object_get(w->receiver.names, event), "about", ""), json_true());
	if (!w->quiet && dice_mille(&w->dice, w->odds.silent))
		return;
	json_t *told = json_pack("{s:s,s:s,s:b}", "op", "told", "id", event, "ok", !fails);
	if (fails)
		json_set_str(told, "detail", "HTTP 503");
	world_later(w, dice_long(&w->dice, 20, 9000), answer, told, p->serial);
}

void receiver_act(struct world *w, struct process *p)
{
	for (json_t *f; (f = process_hear(p)); json_decref(f)) {
		const char *op = json_str(f, "op", "");
		if (!strcmp(op, "hello"))
			process_say(w, p, json_pack("{s:s,s:i}", "op", "ready", "version", 1));
		else if (!strcmp(op, "event"))
			hear(w, p, f);
		else if (!strcmp(op, "ping"))
			process_say(w, p, json_pack("{s:s,s:I}", "op", "pong", "n", (json_int_t)json_int(f, "n", 0)));
	}
	if (!w->quiet && dice_mille(&w->dice, w->odds.driver_end / 4))
		process_end(w, p, "a crash of its own");
}

bool receiver_was_told(const struct world *w, const char *kind, int64_t object, const char *state)
{
	char at[96];
	snprintf(at, sizeof(at), "%.20s:%lld:%.20s", kind, (long long)object, state);
	return json_object_get(w->receiver.told, at) != NULL;
}
