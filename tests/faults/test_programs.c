/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The programs beside the core, as they really run: each that dies is back while the core goes on, none inherits a file of the core's;
 * and a faulty configuration given to a running core is told and changes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/support/gateway.h"

#define LIMIT_MS 30000

static int setup(void **state)
{
	struct gateway *g = gateway_new(NULL);
	*state = g;
	gateway_start(g);
	return 0;
}

static int teardown(void **state)
{
	gateway_free(*state);
	return 0;
}

static pid_t parent_of(pid_t pid, char ret_name[32])
{
	char path[64];
	int parent = 0;
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	OWN(file) FILE *f = fopen(path, "r");
	if (!f || fscanf(f, "%*d (%31[^)]) %*c %d", ret_name, &parent) != 2)
		return 0;
	return parent;
}

/* The core's program of this name but for pid; waits for it. */
static pid_t other_program(const struct gateway *g, const char *name, pid_t but)
{
	for (int64_t until = gateway_mono_ms() + LIMIT_MS; gateway_mono_ms() < until; gateway_pause_ms(10)) {
		DIR *proc = opendir("/proc");
		assert_non_null(proc);
		pid_t found = 0;
		for (struct dirent *e; !found && (e = readdir(proc));) {
			char called[32] = "";
			pid_t pid = (pid_t)strtol(e->d_name, NULL, 10);
			if (pid > 0 && pid != but && parent_of(pid, called) == g->core && !strncmp(called, name, 15))
				found = pid;
		}
		closedir(proc);
		if (found)
			return found;
	}
	fail_msg("%s did not come back", name);
	return 0;
}

static void say_and_hear(struct gateway *g, int n)
{
	char sql[96];
	for (int64_t until = gateway_mono_ms() + LIMIT_MS;; gateway_pause_ms(50)) {
		OWN(json) json_t *reply = gateway_command(g, "loopback.say", json_pack("{s:s,s:s}", "from", "+84931111111", "text", "Nha toi con do"));
		if (json_flag(reply, "ok", false))
			break;
		assert_true(gateway_mono_ms() < until);
	}
	snprintf(sql, sizeof(sql), "SELECT count(*) >= %d FROM v_inbound WHERE state <> 'received'", n);
	gateway_wait(g, "what was said is handled", sql, LIMIT_MS);
}

static void a_program_that_dies_is_back_and_the_core_goes_on(void **state)
{
	static const char *const names[] = { "caunoi-query", "caunoi-web", "caunoi-loopback" };
	struct gateway *g = *state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		pid_t first = other_program(g, names[i], 0);
		assert_int_equal(kill(first, SIGKILL), 0);
		other_program(g, names[i], first);
		say_and_hear(g, (int)i + 1);
		assert_true(gateway_wait_ready(g, LIMIT_MS));
	}
	assert_int_equal(gateway_scalar(g, "SELECT epoch FROM v_meta"), 1);
	gateway_stop(g);
}

static void check_files(const struct gateway *g, const char *name, bool may_read)
{
	char folder[64], path[128], to[512];
	pid_t pid = other_program(g, name, 0);
	snprintf(folder, sizeof(folder), "/proc/%d/fd", (int)pid);
	DIR *fds = opendir(folder);
	assert_non_null(fds);
	for (struct dirent *e; (e = readdir(fds));) {
		snprintf(path, sizeof(path), "%s/%.20s", folder, e->d_name);
		ssize_t n = readlink(path, to, sizeof(to) - 1);
		if (n <= 0)
			continue;
		to[n] = '\0';
		if (strstr(to, "core.lock") || strstr(to, "ledger") || (!may_read && !strncmp(to, g->database, strlen(g->database))))
			fail_msg("%s holds %s", name, to);
	}
	closedir(fds);
}

static void no_program_beside_the_core_inherits_its_files(void **state)
{
	struct gateway *g = *state;
	check_files(g, "caunoi-query", true); /* opens the database itself, to read */
	check_files(g, "caunoi-web", false);
	check_files(g, "caunoi-loopback", false);
	gateway_stop(g);
}

static void a_faulty_configuration_changes_nothing(void **state)
{
	static const char *const faults[] = { "channels = (", "colour = 1;\n", "", "data_dir = 5;\n", "data_dir = \"elsewhere\";\n" };
	struct gateway *g = *state;
	for (size_t i = 0; i < COUNT_OF(faults); i++) {
		OWN(file) FILE *f = fopen(g->config, "w");
		assert_non_null(f);
		assert_true(fputs(faults[i], f) >= 0);
		assert_int_equal(fflush(f), 0);
		assert_int_equal(kill(g->core, SIGHUP), 0);
		size_t told = 0;
		for (int64_t until = gateway_mono_ms() + LIMIT_MS; told <= i; gateway_pause_ms(20)) {
			OWN(mem) char *log = gateway_log(g);
			told = 0;
			for (const char *at = log; (at = strstr(at, "config.refused")); at++)
				told++;
			if (gateway_mono_ms() > until)
				fail_msg("fault %zu was not told: %s", i, log);
		}
		say_and_hear(g, (int)i + 1);
	}
	assert_int_equal(gateway_scalar(g, "SELECT epoch FROM v_meta"), 1);
	gateway_stop(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_program_that_dies_is_back_and_the_core_goes_on, setup, teardown),
		cmocka_unit_test_setup_teardown(no_program_beside_the_core_inherits_its_files, setup, teardown),
		cmocka_unit_test_setup_teardown(a_faulty_configuration_changes_nothing, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
