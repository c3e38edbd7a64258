/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SQLite on a simulated disk: the default VFS of a simulator. Files on no disk are refused. Locks and shared memory are those of
 * one machine, so a second connection may look at the database beside the core. Knows nothing of the core. */
#ifndef CAUNOI_TESTS_SIMULATION_VFS_H
#define CAUNOI_TESTS_SIMULATION_VFS_H

#include "gateway/base/clock.h"
#include "gateway/base/err.h"
#include "gateway/base/random.h"
#include "tests/simulation/disk.h"

/* Registers it, before any database is opened in the process; later calls do nothing. E_BROKEN: SQLite did not take it. */
MUST_CHECK int vfs_install(void);
/* From now on SQLite's time, randomness and the faults of its allocations are these; d may be NULL (no faults). Borrowed. */
void vfs_use(const struct clock *clock, struct random *random, struct disk *d);

#endif
