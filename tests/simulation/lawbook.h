/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The laws that are questions to the database: each counts what must not be there. Called by laws.c, which knows when to ask which. */
#ifndef CAUNOI_SIMULATION_LAWBOOK_H
#define CAUNOI_SIMULATION_LAWBOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct law {
	const char *name, *sql;
	bool rarely;	 /* dear: not after each start */
	int64_t held_ms; /* of lawbook_timely: while the clock has not been set for so long */
};

struct lawbook {
	const struct law *laws;
	size_t n;
};

extern const struct lawbook lawbook_sound, lawbook_by_clock, lawbook_settled, lawbook_timely, lawbook_untroubled, lawbook_healthy;

#endif
