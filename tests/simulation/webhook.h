/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The web process as the core sees it: what providers call, repeated until it is answered, then sometimes once more. */
#ifndef CAUNOI_SIMULATION_WEBHOOK_H
#define CAUNOI_SIMULATION_WEBHOOK_H

#include <jansson.h>
#include <stdint.h>

struct world;
struct process;

struct webhook {
	json_t *waiting; /* id → {"channel", "items"} */
	int64_t n;
};

void webhook_init(struct world *w);
void webhook_done(struct webhook *h);
/* A provider calls; takes item ({"kind":"receipt","receipt":{…}}). */
void webhook_call(struct world *w, int channel, json_t *item);
/* The core let an answer out, whether it arrives or not. */
void webhook_answered(struct world *w, const json_t *reply);
void webhook_hear(struct world *w, struct process *p);

#endif
