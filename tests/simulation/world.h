/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A world around the real core, inside one process: drivers, providers, villagers, staff, webhooks, a clock and a random source,
 * all from one seed. An oracle beside it knows only what was acknowledged and what reached a wire. Called by the simulator's main
 * and by its test; the same plan gives the same frames, byte for byte. */
#ifndef CAUNOI_SIMULATION_WORLD_H
#define CAUNOI_SIMULATION_WORLD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "gateway/base/err.h"

struct world_plan {
	uint64_t seed;
	int64_t steps;	       /* how many world_step are meant; spreads the quiet periods */
	bool postgresql_rules; /* commits may be unknown, the store goes away, the lease may be lost */
	bool verbose;	       /* every frame to stderr as it happens */
	bool crashes_only;     /* for the figure of crashes a second: a crash every few steps */
};

struct world_figures {
	int64_t steps, ticks, refused_ticks, crashes, stops, jumps, driver_ends;
	int64_t simulated_ms;
	int64_t messages; /* accepted from staff */
	int64_t wire;	  /* parts that reached a network */
	int64_t inbound, opt_outs, campaigns, receipts, frames;
	int64_t quiet_periods, checks, full_checks, unclear;
	uint64_t hash; /* over all frames, both ways: two runs of a plan give the same */
};

/* A law that does not hold: its name, when, and what was seen. */
struct breach {
	char law[64], text[600];
	int64_t step, tick;
};

struct world;

/* E_IO, E_NOMEM when a world cannot be made here. */
MUST_CHECK int world_new(const struct world_plan *plan, struct world **ret);
/* Goes to the next moment at which something happens. 0, or E_REFUSED: a law is broken, see world_breach; the world stands still then. */
MUST_CHECK int world_step(struct world *w);
/* After the last step: no more faults or wishes until everything has settled, then all laws. As world_step. */
MUST_CHECK int world_settle(struct world *w);
void world_free(struct world *w);

const struct world_figures *world_figures(const struct world *w);
/* NULL while every law holds. */
const struct breach *world_breach(const struct world *w);
/* The last frames, oldest first, one a line. */
void world_print_frames(const struct world *w, FILE *out);

#endif
