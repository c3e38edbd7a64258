/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a program gives up for good that talks to the outside and may be talked into something: files other than a few,
 * programs, sockets, other processes, privileges, most of the memory. seccomp and Landlock; Linux. */
#ifndef CAUNOI_DRIVERS_GAMMU_CONFINE_H
#define CAUNOI_DRIVERS_GAMMU_CONFINE_H

#include <stddef.h>

#include "gateway/base/err.h"

struct confine {
	const char *const *paths; /* files that may still be opened for reading and writing; absent ones are left out */
	size_t n_paths;
	size_t memory_bytes; /* for data and stacks; 0 = no limit */
};

/* Irrevocable; before other threads are started. What is open stays open. E_UNAVAILABLE: this kernel has no seccomp, or
 * no Landlock; whatever it has is in force. */
MUST_CHECK int confine_enter(const struct confine *c);

#endif
