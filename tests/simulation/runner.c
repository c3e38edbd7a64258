/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run is a plan carried out. In a pool each has a process and one slot of shared memory for its outcome; what a process that died
 * left there says nothing, its end does. */
#include "tests/simulation/runner.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "gateway/base/own.h"

#define JOBS_MAX 64

double runner_now_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int runner_run(const struct run *run, struct outcome *ret)
{
	struct world *w = NULL;
	double began = runner_now_s();
	mutants_choose(run->mutant);
	int r = world_new(&run->plan, &w);
	if (r)
		return r;
	for (int64_t i = 0; !r && i < run->plan.steps; i++)
		r = world_step(w);
	if (!r)
		r = world_settle(w);
	*ret = (struct outcome){ .verdict = r ? RUN_BROKEN : RUN_HELD, .figures = *world_figures(w), .seconds = runner_now_s() - began };
	if (world_breach(w))
		ret->breach = *world_breach(w);
	if (r && run->show)
		world_print_frames(w, stdout);
	world_free(w);
	return 0;
}

struct job {
	pid_t pid; /* 0: free */
	struct run run;
};

struct pool {
	struct job jobs[JOBS_MAX];
	int n_jobs, n_running;
	struct outcome *outcomes; /* shared with the children, one a job */
	const struct pool_ops *ops;
	void *arg;
	unsigned limit_s;
};

static int start(struct pool *p, int slot, const struct run *run)
{
	p->outcomes[slot] = (struct outcome){ .verdict = RUN_DIED };
	fflush(NULL);
	pid_t pid = fork();
	if (pid < 0)
		return E_UNAVAILABLE;
	if (pid == 0) {
		alarm(p->limit_s);
		_exit(runner_run(run, &p->outcomes[slot]) ? 3 : 0);
	}
	p->jobs[slot] = (struct job){ pid, *run };
	p->n_running++;
	return 0;
}

static int fill(struct pool *p)
{
	for (int i = 0; i < p->n_jobs; i++) {
		struct run run;
		if (p->jobs[i].pid)
			continue;
		if (!p->ops->next(p->arg, &run))
			return 0;
		int r = start(p, i, &run);
		if (r)
			return r;
	}
	return 0;
}

static int reap(struct pool *p)
{
	int status, slot = 0;
	pid_t pid = wait(&status);
	while (slot < p->n_jobs && p->jobs[slot].pid != pid)
		slot++;
	if (pid < 0 || slot == p->n_jobs)
		return E_IO;
	struct outcome *o = &p->outcomes[slot];
	if (WIFSIGNALED(status)) {
		o->verdict = WTERMSIG(status) == SIGALRM ? RUN_ENDLESS : RUN_DIED;
		snprintf(o->breach.law, sizeof(o->breach.law), "%s", o->verdict == RUN_DIED ? "the core never crashes" : "a run ends");
		snprintf(o->breach.text, sizeof(o->breach.text), "signal %d", WTERMSIG(status));
	} else if (WEXITSTATUS(status)) {
		o->verdict = RUN_DIED;
		snprintf(o->breach.law, sizeof(o->breach.law), "a run begins and ends");
		snprintf(o->breach.text, sizeof(o->breach.text), "exit code %d", WEXITSTATUS(status));
	}
	p->jobs[slot].pid = 0;
	p->n_running--;
	p->ops->done(p->arg, &p->jobs[slot].run, o);
	return 0;
}

int runner_pool(int jobs, int limit_s, const struct pool_ops *ops, void *arg)
{
	struct pool p = { .n_jobs = jobs < 1 ? 1 : jobs > JOBS_MAX ? JOBS_MAX : jobs, .ops = ops, .arg = arg, .limit_s = (unsigned)limit_s };
	size_t n_bytes = (size_t)p.n_jobs * sizeof(*p.outcomes);
	p.outcomes = mmap(NULL, n_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p.outcomes == MAP_FAILED)
		return E_NOMEM;
	int r = fill(&p);
	while (!r && p.n_running) {
		r = reap(&p);
		if (!r)
			r = fill(&p);
	}
	munmap(p.outcomes, n_bytes);
	return r;
}

void runner_command(const struct run *run, char *out, size_t room)
{
	char mutant[32] = "";
	if (run->mutant != MUTANT_NONE)
		snprintf(mutant, sizeof(mutant), " MUTANT=%d", (int)run->mutant);
	snprintf(out, room, "make simulate SEED=%llu STEPS=%lld%s%s", (unsigned long long)run->plan.seed, (long long)run->plan.steps,
		 run->plan.postgresql_rules ? " RULES=postgresql" : "", mutant);
}

void runner_print_figures(const struct world_figures *f, double seconds, FILE *out)
{
	double s = seconds > 0 ? seconds : 1e-9;
	fprintf(out, "%lld steps, %lld ticks (%lld refused), %lld crashes, %lld orderly stops, %lld jumps of the clock, %lld drivers ended\n",
		(long long)f->steps, (long long)f->ticks, (long long)f->refused_ticks, (long long)f->crashes, (long long)f->stops,
		(long long)f->jumps, (long long)f->driver_ends);
	fprintf(out, "%lld messages accepted, %lld parts on a wire, %lld inbound, %lld opt-outs, %lld campaigns, %lld receipts, %lld unclear\n",
		(long long)f->messages, (long long)f->wire, (long long)f->inbound, (long long)f->opt_outs, (long long)f->campaigns,
		(long long)f->receipts, (long long)f->unclear);
	fprintf(out, "%lld checks, %lld full, %lld quiet periods; %.1f simulated hours in %.1f s\n", (long long)f->checks, (long long)f->full_checks,
		(long long)f->quiet_periods, (double)f->simulated_ms / 3600000.0, seconds);
	fprintf(out, "%.0f steps/s, %.1f crashes/s, %.0f x real time\n", (double)f->steps / s, (double)f->crashes / s,
		(double)f->simulated_ms / 1000.0 / s);
}
