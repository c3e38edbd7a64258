/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A store that cannot be used, tried with a real server: init and the core refuse it with a sentence that says what to do, and nothing is
 * half made of it, neither on the server nor in the data folder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "tests/support/pgworld.h"

#define END_MS 20000
#define FAKETIME "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"

struct refused {
	struct pgserver server;
	struct gateway *g;
};

/* Every kind of address that leads nowhere; %s is the folder of the server's socket. */
static const struct {
	const char *label, *uri, *words;
} addresses[] = {
	{ "malformed", "postgresql://caunoi@[/caunoi", "malformed" },
	{ "unreachable", "postgresql://caunoi@127.0.0.1:1/caunoi", "127.0.0.1" },
	{ "no such folder", "postgresql://caunoi@/caunoi?host=/nowhere", "/nowhere" },
	{ "no such database", "postgresql://caunoi@/nichts?host=%s", "nichts" },
	{ "no such role", "postgresql://nobody@/caunoi?host=%s", "nobody" },
	{ "wrong password", "postgresql://locked:guessed-wrong@/caunoi?host=%s", "password" },
	{ "read-only", "postgresql://looker@/caunoi?host=%s", "read-only" },
};

static char *init_says(struct refused *r, int *ret_code)
{
	const char *const arguments[] = { "--config", r->g->config, "--local", "init", NULL };
	char *out = NULL;
	*ret_code = gateway_program(r->g, "caunoid", arguments, "{}", &out);
	assert_non_null(out);
	return out;
}

/* Locks may be there; what would be taken for an installation may not. */
static bool folder_is_unmade(const struct refused *r)
{
	static const char *const names[] = { "identity.key", "caunoi.db", "spool.db" };
	char path[GATEWAY_PATH_MAX + 16];
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", r->g->data, names[i]);
		if (!access(path, F_OK))
			return false;
	}
	return true;
}

static void an_address_that_leads_nowhere_is_refused_with_a_sentence(void **state)
{
	struct refused *r = *state;
	for (size_t i = 0; i < COUNT_OF(addresses); i++) {
		char uri[PGSERVER_URI_MAX];
		int code;
		snprintf(uri, sizeof(uri), addresses[i].uri, r->server.dir);
		pgworld_set_store(r->g, uri);
		OWN(mem) char *said = init_says(r, &code), *log = NULL;
		if (!code || !strstr(said, addresses[i].words) || strstr(said, "guessed-wrong"))
			fail_msg("%s: init %d: %s", addresses[i].label, code, said);
		code = gateway_run(r->g, END_MS, &log, NULL);
		if (code <= 0 || strstr(log, "guessed-wrong"))
			fail_msg("%s: the core %d: %s", addresses[i].label, code, log);
		assert_int_equal(pgserver_relations(&r->server), 0);
		if (!folder_is_unmade(r))
			fail_msg("%s: a key or a database was left in the data folder", addresses[i].label);
	}
}

static void schema_newer_than_the_program_is_refused(void **state)
{
	struct refused *r = *state;
	OWN(mem) char *log = NULL;
	pgworld_set_store(r->g, r->g->engine.uri);
	gateway_init(r->g);
	engine_sql(&r->g->engine, "UPDATE caunoi SET version = version + 1000");
	int code = gateway_run(r->g, END_MS, &log, NULL);
	if (code <= 0 || !strstr(log, "newer"))
		fail_msg("%d: %s", code, log);
	engine_sql(&r->g->engine, "UPDATE caunoi SET version = version - 1000");
}

/* ---- beside a core that works ---- */

static void must_end(struct gateway *g, const char *label, int code_wanted, const char *words)
{
	OWN(mem) char *log = NULL;
	int code = gateway_run(g, END_MS, &log, NULL);
	if (code != code_wanted || !strstr(log, words))
		fail_msg("%s: %d: %s", label, code, log);
}

static void two_cores_of_one_name_are_refused_and_the_first_goes_on(void **state)
{
	struct pgworld *w = *state;
	struct gateway *other = pgworld_join(w, "mot");
	must_end(other, "same name", 4, "is active already");
	pgworld_talk(w, 300);
	pgworld_wait_back(w, END_MS);
	pgworld_leave(other);
	pgworld_finish(w, END_MS);
}

static void clocks_that_are_apart_are_refused(void **state)
{
	static const struct {
		const char *label, *offset, *words;
	} cases[] = { { "before", "FAKETIME=+5s", "before the database server's" }, { "behind", "FAKETIME=-5s", "behind the database server's" } };
	struct pgworld *w = *state;
#ifdef __SANITIZE_ADDRESS__
	bool can = false; /* its library must come first too */
#else
	bool can = !access(FAKETIME, F_OK);
#endif
	if (!can) {
		print_message("needs libfaketime, and no sanitizer\n");
		skip();
	}
	struct gateway *other = pgworld_join(w, "hai");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *const under[] = { "env", "LD_PRELOAD=" FAKETIME, cases[i].offset, "FAKETIME_DONT_FAKE_MONOTONIC=1", NULL };
		other->under = under;
		must_end(other, cases[i].label, 4, cases[i].words);
		other->under = NULL;
	}
	pgworld_leave(other);
	pgworld_finish(w, END_MS);
}

static void second_init_without_the_key_makes_nothing(void **state)
{
	struct pgworld *w = *state;
	char path[GATEWAY_PATH_MAX + 16];
	int64_t users = gateway_scalar(w->g, "SELECT count(*) FROM account");
	struct gateway *other = pgworld_join(w, "hai");
	snprintf(path, sizeof(path), "%s/identity.key", other->data);
	assert_int_equal(unlink(path), 0);
	struct refused r = { .g = other };
	int code;
	OWN(mem) char *said = init_says(&r, &code);
	if (!code || !strstr(said, "copy identity.key"))
		fail_msg("%d: %s", code, said);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(gateway_scalar(w->g, "SELECT count(*) FROM account"), users);
	pgworld_leave(other);
	pgworld_finish(w, END_MS);
}

static int working(void **state)
{
	*state = pgworld_new(&(struct pgworld_options){ .people = 0 });
	return 0;
}

static int working_down(void **state)
{
	pgworld_free(*state);
	return 0;
}

static int up(void **state)
{
	struct refused *r = test_calloc(1, sizeof(*r));
	char uri[PGSERVER_URI_MAX];
	*state = r;
	pgserver_new(&r->server, 0);
	pgserver_sql(&r->server, "CREATE ROLE locked LOGIN PASSWORD 'the-right-one'");
	pgserver_sql(&r->server, "CREATE ROLE looker LOGIN");
	pgserver_sql(&r->server, "ALTER ROLE looker SET default_transaction_read_only = on");
	pgserver_ask_password(&r->server, "locked");
	pgserver_uri(&r->server, NULL, uri);
	setenv("CAUNOI_TEST_STORE", uri, 1);
	r->g = gateway_new(&(struct gateway_options){ .no_init = true, .more = "node = \"mot\";" });
	return 0;
}

static int down(void **state)
{
	struct refused *r = *state;
	gateway_free(r->g);
	pgserver_free(&r->server);
	unsetenv("CAUNOI_TEST_STORE");
	test_free(r);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_address_that_leads_nowhere_is_refused_with_a_sentence, up, down),
		cmocka_unit_test_setup_teardown(schema_newer_than_the_program_is_refused, up, down),
		cmocka_unit_test_setup_teardown(two_cores_of_one_name_are_refused_and_the_first_goes_on, working, working_down),
		cmocka_unit_test_setup_teardown(clocks_that_are_apart_are_refused, working, working_down),
		cmocka_unit_test_setup_teardown(second_init_without_the_key_makes_nothing, working, working_down),
	};
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
