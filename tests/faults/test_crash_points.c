/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kills a program of a running gateway at its n-th system call of one kind, for n = 1 to the end of a script of sends, inbound, an
 * opt-out, receipts and a campaign, and starts again after every kill. strace counts and kills, so a point is a place in the
 * program and not a moment. CAUNOI_POINTS=all tries every n, a number one in so many (10; 40 with ASan), drawn with CAUNOI_SEED; the first
 * argument chooses tests by pattern. Where tracing is not allowed everything is skipped with the reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/random.h"
#include "tests/support/load.h"
#include "tests/support/tracer.h"

#ifdef __SANITIZE_ADDRESS__
#define ONE_IN 40 /* the programs under test are several times slower then */
#else
#define ONE_IN 10
#endif
#define MODEM_RARER 8	 /* a life with a modem takes ten times as long */
#define POINTS_MAX 4000	 /* of one row: a script longer than this has run away */
#define LIVES_A_WORLD 60 /* then a new one, so that none grows old */
#define READY_LIMIT_MS 5000
#define QUIET_MS 8000 /* a script is over when nothing waits, or after so long */
#define FINISH_MS 60000
#define STOP_MS 15000
#define WAITING "state IN ('held', 'queued', 'sending', 'retry')"

/* One sweep: which program dies at which call. */
struct row {
	const char *program, *call;
	bool modem; /* the script has a modem, which takes seconds to wake up */
};

struct sweep {
	struct gateway *g;
	struct load *load;
	struct random random;
	const struct row *row;
	int one_in, lives, points;
	int64_t worst_ready_ms, worst[2];
	struct tracer tracer;
};

static bool of_core(const struct sweep *s)
{
	return !strcmp(s->row->program, "caunoid");
}

/* ---- the world ---- */

static void copy_program(const char *from, const char *to)
{
	OWN(fd) int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	struct stat st;
	assert_true(in >= 0 && out >= 0 && !fstat(in, &st));
	for (off_t at = 0; at < st.st_size;)
		assert_true(sendfile(out, in, &at, (size_t)(st.st_size - at)) > 0);
}

/* A build folder of its own, in which program is a script that is traced when it has been armed. */
static void wrap_program(struct gateway *g, const char *program)
{
	static const char *const all[] = { "caunoi-query", "caunoi-web", "caunoi-gammu", "caunoi-http", "caunoi-loopback" };
	char bin[GATEWAY_PATH_MAX + 8], from[PATH_MAX], to[GATEWAY_PATH_MAX + 64];
	snprintf(bin, sizeof(bin), "%s/bin", g->dir);
	assert_int_equal(mkdir(bin, 0700), 0);
	snprintf(from, sizeof(from), "%s/../config", g->build);
	snprintf(to, sizeof(to), "%s/config", g->dir);
	assert_int_equal(symlink(from, to), 0);
	snprintf(from, sizeof(from), "%s/caunoid", g->build);
	snprintf(to, sizeof(to), "%s/caunoid", bin);
	copy_program(from, to);
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		snprintf(from, sizeof(from), "%s/%s", g->build, all[i]);
		snprintf(to, sizeof(to), "%s/%s", bin, all[i]);
		if (strcmp(all[i], program) != 0)
			assert_int_equal(symlink(from, to), 0);
	}
	snprintf(to, sizeof(to), "%s/%s", bin, program);
	OWN(file) FILE *f = fopen(to, "w");
	assert_non_null(f);
	assert_int_equal(fchmod(fileno(f), 0700), 0);
	fprintf(f, "#!/bin/sh\nif mv '%s/armed' '%s/fired' 2>/dev/null; then exec $(cat '%s/fired') %s/%s \"$@\"; fi\nexec %s/%s \"$@\"\n",
		g->dir, g->dir, g->dir, g->build, program, g->build, program);
	snprintf(g->build, sizeof(g->build), "%s", bin);
}

static void start_again(struct sweep *s)
{
	gateway_start(s->g);
	s->worst_ready_ms = s->g->ready_after_ms > s->worst_ready_ms ? s->g->ready_after_ms : s->worst_ready_ms;
	assert_in_range(s->g->ready_after_ms, 0, READY_LIMIT_MS);
}

/* Everything comes to its end and is accounted for. */
static void end_world(struct sweep *s)
{
	if (!s->g)
		return;
	start_again(s);
	load_finish(s->load, FINISH_MS);
	for (int i = 0; i < 2; i++)
		s->worst[i] = s->load->worst[i] > s->worst[i] ? s->load->worst[i] : s->worst[i];
	load_free(MOVE(s->load));
	gateway_free(MOVE(s->g));
}

static void new_world(struct sweep *s)
{
	static const char *const modem[] = { "--send-ms", "20", "--latency-ms", "0", "--report-delay-ms", "20", NULL };
	s->g = gateway_new(
		&(struct gateway_options){ .channels = s->row->modem ? load_channels : load_channels_no_modem, .modem_arguments = modem });
	simapi_tell(&s->g->api, "{\"op\":\"mode\",\"latency_ms\":5}");
	simapi_tell(&s->g->once, "{\"op\":\"mode\",\"latency_ms\":5}");
	s->load = load_new(s->g);
	if (!of_core(s))
		wrap_program(s->g, s->row->program);
}

/* ---- one point ---- */

/* The next life of the program ends at its n-th call. */
static void arm(struct sweep *s, int n)
{
	char path[GATEWAY_PATH_MAX + 16], inject[64];
	snprintf(inject, sizeof(inject), "%s:signal=KILL:when=%d", s->row->call, n);
	if (of_core(s)) {
		tracer_arm(&s->tracer, s->g, s->row->call, inject);
		return;
	}
	const char *const *words = tracer_words(&s->tracer, s->g->dir, s->row->call, inject, true);
	snprintf(path, sizeof(path), "%s/armed", s->g->dir);
	OWN(file) FILE *f = fopen(path, "w");
	assert_non_null(f);
	while (*words)
		fprintf(f, "%s ", *words++);
}

static void disarm(struct sweep *s)
{
	char path[GATEWAY_PATH_MAX + 16];
	tracer_disarm(&s->tracer, s->g);
	snprintf(path, sizeof(path), "%s/armed", s->g->dir);
	unlink(path);
}

static bool script(struct sweep *s)
{
	struct load *l = s->load;
	load_send(l, "once");
	load_send(l, "api");
	if (s->row->modem)
		load_send(l, "sim1");
	load_say(l);
	if (!load_take(l, 5000) || !load_campaign(l, of_core(s) && s->lives % 2 ? "once" : "api", 3))
		return false;
	load_say_stop(l);
	load_opt_out(l);
	load_send_again(l);
	if (!load_take(l, 5000))
		return false;
	char quiet[512];
	snprintf(quiet, sizeof(quiet),
		 "SELECT (SELECT count(*) FROM v_msg WHERE " WAITING ") = 0 AND "
		 "(SELECT count(*) FROM v_inbound WHERE state = 'received') = 0 AND "
		 "(SELECT count(*) FROM campaign WHERE state IN ('scheduled', 'running')) = 0 AND "
		 "(SELECT count(*) FROM inbound WHERE channel = 'sim1') = %d",
		 l->n_delivered);
	for (int64_t until = gateway_mono_ms() + QUIET_MS; tracer_lives(s->g) && gateway_mono_ms() < until; gateway_pause_ms(5))
		if (gateway_scalar(s->g, quiet))
			break;
	return tracer_lives(s->g);
}

/* The program dies at its n-th call, if it makes so many; then all is judged, as it lies and after a start. */
static bool die_at(struct sweep *s, int n)
{
	char where[96];
	snprintf(where, sizeof(where), "%s at %s %d", s->row->program, s->row->call, n);
	arm(s, n);
	if (s->row->modem)
		load_deliver(s->load);
	gateway_spawn(s->g);
	if (gateway_wait_ready(s->g, READY_LIMIT_MS))
		script(s);
	bool reached = !of_core(s) && tracer_killed(&s->tracer, 0);
	if (tracer_lives(s->g))
		kill(s->g->core, SIGTERM);
	load_forget(s->load);
	int code = gateway_wait_end(s->g, STOP_MS);
	disarm(s);
	if (code && !(of_core(s) && (reached = tracer_killed(&s->tracer, 1000))))
		fail_msg("%s: the core ended with %d", where, code);
	assert_true(gateway_children_gone(s->g, 2000));
	gateway_db_close(s->g);
	load_check(s->load, 1, where);
	start_again(s);
	load_check(s->load, 1, where);
	gateway_stop(s->g);
	return reached;
}

static void sweep(struct sweep *s)
{
	int beyond = 0, enough = s->one_in > 1 ? 1 : 2; /* the end of the script is not always at the same call */
	for (int n = 1; n < POINTS_MAX && beyond < enough; n++) {
		if (random_below(&s->random, (uint32_t)(s->one_in > 1 && s->row->modem ? MODEM_RARER * s->one_in : s->one_in)))
			continue;
		if (s->lives++ % LIVES_A_WORLD == 0) {
			end_world(s);
			new_world(s);
		}
		bool reached = die_at(s, n);
		s->points += reached;
		beyond = reached ? 0 : beyond + 1;
	}
	end_world(s);
}

static void check_possible(void)
{
	const char *reason = tracer_why_not();
	if (reason) {
		fprintf(stderr, "skipped: %s\n", reason);
		skip();
	}
}

static void kill_at(void **state, const struct row *rows, size_t n_rows)
{
	struct sweep *s = *state;
	check_possible();
	for (size_t i = 0; i < n_rows; i++) {
		s->row = &rows[i];
		s->points = s->lives = 0;
		sweep(s);
		fprintf(stderr, "crash points: %s killed at %d of %s, slowest start %lld ms, unclear in one crash: modem %lld, API %lld\n",
			s->row->program, s->points, s->row->call, (long long)s->worst_ready_ms, (long long)s->worst[0],
			(long long)s->worst[1]);
		assert_true(s->points > 0 || s->one_in > 1);
	}
}

#define KILL_AT(name, ...)                                                                                                                 \
	static void name(void **state)                                                                                                     \
	{                                                                                                                                  \
		static const struct row rows[] = { __VA_ARGS__ };                                                                          \
		kill_at(state, rows, COUNT_OF(rows));                                                                                      \
	}

KILL_AT(core_killed_at_any_page_written, { "caunoid", "pwrite64", false })
KILL_AT(core_killed_at_any_sync, { "caunoid", "fdatasync", false })
KILL_AT(core_killed_at_any_line_sent, { "caunoid", "sendto", false }, { "caunoid", "write", false })
KILL_AT(core_killed_at_any_step_with_files, { "caunoid", "unlink", false }, { "caunoid", "ftruncate", false },
	{ "caunoid", "fallocate", false }, { "caunoid", "clone", false })
KILL_AT(core_killed_between_any_two_ticks, { "caunoid", "epoll_wait", false })
KILL_AT(core_with_a_modem_killed_at_any_sync, { "caunoid", "fdatasync", true })
KILL_AT(core_with_a_modem_killed_at_any_line_sent, { "caunoid", "sendto", true })
KILL_AT(http_driver_killed_at_any_line, { "caunoi-http", "sendto", false }, { "caunoi-http", "write", false })
KILL_AT(loopback_driver_killed_at_any_line, { "caunoi-loopback", "write", false })
KILL_AT(query_process_killed_at_any_answer, { "caunoi-query", "write", false })
KILL_AT(modem_driver_killed_at_any_line, { "caunoi-gammu", "write", true })

/* ---- init ---- */

/* init killed at its n-th call: what is left is no database yet, and the core says how to go on, or a whole one; init again makes
 * or leaves it whole. */
static bool init_dies_at(struct sweep *s, const char *call, int n)
{
	char inject[64];
	s->g = gateway_new(&(struct gateway_options){ .no_init = true });
	const char *const arguments[] = { "--config", s->g->config, "--local", "init", NULL };
	snprintf(inject, sizeof(inject), "%s:signal=KILL:when=%d", call, n);
	tracer_arm(&s->tracer, s->g, call, inject);
	int code = gateway_program(s->g, "caunoid", arguments, "{}", NULL);
	bool reached = code && tracer_killed(&s->tracer, 1000);
	tracer_disarm(&s->tracer, s->g);
	if (code && !reached)
		fail_msg("init ended with %d at %s %d", code, call, n);
	if (access(s->g->database, F_OK)) {
		OWN(mem) char *text = NULL;
		code = gateway_run(s->g, 5000, &text, NULL);
		if (code != 6 || !strstr(text, "init"))
			fail_msg("init killed at %s %d: the core ended with %d: %s", call, n, code, text);
	}
	gateway_init(s->g);
	gateway_start(s->g);
	assert_int_equal(gateway_scalar(s->g, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
	assert_int_equal(gateway_scalar(s->g, "SELECT count(*) FROM meta"), 1);
	assert_int_equal(gateway_scalar(s->g, "SELECT count(*) FROM account WHERE role = 'administrator'"), 1);
	gateway_stop(s->g);
	gateway_free(MOVE(s->g));
	return reached;
}

static void init_killed_at_any_call_is_done_again(void **state)
{
	static const char *const calls[] = { "pwrite64", "fdatasync", "fsync",	"write",     "rename", "unlink",
					     "mkdir",	 "openat",    "fchmod", "ftruncate", "rmdir" };
	struct sweep *s = *state;
	check_possible();
	for (size_t i = 0; i < COUNT_OF(calls); i++)
		for (int n = 1, beyond = 0; n < POINTS_MAX && !beyond; n++) {
			if (random_below(&s->random, (uint32_t)s->one_in))
				continue;
			beyond = !init_dies_at(s, calls[i], n);
			s->points += !beyond;
		}
	fprintf(stderr, "crash points: init killed at %d calls\n", s->points);
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

static int up(void **state)
{
	struct sweep *s = calloc(1, sizeof(*s));
	struct random real = random_real();
	const char *points = getenv("CAUNOI_POINTS");
	assert_non_null(s);
	uint64_t seed = number_of("CAUNOI_SEED", 1 + random_below(&real, 1000000000));
	s->random = random_seeded(seed);
	s->one_in = points && !strcmp(points, "all") ? 1 : (int)number_of("CAUNOI_POINTS", ONE_IN);
	fprintf(stderr, "CAUNOI_SEED=%llu\n", (unsigned long long)seed);
	*state = s;
	return 0;
}

static int down(void **state)
{
	struct sweep *s = *state;
	load_free(s->load);
	gateway_free(s->g);
	free(s);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(init_killed_at_any_call_is_done_again, up, down),
		cmocka_unit_test_setup_teardown(core_killed_at_any_page_written, up, down),
		cmocka_unit_test_setup_teardown(core_killed_at_any_sync, up, down),
		cmocka_unit_test_setup_teardown(core_killed_at_any_line_sent, up, down),
		cmocka_unit_test_setup_teardown(core_killed_at_any_step_with_files, up, down),
		cmocka_unit_test_setup_teardown(core_killed_between_any_two_ticks, up, down),
		cmocka_unit_test_setup_teardown(core_with_a_modem_killed_at_any_sync, up, down),
		cmocka_unit_test_setup_teardown(core_with_a_modem_killed_at_any_line_sent, up, down),
		cmocka_unit_test_setup_teardown(http_driver_killed_at_any_line, up, down),
		cmocka_unit_test_setup_teardown(loopback_driver_killed_at_any_line, up, down),
		cmocka_unit_test_setup_teardown(query_process_killed_at_any_answer, up, down),
		cmocka_unit_test_setup_teardown(modem_driver_killed_at_any_line, up, down),
	};
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
