/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Processes and their sockets. Called by the core through its operations, by world.c around each tick, by whoever plays a program. */
#include "tests/simulation/process.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/supervisor.h"
#include "tests/simulation/inside.h"

#define SOCKET_BYTES 65536

const char *process_name(const struct world *w, const struct process *p)
{
	switch (p->kind) {
	case PEER_DRIVER: return w->drivers[p->channel].name;
	case PEER_WEB: return "web";
	case PEER_QUERY: return "query";
	case PEER_CLIENT: return "staff";
	case PEER_WEBHOOK: return "webhook";
	}
	return "?";
}

static struct process *add(struct world *w, struct peer *peer)
{
	struct process *p = calloc(1, sizeof(*p)), **end = &w->processes;
	SIM_CHECK(p);
	*p = (struct process){ .serial = ++w->n_serial, .peer = peer->id, .kind = peer->kind, .channel = peer->channel };
	while (*end)
		end = &(*end)->next;
	*end = p;
	return p;
}

static int start(void *loop, struct peer *peer, const char *program, char *const argv[], pid_t *ret_pid)
{
	struct world *w = loop;
	(void)program;
	if (!w->quiet && dice_mille(&w->dice, w->odds.driver_end))
		return E_UNAVAILABLE; /* fork failed */
	struct process *p = add(w, peer);
	p->pid = (pid_t)(1000 + ++w->n_pid);
	p->slow = dice_mille(&w->dice, w->odds.slow);
	for (int i = 0; argv[i]; i++)
		p->check |= !strcmp(argv[i], "--check");
	*ret_pid = p->pid;
	return 0;
}

static void kill_pid(void *loop, pid_t pid, int sig)
{
	struct world *w = loop;
	(void)sig;
	for (struct process *p = w->processes; p; p = p->next)
		if (p->pid == pid && pid)
			process_end(w, p, "killed");
}

const struct core_ops process_ops = { .start = start, .kill = kill_pid };

struct process *process_connect(struct world *w)
{
	struct peer *peer = core_peer_add(w->node.core, PEER_CLIENT);
	SIM_CHECK(peer);
	peer->uid = 0;
	return add(w, peer);
}

struct process *process_find(struct world *w, int64_t serial)
{
	struct process *p = w->processes;
	while (p && p->serial != serial)
		p = p->next;
	return p;
}

struct process *process_of_kind(struct world *w, enum peer_kind kind, int channel)
{
	for (struct process *p = w->processes; p; p = p->next)
		if (p->kind == kind && p->channel == channel && !p->dead)
			return p;
	return NULL;
}

void process_say_bytes(struct world *w, struct process *p, const char *bytes)
{
	size_t n = strlen(bytes);
	if (p->dead)
		return;
	w->figures.frames++;
	journal_note(&w->journal, w->figures.steps, w->clock.sim_now_ms, process_name(w, p), '>', bytes,
		     n && bytes[n - 1] == '\n' ? n - 1 : n);
	SIM_CHECK(!buffer_put(&p->out, bytes, n));
}

void process_say(struct world *w, struct process *p, json_t *frame)
{
	OWN(json) json_t *f = frame;
	OWN(buffer) struct buffer line = { 0 };
	SIM_CHECK(f && !json_put_line(&line, f));
	process_say_bytes(w, p, line.data);
}

json_t *process_hear(struct process *p)
{
	size_t left = buffer_left(&p->in);
	const char *text = buffer_text(&p->in), *end = left ? memchr(text, '\n', left) : NULL;
	json_t *frame = NULL;
	if (!end || p->dead || p->hung)
		return NULL;
	SIM_CHECK(!json_parse(text, (size_t)(end - text), &frame));
	buffer_take(&p->in, (size_t)(end - text) + 1);
	return frame;
}

void process_end(struct world *w, struct process *p, const char *why)
{
	if (p->dead)
		return;
	p->dead = true;
	world_note(w, "%s ends: %s", process_name(w, p), why);
	if (p->kind == PEER_DRIVER)
		driver_ended(w, &w->drivers[p->channel], p);
}

/* ---- the loop's part ---- */

void processes_read(struct world *w)
{
	for (struct process *p = w->processes; p; p = p->next) {
		struct peer *peer = core_peer_find(w->node.core, p->peer);
		size_t n = buffer_left(&p->out);
		if (!peer || !n)
			continue;
		if (dice_mille(&w->dice, w->odds.fragment))
			n = (size_t)dice_between(&w->dice, 1, (int64_t)n);
		if (peer_input(peer, buffer_text(&p->out), n))
			peer_doom(peer, "a frame over the limit");
		buffer_take(&p->out, n);
	}
}

static void look(struct world *w, struct process *p, const char *text, size_t n)
{
	journal_note(&w->journal, w->figures.steps, w->clock.sim_now_ms, process_name(w, p), '<', text, n);
	w->figures.frames++;
	OWN(json) json_t *frame = NULL;
	if (json_parse(text, n, &frame)) {
		world_break(w, "frames are frames", "%.*s", (int)(n > 200 ? 200 : n), text);
		return;
	}
	bool its_own = p->kind == PEER_WEBHOOK && !strcmp(json_str(frame, "op", ""), "hello");
	if (!its_own && memmem(text, n, RECEIVER_SECRET, strlen(RECEIVER_SECRET)))
		world_break(w, "a secret is its program's alone", "it goes to %s", process_name(w, p));
	oracle_look(w, p, frame);
}

void processes_look(struct world *w)
{
	for (struct process *p = w->processes; p; p = p->next) {
		struct peer *peer = core_peer_find(w->node.core, p->peer);
		if (!peer || peer->put_bytes == p->seen)
			continue;
		size_t fresh = (size_t)(peer->put_bytes - p->seen);
		const char *text = buffer_text(&peer->out) + buffer_left(&peer->out) - fresh;
		p->seen = peer->put_bytes;
		for (const char *end; fresh && (end = memchr(text, '\n', fresh)); text = end + 1) {
			look(w, p, text, (size_t)(end - text));
			fresh -= (size_t)(end - text) + 1;
		}
	}
}

/* all: the sockets take everything; otherwise sometimes a part of it. */
void processes_write(struct world *w, bool all)
{
	for (struct process *p = w->processes; p; p = p->next) {
		struct peer *peer = core_peer_find(w->node.core, p->peer);
		size_t n = peer ? buffer_left(&peer->out) : 0, held = buffer_left(&p->in);
		size_t room = held < SOCKET_BYTES ? SOCKET_BYTES - held : 0;
		if (!n || p->dead)
			continue;
		if (!all && dice_mille(&w->dice, w->odds.fragment))
			n = (size_t)dice_between(&w->dice, 0, (int64_t)n);
		n = n < room ? n : room;
		if (!n)
			continue;
		SIM_CHECK(!buffer_put(&p->in, buffer_text(&peer->out), n));
		peer_written(peer, n);
	}
}

static bool over(const struct process *p, struct peer *peer)
{
	bool read_out = !peer || (!buffer_left(&p->out) && !peer_has_line(peer));
	return !peer || peer->doomed || (p->dead && read_out) || (peer->closing && !buffer_left(&peer->out));
}

void processes_bury(struct world *w)
{
	for (struct process **at = &w->processes, *p; (p = *at);) {
		struct peer *peer = core_peer_find(w->node.core, p->peer);
		if (peer && over(p, peer)) {
			if (peer->doomed)
				world_note(w, "%s dropped: %s", process_name(w, p), peer->why);
			core_peer_gone(w->node.core, peer);
			peer = NULL;
		}
		if (!peer && !p->dead && (p->kind == PEER_CLIENT || p->kind == PEER_WEB))
			process_end(w, p, "its connection ended"); /* drivers and queries that hang are killed by the supervisor */
		if (peer || !p->dead) {
			at = &p->next;
			continue;
		}
		if (p->pid)
			supervisor_reaped(w->node.core->supervisor, w->node.core, p->pid, 9);
		*at = p->next;
		buffer_done(&p->in);
		buffer_done(&p->out);
		free(p);
	}
}

void processes_end_all(struct world *w)
{
	while (w->processes) {
		struct process *p = w->processes;
		process_end(w, p, "the core is gone");
		w->processes = p->next;
		buffer_done(&p->in);
		buffer_done(&p->out);
		free(p);
	}
}
