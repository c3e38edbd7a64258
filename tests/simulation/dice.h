/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The world's own chance. Everything outside the core draws here, so that the core's draws stay the same when the world grows. */
#ifndef CAUNOI_SIMULATION_DICE_H
#define CAUNOI_SIMULATION_DICE_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
	uint64_t state;
};

struct dice dice_of(uint64_t seed);
uint64_t dice_draw(struct dice *d);
/* Uniform in [0, below). */
int dice_below(struct dice *d, int below);
/* Uniform in [from, to]. */
int64_t dice_between(struct dice *d, int64_t from, int64_t to);
/* True in n of 1,000 cases. */
bool dice_mille(struct dice *d, int n);
/* Mostly near from, sometimes as far as to: each doubling of the distance is as likely as the next. */
int64_t dice_long(struct dice *d, int64_t from, int64_t to);

#endif
