/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands that stand in each other's way: one text for two actions that may hold at once, one text twice, and words that are
 * something else without their accents. Asked once by keywords.c when the files are read. Pure. */
#ifndef CAUNOI_HANDLERS_COLLISION_H
#define CAUNOI_HANDLERS_COLLISION_H

#include "handlers/keywords.h"

/* Entry phrase of the action (a list, or LIST_COUNT and a topic's index), and what is wrong with it. */
struct collision {
	int action;
	size_t phrase;
	char text[320];
};

/* 1 with *ret filled, 0 none, E_NOMEM. */
MUST_CHECK int collision_find(const struct keywords *k, struct collision *ret);

#endif
