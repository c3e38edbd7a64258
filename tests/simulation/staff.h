/* SPDX-License-Identifier: GPL-3.0-or-later */
/* People at the command line and their impatience: every command has a key, is repeated until it is answered, and sometimes pressed twice. */
#ifndef CAUNOI_SIMULATION_STAFF_H
#define CAUNOI_SIMULATION_STAFF_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct world;
struct process;

struct staff {
	int64_t client; /* serial of the connection, 0 = none */
	int64_t n_keys, n_singles;
	json_t *waiting; /* id → {verb, args, key, …}: not answered yet */
};

void staff_init(struct world *w);
void staff_done(struct staff *s);
/* A wish, repeated until it is answered; takes args and more, which is kept beside it ("session": as whom). subject: it stops or resumes
 * something, see oracle_switch; may be NULL. "key" in more: under that one, which is another person's. */
void staff_wish(struct world *w, const char *verb, json_t *args, const char *subject, bool off, const char *scope, json_t *more);
/* The day so many days from now, as "2026-12-30". */
struct staff_day {
	char text[40];
} staff_day(const struct world *w, int days);
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
