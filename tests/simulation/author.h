/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who writes campaigns, has them approved, starts and regrets them. */
#ifndef CAUNOI_SIMULATION_AUTHOR_H
#define CAUNOI_SIMULATION_AUTHOR_H

#include <stdint.h>

struct world;

#define AUTHOR_CAMPAIGNS 512
#define AUTHOR_GROUPS 5

struct author {
	int64_t n_campaigns;
	int64_t campaign_ids[AUTHOR_CAMPAIGNS]; /* by the number in the text; 0 = not known yet */
};

void author_new(struct world *w);
void author_step(struct world *w);
/* From draft to started in one go. */
void author_hurry(struct world *w);
/* Campaign n is started. */
void author_start(struct world *w, int64_t n);
/* The number in the text of the campaign of this id; 0: none that is known. */
int64_t author_number(const struct world *w, int64_t id);

#endif
