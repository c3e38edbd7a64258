/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program beside the core without being one: two sockets' worth of bytes, alive or dead. Does for the core what the loop does:
 * starts, kills, reads, writes, reaps. Each way holds what its writer wrote and its reader has not read. */
#ifndef CAUNOI_SIMULATION_PROCESS_H
#define CAUNOI_SIMULATION_PROCESS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "gateway/core.h"

struct world;

struct process {
	pid_t pid; /* 0 = a client, which the core did not start */
	int64_t serial, peer;
	enum peer_kind kind;
	int channel;
	struct buffer in, out; /* from the core; to the core */
	uint64_t seen;	       /* bytes of the peer's output that the oracle has looked at */
	bool dead, hung, slow, check;
	struct process *next;
};

extern const struct core_ops process_ops; /* its loop is the world */

/* A client's connection. */
struct process *process_connect(struct world *w);
struct process *process_find(struct world *w, int64_t serial);			    /* NULL: gone; dead ones are found */
struct process *process_of_kind(struct world *w, enum peer_kind kind, int channel); /* a living one */
const char *process_name(const struct world *w, const struct process *p);
/* Writes a frame; takes it. Nothing when dead. */
void process_say(struct world *w, struct process *p, json_t *frame);
void process_say_bytes(struct world *w, struct process *p, const char *bytes);
/* The next frame from the core, NULL when none is complete. */
json_t *process_hear(struct process *p);
void process_end(struct world *w, struct process *p, const char *why);

/* The loop's part of a step: bytes to the core; what the tick let out to each oracle; bytes from the core; the dead away. */
void processes_read(struct world *w);
void processes_look(struct world *w);
void processes_write(struct world *w, bool all);
void processes_bury(struct world *w);
/* The core is gone: every program dies with it. */
void processes_end_all(struct world *w);

#endif
