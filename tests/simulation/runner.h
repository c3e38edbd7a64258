/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs of worlds: one in this process, or many in processes of their own, so that a core that crashes or never ends is a finding
 * like a broken law. Called by the simulator's main. */
#ifndef CAUNOI_SIMULATION_RUNNER_H
#define CAUNOI_SIMULATION_RUNNER_H

#include "tests/simulation/mutants.h"
#include "tests/simulation/world.h"

struct run {
	struct world_plan plan;
	enum mutant mutant;
	bool show; /* prints the last frames of a broken law */
};

enum verdict { RUN_HELD, RUN_BROKEN, RUN_DIED, RUN_ENDLESS };

struct outcome {
	enum verdict verdict;
	struct breach breach;
	struct world_figures figures;
	double seconds;
};

/* 0, or E_NOMEM, E_IO: no world could be made. */
MUST_CHECK int runner_run(const struct run *run, struct outcome *ret);

/* Where a pool gets its runs and brings their outcomes. next: false when there are no more for now (it is asked again when one ends). */
struct pool_ops {
	bool (*next)(void *arg, struct run *ret);
	void (*done)(void *arg, const struct run *run, const struct outcome *outcome);
};
/* Until next says no and every run has ended; jobs at once. Each has limit_s seconds. */
MUST_CHECK int runner_pool(int jobs, int limit_s, const struct pool_ops *ops, void *arg);

/* "make simulate SEED=…" */
void runner_command(const struct run *run, char *out, size_t room);
void runner_print_figures(const struct world_figures *f, double seconds, FILE *out);
double runner_now_s(void);

#endif
