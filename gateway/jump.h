/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The wall clock was set while the gateway ran. Seen by comparing it with monotonic time from tick to tick: pauses of retries keep
 * their length, what waits for an hour is asked again, and nothing expires or is woken by a time that has not held ten minutes. Other quiet
 * hours, or another limit a day, in a configuration read anew move no clock: what waits for the old ones is asked again too. */
#ifndef CAUNOI_GATEWAY_JUMP_H
#define CAUNOI_GATEWAY_JUMP_H

#include <stdbool.h>

#include "gateway/tick.h"

struct sql_module;

/* First thing in a tick. */
MUST_CHECK int jump_check(struct tick *t);
/* Has the clock gone forward less than ten minutes ago? */
bool jump_in_doubt(const struct tick *t);

extern const struct sql_module jump_module;

#endif
