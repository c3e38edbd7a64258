/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A machine outside that is told what happens, behind the program that tells it: it fails, is silent, comes back. Remembers what it was
 * told and holds the laws of events: each at least once, those of one thing in order, never the words or the number of anybody. */
#ifndef CAUNOI_SIMULATION_RECEIVER_H
#define CAUNOI_SIMULATION_RECEIVER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct world;
struct process;

#define RECEIVER_NAME "mot-cua"
#define RECEIVER_SECRET "sim-ky-su-kien-7c19"

struct receiver {
	json_t *names; /* event → {"name", "about"}: as it was first given out */
	json_t *last;  /* "message:12" → the newest event of it that was given out */
	json_t *told;  /* "message:12:sent" → true: it has heard so */
	int fails;     /* in 1,000 events */
	int64_t down_until_mono_ms;
};

void receiver_init(struct world *w);
void receiver_done(struct receiver *r);
/* The core let an event out, right after its tick. */
void receiver_given(struct world *w, const json_t *frame);
/* The program's turn. */
void receiver_act(struct world *w, struct process *p);
bool receiver_was_told(const struct world *w, const char *kind, int64_t object, const char *state);

#endif
