/* SPDX-License-Identifier: GPL-3.0-or-later */
/* People with telephones: they hear what reaches them and answer, ask, complain, stop and go on. */
#ifndef CAUNOI_SIMULATION_VILLAGER_H
#define CAUNOI_SIMULATION_VILLAGER_H

#include <jansson.h>
#include <stdint.h>

struct world;

#define VILLAGERS 24

struct village {
	char numbers[VILLAGERS][16];
	int64_t n_said;
};

void village_init(struct world *w);
/* Somebody says something unasked. */
void villager_speak(struct world *w);
/* Somebody says something by this channel soon. */
void villager_cuts_in(struct world *w, int channel, int64_t within_ms);
/* A whole message reached number. */
void villager_hears(struct world *w, const char *number, const char *text);

#endif
