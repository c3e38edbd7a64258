/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drivers that were lost: what they had open is decided in the next tick, before any frame of a new driver. */
#ifndef CAUNOI_GATEWAY_LOST_H
#define CAUNOI_GATEWAY_LOST_H

#include "gateway/tick.h"

struct peer;
struct core;

/* The driver's connection is gone: notes what of its output never began to leave. */
void lost_note(struct core *core, struct peer *p);
/* Decides the attempts of drivers lost since the last tick. */
MUST_CHECK int lost_decide(struct tick *t);
void lost_free(struct core *core);

#endif
