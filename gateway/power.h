/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last rung before a person: the command that switches a modem's power off and on, as the operator wrote it down. Opt-in,
 * started by the core (a driver starts nothing) without a shell, one at a time for a channel, killed after a minute, and more and
 * more seldom while it does not help. */
#ifndef CAUNOI_GATEWAY_POWER_H
#define CAUNOI_GATEWAY_POWER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct channel;
struct core;

/* What a channel remembers of it. */
struct power {
	pid_t pid; /* of the command that runs, 0 = none */
	int64_t started_mono_ms, pause_ms;
};

/* The driver has tried everything else; after the commit. Does nothing where no command is configured or the last one was lately. */
void power_wanted(struct core *core, int64_t channel, int64_t unused);
/* The loop reaped pid; false: it was no command of these. */
bool power_reaped(struct core *core, pid_t pid, int status);
/* After each tick: kills what takes too long. */
void power_tend(struct core *core);

#endif
