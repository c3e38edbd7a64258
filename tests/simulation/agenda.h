/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What will happen in the world and when: events in order of simulated monotonic time, and of their putting where times are equal.
 * Out of memory ends the program, as everywhere in the world outside the core. */
#ifndef CAUNOI_SIMULATION_AGENDA_H
#define CAUNOI_SIMULATION_AGENDA_H

#include <jansson.h>
#include <stdint.h>

struct world;
/* data is borrowed while it runs. */
typedef void (*agenda_fn)(struct world *w, json_t *data, int64_t n);

struct agenda {
	struct event *heap;
	size_t n, room;
	uint64_t order;
};

void agenda_done(struct agenda *a);
/* Takes data (may be NULL). */
void agenda_put(struct agenda *a, int64_t at_mono_ms, agenda_fn fn, json_t *data, int64_t n);
/* INT64_MAX when nothing is planned. */
int64_t agenda_next_mono_ms(const struct agenda *a);
/* Runs everything due; what is put meanwhile and due runs too. */
void agenda_run(struct agenda *a, struct world *w, int64_t mono_ms);

#endif
