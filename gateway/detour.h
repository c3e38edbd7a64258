/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which channel before which, and what leaves a channel that fails: its history of attempts stays one. A prefix is a hint of the
 * operator; what a provider or network says of a number goes before it from then on. */
#ifndef CAUNOI_GATEWAY_DETOUR_H
#define CAUNOI_GATEWAY_DETOUR_H

#include <stdint.h>

#include "gateway/tick.h"

#define DETOUR_PLACES 64 /* as many as there are channels at most */

struct core;
struct sql_module;

/* Places of the core's channels in the order in which they are offered messages: healthy before failing, cheaper before dearer (a price
 * that is not known counts as none), those for certain operators before those for any, then as configured. */
void detour_order(const struct core *core, int ret[DETOUR_PLACES]);
/* Answers that had better leave by a channel that is not there leave by another. */
int detour_drain_duty(struct tick *t, int64_t *ret_due_at);
/* The operator of a number as somebody who knows says it; names that the numbering plan does not have are ignored. */
MUST_CHECK int detour_learn(struct tick *t, int64_t address, const char *network);

extern const struct sql_module detour_module;

#endif
