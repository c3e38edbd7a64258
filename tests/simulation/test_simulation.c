/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulator as a program: fresh seeds, the seeds that failed once, every mutant caught, a run replayed. CAUNOI_SIM_SECONDS says for
 * how long fresh seeds are tried (10; 15 under a sanitizer), CAUNOI_SEED which is the first (else drawn, and printed). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/buffer.h"
#include "gateway/base/own.h"

#if defined(__SANITIZE_ADDRESS__)
#define SECONDS "15"
#define SLOW true
#define STEPS_REPLAY "1500"
#else
#define SECONDS "10"
#define SLOW false
#define STEPS_REPLAY "5000"
#endif
#define ARGS_MAX 12

/* Runs the simulator; what it printed, and its exit code. */
static int simulate(const char *const *args, struct buffer *out)
{
	char program[512];
	const char *argv[ARGS_MAX + 2] = { program };
	const char *build = getenv("CAUNOI_BUILD");
	snprintf(program, sizeof(program), "%s/sim/simulate", build ? build : "build");
	for (size_t i = 0; args[i]; i++) {
		assert_true(i < ARGS_MAX);
		argv[i + 1] = args[i];
	}
	int ends[2], status;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		execv(program, (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(ends[1]);
	char text[4096];
	for (ssize_t n; (n = read(ends[0], text, sizeof(text))) > 0;)
		assert_int_equal(buffer_put(out, text, (size_t)n), 0);
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}
#define SIMULATE(out, ...) simulate((const char *const[]){ __VA_ARGS__, NULL }, out)

static void must_hold(int code, struct buffer *out)
{
	if (code)
		printf("exit code %d:\n%s", code, buffer_text(out));
	assert_int_equal(code, 0);
	const char *last = strstr(buffer_text(out), " runs, ");
	while (last > buffer_text(out) && last[-1] != '\n')
		last--;
	fputs(last ? last : buffer_text(out), stdout); /* longer than cmocka prints */
}

static void seeds_that_failed_once_hold(void **state)
{
	(void)state;
	if (SLOW)
		skip(); /* fresh ones show a sanitizer as much */
	OWN(buffer) struct buffer out = { 0 };
	must_hold(SIMULATE(&out, "--list", "tests/simulation/seeds.txt"), &out);
}

static void fresh_seeds_hold_every_law(void **state)
{
	(void)state;
	OWN(buffer) struct buffer out = { 0 };
	const char *seconds = getenv("CAUNOI_SIM_SECONDS"), *seed = getenv("CAUNOI_SEED");
	if (!seconds)
		seconds = SECONDS;
	int code = seed ? SIMULATE(&out, "--seconds", seconds, "--steps", "5000", "--seed", seed)
			: SIMULATE(&out, "--seconds", seconds, "--steps", "5000");
	print_message("%.*s\n", (int)strcspn(buffer_text(&out), "\n"), buffer_text(&out));
	must_hold(code, &out);
}

static void every_mutant_is_caught_by_a_law(void **state)
{
	(void)state;
	if (SLOW)
		skip(); /* what the laws see is the same without a sanitizer */
	OWN(buffer) struct buffer out = { 0 };
	int code = SIMULATE(&out, "--self-test", "--steps", "20000");
	if (code)
		printf("exit code %d:\n%s", code, buffer_text(&out));
	assert_int_equal(code, 0);
	fputs(buffer_text(&out), stdout);
}

/* The value behind "hash " in what a run printed. */
static void hash_of(const char *seed, char ret[17])
{
	OWN(buffer) struct buffer out = { 0 };
	assert_int_equal(SIMULATE(&out, "--seed", seed, "--steps", STEPS_REPLAY), 0);
	const char *hash = strstr(buffer_text(&out), "hash ");
	assert_non_null(hash);
	assert_int_equal(sscanf(hash, "hash %16[0-9a-f]", ret), 1);
	assert_int_equal(strlen(ret), 16);
}

static void a_seed_replays_exactly_and_another_seed_is_another_run(void **state)
{
	(void)state;
	char first[17], again[17], other[17];
	hash_of("4", first);
	hash_of("4", again);
	hash_of("5", other);
	assert_string_equal(first, again);
	assert_string_not_equal(first, other);
}

static void wrong_arguments_are_said(void **state)
{
	(void)state;
	static const char *const cases[][3] = { { "--steps", "0", NULL }, { "--seed", "x", NULL }, { "--mutant", "999", NULL }, { "--steps", NULL, NULL } };
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		OWN(buffer) struct buffer out = { 0 };
		assert_int_equal(simulate(cases[i], &out), 2);
	}
}

static void mutants_are_counted_on_the_last_line(void **state)
{
	(void)state;
	OWN(buffer) struct buffer out = { 0 };
	int n = 0;
	assert_int_equal(SIMULATE(&out, "--mutants"), 0);
	assert_int_equal(sscanf(buffer_text(&out), "%d", &n), 1);
	assert_true(n >= 14);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_arguments_are_said),
		cmocka_unit_test(mutants_are_counted_on_the_last_line),
		cmocka_unit_test(a_seed_replays_exactly_and_another_seed_is_another_run),
		cmocka_unit_test(seeds_that_failed_once_hold),
		cmocka_unit_test(every_mutant_is_caught_by_a_law),
		cmocka_unit_test(fresh_seeds_hold_every_law),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
