/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a driver gives up for good, because it talks to the outside and may be talked into something: files other than a few,
 * programs, processes, doors of its own, privileges, most of the memory; all sockets, or all but calls outwards. seccomp and
 * Landlock; Linux. */
#ifndef CAUNOI_DRIVERS_CONFINE_H
#define CAUNOI_DRIVERS_CONFINE_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/base/err.h"

struct confine {
	const char *const *paths; /* files that may still be opened for reading and writing; absent ones are left out */
	size_t n_paths;
	const char *const *readable; /* files, and folders with all in them, that may still be read; NULL and absent ones are left out */
	size_t n_readable;
	bool calls_out;      /* by IPv4 and IPv6, and what names are resolved with */
	size_t memory_bytes; /* for data and stacks; 0 = no limit */
};

/* Irrevocable; before other threads are started. What is open stays open. E_UNAVAILABLE: this kernel has no seccomp, or
 * no Landlock; whatever it has is in force. */
MUST_CHECK int confine_enter(const struct confine *c);

#endif
