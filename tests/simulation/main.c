/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulator: one run that can be replayed, or a hunt. Exit 0 every law held, 1 one did not, 2 wrong arguments, 3 no run was
 * possible. */
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/log.h"
#include "gateway/base/random.h"
#include "tests/simulation/hunt.h"
#include "tests/simulation/vfs.h"

#define SILENT ((enum log_level)0) /* what the core says of the faults it is given is no news */
#define LIMIT_S 300

enum mode { MODE_RUN, MODE_MUTANTS, MODE_SELF_TEST, MODE_FRESH, MODE_LIST };

struct arguments {
	enum mode mode;
	struct run run;
	struct hunt hunt;
	double seconds;
	const char *list;
	bool seeded;
};

static int usage(void)
{
	fputs("usage: simulate [--seed N] [--steps N] [--mutant K] [--rules sqlite|postgresql] [--crashes] [--verbose]\n"
	      "       simulate --mutants | --self-test | --minutes N | --seconds N | --list FILE  [--steps N] [--seed N] [--jobs N] [--failed FILE]\n",
	      stderr);
	return 2;
}

static bool read_number(const char *text, int64_t most, int64_t *ret)
{
	char *end;
	errno = 0;
	long long n = strtoll(text, &end, 10);
	if (errno || end == text || *end || n < 0 || n > most)
		return false;
	*ret = n;
	return true;
}

static bool read_value(struct arguments *a, const char *name, const char *value)
{
	int64_t n = 0;
	if (!strcmp(name, "--rules")) {
		a->run.plan.postgresql_rules = !strcmp(value, "postgresql");
		return !strcmp(value, "sqlite") || !strcmp(value, "postgresql");
	}
	if (!strcmp(name, "--failed"))
		return (a->hunt.failed = value) != NULL;
	if (!strcmp(name, "--list")) {
		a->mode = MODE_LIST;
		return (a->list = value) != NULL;
	}
	if (!read_number(value, INT64_MAX, &n))
		return false;
	if (!strcmp(name, "--seed")) {
		a->run.plan.seed = a->hunt.seed = (uint64_t)n;
		a->seeded = true;
	} else if (!strcmp(name, "--steps")) {
		a->run.plan.steps = a->hunt.steps = n;
		return n > 0;
	} else if (!strcmp(name, "--mutant")) {
		a->run.mutant = (enum mutant)n;
		return n < MUTANT_COUNT;
	} else if (!strcmp(name, "--minutes") || !strcmp(name, "--seconds")) {
		a->mode = MODE_FRESH;
		a->seconds = (double)n * (name[2] == 'm' ? 60 : 1);
	} else if (!strcmp(name, "--jobs")) {
		a->hunt.jobs = (int)n;
		return n > 0 && n <= 64;
	} else {
		return false;
	}
	return true;
}

static bool read_arguments(struct arguments *a, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--mutants"))
			a->mode = MODE_MUTANTS;
		else if (!strcmp(argv[i], "--self-test"))
			a->mode = MODE_SELF_TEST;
		else if (!strcmp(argv[i], "--verbose"))
			a->run.plan.verbose = true;
		else if (!strcmp(argv[i], "--crashes"))
			a->run.plan.crashes_only = true;
		else if (i + 1 == argc || !read_value(a, argv[i], argv[i + 1]))
			return false;
		else
			i++;
	}
	return true;
}

static int run_one(const struct run *run)
{
	struct outcome o;
	char command[160];
	int r = runner_run(run, &o);
	if (r) {
		fprintf(stderr, "simulate: no world could be made: %s\n", err_text(r));
		return 3;
	}
	runner_command(run, command, sizeof(command));
	if (o.verdict != RUN_HELD) {
		printf("seed %" PRIu64 ", step %" PRId64 ", tick %" PRId64 ": broken: %s\n%s\nreplay: %s\n", run->plan.seed, o.breach.step,
		       o.breach.tick, o.breach.law, o.breach.text, command);
		return 1;
	}
	runner_print_figures(&o.figures, o.seconds, stdout);
	printf("every law held; seed %" PRIu64 ", hash %016" PRIx64 "\n", run->plan.seed, o.figures.hash);
	return 0;
}

static int list_mutants(void)
{
	for (int i = MUTANT_NONE + 1; i < MUTANT_COUNT; i++)
		fprintf(stderr, "%3d %-22s %s\n", i, mutants_name((enum mutant)i), mutants_text((enum mutant)i));
	printf("%d\n", MUTANT_COUNT - 1);
	return 0;
}

static int hunt(const struct arguments *a)
{
	int r = 0;
	switch (a->mode) {
	case MODE_SELF_TEST: r = hunt_mutants(&a->hunt); break;
	case MODE_FRESH: r = hunt_fresh(&a->hunt, a->seconds); break;
	case MODE_LIST: r = hunt_list(&a->hunt, a->list); break;
	case MODE_RUN: return run_one(&a->run);
	case MODE_MUTANTS: return list_mutants();
	}
	if (r && r != E_REFUSED)
		fprintf(stderr, "simulate: %s\n", err_text(r));
	return r == 0 ? 0 : r == E_REFUSED ? 1 : 3;
}

int main(int argc, char **argv)
{
	struct arguments a = {
		.run = { .plan = { .seed = 1, .steps = 20000 }, .show = true },
		.hunt = { .jobs = (int)sysconf(_SC_NPROCESSORS_ONLN), .limit_s = LIMIT_S, .steps = 20000 },
	};
	if (!read_arguments(&a, argc, argv))
		return usage();
	log_init("simulate", a.run.plan.verbose ? LOG_LEVEL_INFO : SILENT);
	if (sodium_init() < 0 || vfs_install()) {
		fputs("simulate: a library does not start\n", stderr);
		return 3;
	}
	if (!a.seeded && a.mode == MODE_FRESH) {
		struct random r = random_real();
		a.hunt.seed = random_below(&r, 1u << 30);
	}
	return hunt(&a);
}
