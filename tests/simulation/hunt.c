/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What to run next, and what an outcome means. */
#include "tests/simulation/hunt.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"

#define REPORT_EVERY_S 30
#define SEEDS_A_MUTANT 10
#define SEEDS_OF_SERVER 2 /* sound ones by PostgreSQL's rules */
#define FAILURES_MAX 100 /* then it is enough */

static void add(struct world_figures *sum, const struct world_figures *f)
{
	sum->steps += f->steps;
	sum->ticks += f->ticks;
	sum->refused_ticks += f->refused_ticks;
	sum->crashes += f->crashes;
	sum->stops += f->stops;
	sum->jumps += f->jumps;
	sum->driver_ends += f->driver_ends;
	sum->simulated_ms += f->simulated_ms;
	sum->messages += f->messages;
	sum->wire += f->wire;
	sum->inbound += f->inbound;
	sum->opt_outs += f->opt_outs;
	sum->campaigns += f->campaigns;
	sum->receipts += f->receipts;
	sum->unclear += f->unclear;
	sum->checks += f->checks;
	sum->full_checks += f->full_checks;
	sum->quiet_periods += f->quiet_periods;
}

/* ---- a law is broken ---- */

struct tally {
	const struct hunt *hunt;
	struct world_figures sum;
	int64_t runs, failures;
	double began_s;
};

static void note_failure(const struct hunt *h, const struct run *run, const struct outcome *o)
{
	char command[160];
	runner_command(run, command, sizeof(command));
	printf("seed %" PRIu64 ": %s, at step %" PRId64 ": %s\n    %s\n", run->plan.seed, o->breach.law, o->breach.step, o->breach.text, command);
	if (!h->failed)
		return;
	OWN(file) FILE *out = fopen(h->failed, "a");
	if (out)
		fprintf(out, "%" PRIu64 " %" PRId64 " %s # %s\n", run->plan.seed, run->plan.steps,
			run->plan.postgresql_rules ? "postgresql" : "sqlite", o->breach.law);
	else
		perror(h->failed);
}

static void take(struct tally *t, const struct run *run, const struct outcome *o)
{
	t->runs++;
	add(&t->sum, &o->figures);
	if (o->verdict == RUN_HELD)
		return;
	t->failures++;
	note_failure(t->hunt, run, o);
}

static int conclude(const struct tally *t)
{
	double seconds = runner_now_s() - t->began_s;
	printf("%" PRId64 " runs, %" PRId64 " with a broken law\n", t->runs, t->failures);
	runner_print_figures(&t->sum, seconds, stdout);
	return t->failures ? E_REFUSED : 0;
}

/* ---- fresh seeds ---- */

struct fresh {
	struct tally tally;
	double until_s, report_s;
	uint64_t seed;
};

static bool fresh_next(void *arg, struct run *ret)
{
	struct fresh *f = arg;
	if (runner_now_s() >= f->until_s || f->tally.failures >= FAILURES_MAX)
		return false;
	uint64_t seed = f->seed++;
	*ret = (struct run){ .plan = { .seed = seed, .steps = f->tally.hunt->steps, .postgresql_rules = seed % 2 == 1 } };
	return true;
}

static void fresh_done(void *arg, const struct run *run, const struct outcome *o)
{
	struct fresh *f = arg;
	take(&f->tally, run, o);
	double now = runner_now_s();
	if (now < f->report_s)
		return;
	f->report_s = now + REPORT_EVERY_S;
	printf("%6.0f s: %" PRId64 " runs, %" PRId64 " crashes, %.0f simulated hours, %" PRId64 " with a broken law\n", now - f->tally.began_s,
	       f->tally.runs, f->tally.sum.crashes, (double)f->tally.sum.simulated_ms / 3600000.0, f->tally.failures);
	fflush(stdout);
}

int hunt_fresh(const struct hunt *h, double seconds)
{
	double now = runner_now_s();
	struct fresh f = { .tally = { .hunt = h, .began_s = now }, .until_s = now + seconds, .report_s = now + REPORT_EVERY_S, .seed = h->seed };
	printf("fresh seeds from %" PRIu64 ", %" PRId64 " steps each\n", h->seed, h->steps);
	int r = runner_pool(h->jobs, h->limit_s, &(struct pool_ops){ fresh_next, fresh_done }, &f);
	return r ? r : conclude(&f.tally);
}

/* ---- seeds that failed once ---- */

struct list {
	struct tally tally;
	FILE *in;
};

static bool list_next(void *arg, struct run *ret)
{
	struct list *l = arg;
	char line[400], rules[16];
	while (fgets(line, sizeof(line), l->in)) {
		uint64_t seed;
		int64_t steps;
		if (sscanf(line, "%" SCNu64 " %" SCNd64 " %15s", &seed, &steps, rules) != 3)
			continue; /* a comment */
		*ret = (struct run){ .plan = { .seed = seed, .steps = steps, .postgresql_rules = !strcmp(rules, "postgresql") } };
		return true;
	}
	return false;
}

static void list_done(void *arg, const struct run *run, const struct outcome *o)
{
	take(&((struct list *)arg)->tally, run, o);
}

int hunt_list(const struct hunt *h, const char *file)
{
	OWN(file) FILE *in = fopen(file, "r");
	if (!in)
		return E_NOT_FOUND;
	struct list l = { .tally = { .hunt = h, .began_s = runner_now_s() }, .in = in };
	int r = runner_pool(h->jobs, h->limit_s, &(struct pool_ops){ list_next, list_done }, &l);
	return r ? r : conclude(&l.tally);
}

/* ---- mutants ---- */

struct catch {
	bool caught;
	int seeds; /* begun so far */
	uint64_t seed;
	int64_t steps; /* until the law broke, over all seeds */
	char law[64];
};

struct mutants {
	struct tally sound; /* the core as it is, on the same seeds: a law that breaks there says nothing of a mutant */
	int n_sound;
	const struct hunt *hunt;
	struct catch catches[MUTANT_COUNT];
	int waiting[MUTANT_COUNT]; /* runs of it under way */
};

/* A file is never asked ahead, and its commits are never undecided. */
static bool of_server(enum mutant m)
{
	return m == MUTANT_AHEAD_KEPT || m == MUTANT_WITHDRAWN_SENT;
}

/* A mutant's next seed begins when its last one has let it live. */
static bool mutants_next(void *arg, struct run *ret)
{
	struct mutants *m = arg;
	if (m->n_sound < SEEDS_A_MUTANT + SEEDS_OF_SERVER) {
		int n = m->n_sound++;
		*ret = (struct run){ .plan = { .seed = (uint64_t)(n % SEEDS_A_MUTANT) + 1, .steps = m->hunt->steps,
					       .postgresql_rules = n >= SEEDS_A_MUTANT } };
		return true;
	}
	for (int i = MUTANT_NONE + 1; i < MUTANT_COUNT; i++) {
		struct catch *c = &m->catches[i];
		if (c->caught || m->waiting[i] || c->seeds == SEEDS_A_MUTANT)
			continue;
		m->waiting[i]++;
		*ret = (struct run){ .plan = { .seed = (uint64_t)++c->seeds, .steps = m->hunt->steps,
					       .postgresql_rules = of_server((enum mutant)i) },
				     .mutant = (enum mutant)i };
		return true;
	}
	return false;
}

static void mutants_done(void *arg, const struct run *run, const struct outcome *o)
{
	struct mutants *m = arg;
	struct catch *c = &m->catches[run->mutant];
	if (run->mutant == MUTANT_NONE) {
		take(&m->sound, run, o);
		return;
	}
	m->waiting[run->mutant]--;
	if (o->verdict == RUN_HELD) {
		c->steps += o->figures.steps;
		return;
	}
	/* a crash of the program is no law of the oracle's */
	c->caught = o->verdict == RUN_BROKEN;
	c->seed = run->plan.seed;
	c->steps += o->breach.step;
	snprintf(c->law, sizeof(c->law), "%s", o->breach.law);
}

static int by_steps(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

static int print_catches(const struct mutants *m)
{
	int64_t steps[MUTANT_COUNT];
	int n = 0, all = MUTANT_COUNT - 1;
	for (int i = MUTANT_NONE + 1; i < MUTANT_COUNT; i++) {
		const struct catch *c = &m->catches[i];
		printf("%3d %-22s ", i, mutants_name((enum mutant)i));
		if (c->caught)
			printf("seed %2" PRIu64 ", %6" PRId64 " steps: %s\n", c->seed, c->steps, c->law);
		else
			printf("NOT CAUGHT in %d seeds%s%s: %s\n", c->seeds, c->law[0] ? ", but " : "", c->law, mutants_text((enum mutant)i));
		if (c->caught)
			steps[n++] = c->steps;
	}
	qsort(steps, (size_t)n, sizeof(steps[0]), by_steps);
	printf("%d of %d mutants caught; median %" PRId64 " steps to detection\n", n, all, n ? steps[n / 2] : 0);
	if (m->sound.failures)
		printf("the core without a mutant breaks a law on %" PRId64 " of the seeds\n", m->sound.failures);
	return n == all && !m->sound.failures ? 0 : E_REFUSED;
}

int hunt_mutants(const struct hunt *h)
{
	struct mutants m = { .hunt = h, .sound = { .hunt = h, .began_s = runner_now_s() } };
	int r = runner_pool(h->jobs, h->limit_s, &(struct pool_ops){ mutants_next, mutants_done }, &m);
	return r ? r : print_catches(&m);
}
