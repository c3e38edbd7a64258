/* SPDX-License-Identifier: GPL-3.0-or-later */
/* People at the command line and their impatience: every command has a key, is repeated until it is answered, and sometimes pressed twice. */
#ifndef CAUNOI_SIMULATION_STAFF_H
#define CAUNOI_SIMULATION_STAFF_H

#include <jansson.h>
#include <stdint.h>

struct world;
struct process;

#define STAFF_CAMPAIGNS 512

struct staff {
	int64_t client; /* serial of the connection, 0 = none */
	int64_t n_keys, n_singles, n_campaigns;
	json_t *waiting;		       /* id → {verb, args, key, …}: not answered yet */
	int64_t campaign_ids[STAFF_CAMPAIGNS]; /* by the number in the text; 0 = not known yet */
	int64_t n_groups;
};

void staff_init(struct world *w);
void staff_done(struct staff *s);
/* One wish, or none. */
void staff_act(struct world *w);
/* The wall clock is about to be set. */
void staff_before_jump(struct world *w);
/* No channel stays paused. */
void staff_resume_channels(struct world *w);
/* The core let an answer out, whether it arrives or not. */
void staff_answered(struct world *w, const json_t *reply);
/* Their client's turn: answers, and what is repeated. */
void staff_hear(struct world *w, struct process *p);

#endif
