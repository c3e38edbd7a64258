/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is seldom asked of an office: a case written down for somebody who sent none, a message sent once more, a person forgotten. */
#ifndef CAUNOI_SIMULATION_CLERK_H
#define CAUNOI_SIMULATION_CLERK_H

#include <jansson.h>

struct world;

void clerk_act(struct world *w);
/* The core let the answer to a wish out. */
void clerk_answered(struct world *w, const json_t *wish, const json_t *reply);
/* Who was forgotten stays so, whatever was restored. */
void clerk_hold(struct world *w);

#endif
