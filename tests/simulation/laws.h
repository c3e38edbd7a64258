/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must hold in the database, seen through a second connection: only what is committed. */
#ifndef CAUNOI_SIMULATION_LAWS_H
#define CAUNOI_SIMULATION_LAWS_H

#include <stdint.h>

struct world;
struct laws;

void laws_open(struct world *w);
void laws_close(struct world *w);
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
