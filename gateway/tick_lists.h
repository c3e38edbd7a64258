/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lists of a tick: written out after its commit, forgotten when it is rolled back. Only core.c and what stands beside it call this. */
#ifndef CAUNOI_GATEWAY_TICK_LISTS_H
#define CAUNOI_GATEWAY_TICK_LISTS_H

#include "gateway/core.h"

extern const struct sql_module tick_lists_module;

void tick_lists_clear(struct tick_lists *l);
void tick_lists_done(struct tick_lists *l);
/* The flows' counts, before the commit. As store_run. */
MUST_CHECK int tick_lists_write(struct core *core);
/* Frames leave for the peers' outputs: behind the commit only. */
void tick_lists_flush(struct core *core);

#endif
