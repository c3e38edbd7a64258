/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must hold in the database, seen through a second connection: only what is committed. */
#ifndef CAUNOI_SIMULATION_LAWS_H
#define CAUNOI_SIMULATION_LAWS_H

#include <stdbool.h>
#include <stdint.h>

struct world;
struct laws;

void laws_open(struct world *w);
void laws_close(struct world *w);
/* How many cases there are: their ids are those numbers. */
int64_t laws_cases(struct world *w);
/* The wall clock of the last tick that is on disk. */
int64_t laws_last_tick_at(struct world *w);
/* Is it on disk? */
bool laws_attempt_handed(struct world *w, int64_t attempt);
/* Was it handed on the disk longer ago than a tick may take? What was asked then (night, stops, validity) may have changed. */
bool laws_attempt_stale(struct world *w, int64_t attempt);
/* Is it a further part of a long message, before which an answer to somebody should have gone? */
bool laws_overtakes(struct world *w, int64_t attempt);
bool laws_event_stored(struct world *w, int64_t event);
bool laws_inbound_stored(struct world *w, const char *channel, const char *id);
/* Was another attempt of its message accepted, or is it in doubt? */
bool laws_begun(struct world *w, int64_t attempt);
bool laws_command_kept(struct world *w, const char *verb, const char *key);
/* After a start: the laws that a crash might break. */
void laws_check(struct world *w);
/* States, and what must happen in time, where the clock was not set for as long and nothing struck the core. */
void laws_check_often(struct world *w, int64_t clock_held_ms, int64_t untroubled_ms);
/* Everything, the file's pages and hashes too. */
void laws_check_all(struct world *w);
/* Nothing may wait any more. */
void laws_check_settled(struct world *w);
/* Attempts handed and without outcome, before recovery decides them. */
void laws_check_window(struct world *w);

#endif
