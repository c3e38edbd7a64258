/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The web process as the core sees it: what providers call, repeated until it is answered, then sometimes once more. */
#ifndef CAUNOI_SIMULATION_HOOK_H
#define CAUNOI_SIMULATION_HOOK_H

#include <jansson.h>
#include <stdint.h>

struct world;
struct process;

struct hook {
	json_t *waiting; /* id → {"channel", "items"} */
	int64_t n;
};

void hook_init(struct world *w);
void hook_done(struct hook *h);
/* A provider calls; takes item ({"kind":"receipt","receipt":{…}}). */
void hook_call(struct world *w, int channel, json_t *item);
/* The core let an answer out, whether it arrives or not. */
void hook_answered(struct world *w, const json_t *reply);
void hook_hear(struct world *w, struct process *p);

#endif
