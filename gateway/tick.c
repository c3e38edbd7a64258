/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lists of one tick: frames that wait for the commit, memory changes that follow it, counters of flows, questions to
 * peers. Called by every handler; decides nothing. */
#include "gateway/tick.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/mutant.h"
#include "gateway/core.h"

static uint64_t spread(uint64_t thing)
{
	thing = (thing ^ thing >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	thing = (thing ^ thing >> 27) * UINT64_C(0x94d049bb133111eb);
	return thing >> 47;
}

void tick_touch(struct tick *t, uint64_t thing)
{
	uint64_t bit = spread(thing);
	t->touched[bit / 64] |= UINT64_C(1) << bit % 64;
}

bool tick_touched(const struct tick *t, uint64_t thing)
{
	uint64_t bit = spread(thing);
	return t->touched[bit / 64] >> bit % 64 & 1;
}

uint64_t tick_thing(const char *text)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return h;
}

int64_t tick_seq(struct tick *t)
{
	return ++t->seq;
}

static int grow(void **array, size_t *room, size_t n, size_t item)
{
	if (n < *room)
		return 0;
	size_t more = *room ? *room * 2 : 64;
	void *p = realloc(*array, more * item);
	if (!p)
		return E_NOMEM;
	*array = p;
	*room = more;
	return 0;
}

struct buffer *tick_frame_begin(struct tick *t)
{
	struct tick_lists *l = &t->core->lists;
	l->begun_at = buffer_left(&l->text);
	return &l->text;
}

int tick_frame_end(struct tick *t, int64_t peer, int64_t attempt)
{
	struct tick_lists *l = &t->core->lists;
	int r = grow((void **)&l->out, &l->out_room, l->n_out, sizeof(*l->out));
	if (!r)
		l->out[l->n_out++] = (struct outgoing){ peer, attempt, l->begun_at, buffer_left(&l->text) - l->begun_at };
	return r;
}

int tick_send_peer(struct tick *t, int64_t peer, json_t *frame, int64_t attempt)
{
	OWN(json) json_t *f = frame;
	struct buffer *line = tick_frame_begin(t);
	int r = f ? json_put_line(line, f) : E_NOMEM;
	return r ? r : tick_frame_end(t, peer, attempt);
}

struct channel *tick_channel(struct tick *t, const char *name)
{
	for (int i = 0; i < t->core->n_channels; i++)
		if (!strcmp(t->core->channels[i].config->name, name))
			return &t->core->channels[i];
	return NULL;
}

int tick_send_channel(struct tick *t, const char *channel, json_t *frame)
{
	struct channel *ch = tick_channel(t, channel);
	if (!ch || !ch->peer || !ch->ready) {
		json_decref(frame);
		return E_UNAVAILABLE;
	}
	return tick_send_peer(t, ch->peer, frame, 0);
}

int tick_after(struct tick *t, void (*fn)(struct core *core, int64_t a, int64_t b), int64_t a, int64_t b)
{
	struct tick_lists *l = &t->core->lists;
	int r = grow((void **)&l->after, &l->after_room, l->n_after, sizeof(*l->after));
	if (!r)
		l->after[l->n_after++] = (struct after){ fn, a, b };
	return r;
}

static const char *const noun_names[] = { "campaign", "message", "case", "signup", "inbox", "channel", "contact", "consent", "job", "user", "session", "token", "setting" };

static void note_changed(struct core *core, int64_t bit, int64_t unused)
{
	(void)unused;
	core->changed |= 1u << bit;
}

void tick_changed(struct tick *t, const char *noun)
{
	for (size_t i = 0; i < COUNT_OF(noun_names); i++)
		if (!strcmp(noun, noun_names[i]) && !(t->core->changed & (1u << i)) && tick_after(t, note_changed, (int64_t)i, 0))
			return; /* only a notice: a listener polls anyway */
}

void tick_flow(struct tick *t, int64_t flow, enum message_state from, enum message_state to)
{
	struct tick_lists *l = &t->core->lists;
	size_t i = 0;
	while (i < l->n_flows && l->flows[i].flow != flow)
		i++;
	if (i == l->n_flows) {
		if (grow((void **)&l->flows, &l->flows_room, l->n_flows, sizeof(*l->flows)))
			abort();
		l->flows[l->n_flows++] = (struct flow_delta){ .flow = flow };
	}
	if (to == MESSAGE_FAILED && MUTANT(COUNT_FORGETS_FAILED))
		return;
	if (from != MESSAGE_STATES)
		l->flows[i].by[from]--;
	if (to != MESSAGE_STATES)
		l->flows[i].by[to]++;
}

int64_t tick_flow_pending(struct core *core, int64_t flow, enum message_state s)
{
	for (size_t i = 0; i < core->lists.n_flows; i++)
		if (core->lists.flows[i].flow == flow)
			return core->lists.flows[i].by[s];
	return 0;
}

static int64_t asked_peer(struct tick *t, const char *channel)
{
	if (channel) {
		struct channel *ch = tick_channel(t, channel);
		return ch && ch->ready ? ch->peer : 0;
	}
	for (struct peer *p = t->core->peers; p; p = p->next)
		if (p->kind == PEER_QUERY && !p->doomed)
			return p->id;
	return 0;
}

int tick_ask(struct tick *t, const struct call *c, const char *channel, json_t *frame, int64_t limit_ms, answer_fn on_answer)
{
	struct tick_lists *l = &t->core->lists;
	int64_t peer = asked_peer(t, channel);
	if (!peer) {
		json_decref(frame);
		return E_UNAVAILABLE;
	}
	struct pending p = { .id = ++t->core->last_frame, .asked = peer, .peer = c->peer, .request = c->request, .on_answer = on_answer,
			     .limit_at_mono_ms = t->mono_ms + limit_ms, .verb = c->verb, .role = c->role };
	snprintf(p.actor, sizeof(p.actor), "%s", c->actor);
	snprintf(p.unit, sizeof(p.unit), "%s", c->unit);
	char id[24];
	snprintf(id, sizeof(id), "%lld", (long long)p.id);
	if (!json_object_get(frame, "id") && json_set_str(frame, "id", id)) {
		json_decref(frame);
		return E_NOMEM;
	}
	int r = tick_send_peer(t, peer, frame, 0);
	if (!r)
		r = grow((void **)&l->asked, &l->asked_room, l->n_asked, sizeof(*l->asked));
	if (r)
		return r;
	p.args = json_deep_copy(c->args);
	/* what a driver did must not happen twice; what the query process answers may hold secrets */
	p.key = channel && c->key && c->key[0] && !c->verb->own_key ? strdup(c->key) : NULL;
	l->asked[l->n_asked++] = p;
	return E_AGAIN;
}
