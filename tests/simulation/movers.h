/* SPDX-License-Identifier: GPL-3.0-or-later */
/* People who move while a campaign to an area is approved and planned. Called by laws.c and staff.c. */
#ifndef CAUNOI_SIMULATION_MOVERS_H
#define CAUNOI_SIMULATION_MOVERS_H

#include <jansson.h>
#include <stdint.h>

struct world;

struct movers {
	json_t *moved; /* person → the number of their last move, when last looked */
	int64_t last;  /* the newest message then */
};

void movers_init(struct world *w);
void movers_done(struct movers *m);
/* Who moved in behind an approval is not part of what was approved: asked of messages that came since it was last held, of people who had
 * moved before then. */
void movers_hold(struct world *w);
/* The core let the answer to a wish out: behind the approval of an emergency somebody moves in, and behind that it is started. */
void movers_answered(struct world *w, const json_t *wish, const json_t *reply);

#endif
