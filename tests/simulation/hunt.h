/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many runs with one purpose: fresh seeds for a time, seeds that failed once, every mutant. Prints what it finds. Called by main. */
#ifndef CAUNOI_SIMULATION_HUNT_H
#define CAUNOI_SIMULATION_HUNT_H

#include "tests/simulation/runner.h"

struct hunt {
	int jobs, limit_s;
	int64_t steps;
	uint64_t seed;      /* the first of fresh ones */
	const char *failed; /* failing seeds are added to this file; NULL: only printed */
};

/* Each gives 0: all held (all mutants caught); E_REFUSED: not so, printed; other errors. */
MUST_CHECK int hunt_fresh(const struct hunt *h, double seconds);
MUST_CHECK int hunt_list(const struct hunt *h, const char *file);
MUST_CHECK int hunt_mutants(const struct hunt *h);

#endif
