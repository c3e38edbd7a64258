/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Three drivers: a modem (one at a time, part by part), an HTTP API without keys (8 at a time), one with keys (many). Reads the core's
 * frames as its program would and answers late, twice, wrongly or not at all. What a SIM keeps outlives the program. */
#ifndef CAUNOI_SIMULATION_DRIVER_H
#define CAUNOI_SIMULATION_DRIVER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct world;
struct process;

struct driver {
	const char *name;
	int channel, credit;
	bool modem, idempotent;
	json_t *open; /* attempt → frame: given and not answered, of the living program */
	json_t *kept; /* inbound messages and reports on the SIM that the core has not stored, in order */
};

void driver_init(struct world *w, int channel);
void driver_done(struct driver *d);
/* The program's turn: reads what the core wrote. */
void driver_act(struct world *w, struct process *p);
void driver_ended(struct world *w, struct driver *d, struct process *p);
/* A message or a report comes to the SIM; takes frame. */
void driver_keep(struct world *w, struct driver *d, json_t *frame);

#endif
