/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folder and life of a gateway under test; how it is spoken to is gateway_talk.c. Called by flow and fault tests. */
#include "tests/support/gateway.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/base/json.h"

#define READY_MS 20000
#define STOP_MS 15000
#define PROGRAM_MS 60000
#define STEP_MS 5
#define SWEEPS 40
#define ARGUMENTS_MAX 32
#define LOG_SHOWN 3000

int64_t gateway_mono_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void gateway_pause_ms(long ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
	nanosleep(&t, NULL);
}

/* ---- the keeper ---- */

static int sweep_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)where;
	return kind == FTW_DP ? rmdir(path) && errno != ENOTEMPTY : unlink(path) && errno != ENOENT;
}

/* Waits until every holder of the other end is gone, then removes the folder, whoever still writes into it. */
static void keep(const char *dir, const char *data, int fd)
{
	char c;
	int null = open("/dev/null", O_RDWR);
	setpgid(0, 0);
	dup2(fd, 0);
	dup2(null, 1);
	dup2(null, 2);
	close_range(3, ~0u, 0);
	while (read(0, &c, 1) < 0 && errno == EINTR)
		;
	for (int i = 0; i < SWEEPS && !access(dir, F_OK); i++) {
		umount2(data, MNT_DETACH);
		if (nftw(dir, sweep_one, 16, FTW_DEPTH | FTW_PHYS) || !access(dir, F_OK))
			gateway_pause_ms(50);
	}
	_exit(0);
}

static void start_keeper(struct gateway *g)
{
	int end[2];
	assert_int_equal(pipe2(end, O_CLOEXEC), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		keep(g->dir, g->data, end[0]);
	close(end[0]);
	g->keeper = pid;
	g->keeper_fd = end[1];
}

/* ---- making ---- */

static void place(char ret[GATEWAY_PATH_MAX], const char *dir, const char *name)
{
	assert_true(snprintf(ret, GATEWAY_PATH_MAX, "%s/%s", dir, name) < GATEWAY_PATH_MAX);
}

static void program_path(const struct gateway *g, const char *program, char *ret, size_t room)
{
	assert_true(snprintf(ret, room, "%s/%s", g->build, program) < (int)room);
}

static void write_file(const char *dir, const char *name, const char *text)
{
	char path[GATEWAY_PATH_MAX];
	place(path, dir, name);
	OWN(file) FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fflush(f), 0);
}

static void copy_profile(const struct gateway *g, const char *name)
{
	char from[64], to[64], text[16384];
	snprintf(from, sizeof(from), "tests/fixtures/providers/%s.conf", name);
	snprintf(to, sizeof(to), "providers/%s.conf", name);
	OWN(file) FILE *f = fopen(from, "r");
	if (!f)
		fail_msg("%s cannot be read: flow tests run from the repository's root", from);
	size_t n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	write_file(g->dir, to, text);
}

static void start_simulators(struct gateway *g, const struct gateway_options *o)
{
	char program[600];
	program_path(g, "sim-api", program, sizeof(program));
	if (o->channels && strstr(o->channels, "@API@"))
		simapi_start(&g->api, program, g->dir, "api", false);
	if (o->channels && strstr(o->channels, "@ONCE@"))
		simapi_start(&g->once, program, g->dir, "once", true);
	if (!o->channels || !strstr(o->channels, "@MODEM@"))
		return;
	const char *was = getenv("TMPDIR");
	OWN(mem) char *before = was ? strdup(was) : NULL;
	setenv("TMPDIR", g->dir, 1); /* its folder goes with ours */
	simmodem_start(&g->modem, o->modem_arguments);
	g->has_modem = true;
	if (before)
		setenv("TMPDIR", before, 1);
	else
		unsetenv("TMPDIR");
}

static void put_channels(const struct gateway *g, const char *text, struct buffer *out)
{
	char api[64], once[64];
	snprintf(api, sizeof(api), "http://127.0.0.1:%d", g->api.port);
	snprintf(once, sizeof(once), "http://127.0.0.1:%d", g->once.port);
	const char *const marks[][2] = { { "@API@", api }, { "@ONCE@", once }, { "@MODEM@", g->modem.link } };
	while (*text) {
		size_t i = 0;
		while (i < COUNT_OF(marks) && strncmp(text, marks[i][0], strlen(marks[i][0])) != 0)
			i++;
		assert_int_equal(i < COUNT_OF(marks) ? buffer_puts(out, marks[i][1]) : buffer_put(out, text, 1), 0);
		text += i < COUNT_OF(marks) ? strlen(marks[i][0]) : 1;
	}
}

static void write_config(struct gateway *g, const struct gateway_options *o)
{
	OWN(buffer) struct buffer out = { 0 };
	bool has_web = o->more && strstr(o->more, "web =");
	assert_int_equal(buffer_printf(&out, "data_dir = \"data\";\ncontrol = \"core.sock\";\nstore = \"%s\";\n"
				       "organisation = { name = \"Thon Na Lang\"; unit = \"02269\"; reply_number = \"+84912345678\"; };\n"
				       "network = { allow_private_endpoints = [ \"127.0.0.1/32\" ]; };\n%s"
				       "sending = { %s };\nchannels = ( ",
				       g->engine.uri, has_web ? "" : "web = { listen = \"unix:web.sock\"; };\n",
				       o->sending ? o->sending
						  : "quiet_hours = [\"00:00\", \"00:00\"]; max_per_person_24h = 1000; two_person_above = 1000000000;"), 0);
	put_channels(g, o->channels ? o->channels : "{ name = \"may-ao\"; driver = \"loopback\"; rate_per_second = 10000; delivery_ms = 20; }", &out);
	assert_int_equal(buffer_printf(&out, " );\n%s\n", o->more ? o->more : ""), 0);
	write_file(g->dir, "caunoi.conf", out.data);
}

static void show_log(struct gateway *g)
{
	siginfo_t si = { .si_pid = 0 };
	if (g->core > 0 && !waitid(P_PID, (id_t)g->core, &si, WEXITED | WNOHANG | WNOWAIT) && si.si_pid)
		fprintf(stderr, "the core ended, %s %d\n", si.si_code == CLD_EXITED ? "exit code" : "signal", si.si_status);
	OWN(mem) char *text = gateway_log(g);
	size_t n = strlen(text);
	fprintf(stderr, "log of the core:\n%s\n", n > LOG_SHOWN ? text + n - LOG_SHOWN : text);
}

void gateway_secret(const struct gateway *g, const char *name, const char *value)
{
	char path[GATEWAY_PATH_MAX + 64];
	snprintf(path, sizeof(path), "%s/secrets", g->dir);
	assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
	snprintf(path, sizeof(path), "%s/secrets/%s", g->dir, name);
	OWN(file) FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fchmod(fileno(f), 0600), 0);
	assert_true(fprintf(f, "%s\n", value) > 0);
}

void gateway_init(struct gateway *g)
{
	const char *const arguments[] = { "--config", g->config, "--local", "init", NULL };
	OWN(mem) char *out = NULL;
	OWN(json) json_t *answer = NULL;
	int code = gateway_program(g, "caunoid", arguments, "{}", &out);
	if (code || json_parse(out, strlen(out), &answer) || !json_flag(answer, "ok", false)) {
		show_log(g);
		fail_msg("init failed (%d): %s", code, out ? out : "");
	}
	snprintf(g->login, sizeof(g->login), "%s", json_str(json_object_get(answer, "result"), "login", ""));
}

struct gateway *gateway_new(const struct gateway_options *options)
{
	static const struct gateway_options none;
	const struct gateway_options *o = options ? options : &none;
	const char *tmp = getenv("TMPDIR"), *build = getenv("CAUNOI_BUILD");
	struct gateway *g = calloc(1, sizeof(*g));
	assert_non_null(g);
	*g = (struct gateway){ .control = { .fd = -1 }, .query = { .fd = -1 }, .api.control = { .fd = -1 }, .once.control = { .fd = -1 } };
	char from_here[PATH_MAX];
	if (!realpath(build ? build : "build", from_here) || snprintf(g->build, sizeof(g->build), "%s", from_here) >= (int)sizeof(g->build))
		fail_msg("there is no folder %s; set CAUNOI_BUILD", build ? build : "build");
	place(g->dir, tmp ? tmp : "/tmp", "cauno-XXXXXX");
	assert_non_null(mkdtemp(g->dir));
	place(g->data, g->dir, "data");
	place(g->config, g->dir, "caunoi.conf");
	place(g->log, g->dir, "log");
	place(g->control_path, g->dir, "core.sock");
	place(g->query_path, g->dir, "query.sock");
	place(g->database, g->data, "caunoi.db");
	if (o->on_file)
		g->engine = (struct engine){ .uri = "sqlite" };
	else
		engine_init(&g->engine);
	start_keeper(g);
	g->log_fd = open(g->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	char sub[GATEWAY_PATH_MAX];
	place(sub, g->dir, "providers");
	assert_int_equal(mkdir(sub, 0700), 0);
	static const char *const profiles[] = { "sim", "sim-once", "sim-batch", "sim-echo" };
	for (size_t i = 0; i < COUNT_OF(profiles); i++)
		copy_profile(g, profiles[i]);
	start_simulators(g, o);
	write_config(g, o);
	if (!o->no_init)
		gateway_init(g);
	return g;
}

void gateway_free(struct gateway *g)
{
	if (!g)
		return;
	if (g->core > 0 && getenv("CAUNOI_SHOW"))
		show_log(g);
	gateway_kill(g);
	gateway_db_close(g);
	engine_done(&g->engine);
	simapi_stop(&g->api);
	simapi_stop(&g->once);
	if (g->has_modem)
		simmodem_stop(&g->modem);
	close(g->log_fd);
	close(g->keeper_fd);
	waitpid(g->keeper, NULL, 0);
	free(g);
}

/* ---- programs ---- */

static int put_words(const char **argv, int n, const char *const *words)
{
	for (int i = 0; words && words[i] && n < ARGUMENTS_MAX - 1; i++)
		argv[n++] = words[i];
	return n;
}

static void become(const struct gateway *g, const char *const *under, const char *program, const char *const *arguments, const int fds[3])
{
	char path[600];
	const char *argv[ARGUMENTS_MAX] = { NULL };
	program_path(g, program, path, sizeof(path));
	int n = put_words(argv, 0, under);
	argv[n] = n ? path : program;
	put_words(argv, n + 1, arguments);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 0; i < 3; i++)
		if (dup2(fds[i], i) < 0)
			_exit(126);
	close_range(3, ~0u, 0);
	execvp(n ? argv[0] : path, (char *const *)argv);
	_exit(127);
}

/* The exit code; -1 when a signal ended it or it had to be killed. */
static int wait_end(pid_t pid, int limit_ms)
{
	int64_t until = gateway_mono_ms() + limit_ms;
	int status = 0;
	pid_t got;
	while (!(got = waitpid(pid, &status, WNOHANG)) && gateway_mono_ms() < until)
		gateway_pause_ms(STEP_MS);
	if (!got) {
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		return -1;
	}
	return got == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static char *read_whole(int fd)
{
	OWN(buffer) struct buffer out = { 0 };
	char some[65536];
	ssize_t n;
	for (off_t at = 0; (n = pread(fd, some, sizeof(some), at)) > 0; at += n)
		assert_int_equal(buffer_put(&out, some, (size_t)n), 0);
	return out.data ? MOVE(out.data) : calloc(1, 1);
}

int gateway_program(struct gateway *g, const char *program, const char *const *arguments, const char *text, char **ret_out)
{
	OWN(fd) int in = memfd_create("in", MFD_CLOEXEC), out = memfd_create("out", MFD_CLOEXEC);
	size_t n = text ? strlen(text) : 0;
	assert_true(in >= 0 && out >= 0 && pwrite(in, text ? text : "", n, 0) == (ssize_t)n);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		become(g, strcmp(program, "caunoid") ? NULL : g->under, program, arguments, (int[]){ in, out, g->log_fd });
	int code = wait_end(pid, PROGRAM_MS);
	if (ret_out)
		*ret_out = read_whole(out);
	close(out);
	out = -1;
	return code;
}

/* ---- the core's life ---- */

void gateway_spawn(struct gateway *g)
{
	const char *const arguments[] = { "--config", g->config, NULL };
	assert_int_equal(g->core, 0);
	OWN(fd) int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	g->core = fork();
	assert_true(g->core >= 0);
	if (!g->core)
		become(g, g->under, "caunoid", arguments, (int[]){ null, g->log_fd, g->log_fd });
}

static bool ended(struct gateway *g)
{
	siginfo_t si = { .si_pid = 0 };
	return !waitid(P_PID, (id_t)g->core, &si, WEXITED | WNOHANG | WNOWAIT) && si.si_pid;
}

static void hang_up(struct gateway *g)
{
	client_close(&g->control);
	client_close(&g->query);
}

static bool answers(struct gateway *g)
{
	hang_up(g);
	if (client_open(&g->control, g->control_path, true, 1000) || client_open(&g->query, g->query_path, true, 1000))
		return false;
	OWN(json) json_t *reply = client_call(&g->query, "query", "status", NULL, NULL, 5000);
	return reply && !strcmp(json_str(reply, "op", ""), "rows");
}

bool gateway_wait_ready(struct gateway *g, int limit_ms)
{
	int64_t until = gateway_mono_ms() + limit_ms;
	while (!answers(g)) {
		if (ended(g) || gateway_mono_ms() > until)
			return false;
		gateway_pause_ms(STEP_MS);
	}
	return true;
}

void gateway_start(struct gateway *g)
{
	int64_t began = gateway_mono_ms();
	gateway_spawn(g);
	if (!gateway_wait_ready(g, READY_MS)) {
		show_log(g);
		fail_msg("the core was not ready within %d ms", READY_MS);
	}
	g->ready_after_ms = gateway_mono_ms() - began;
}

void gateway_kill(struct gateway *g)
{
	hang_up(g);
	if (g->core <= 0)
		return;
	kill(g->core, SIGKILL);
	waitpid(g->core, NULL, 0);
	g->core = 0;
}

int gateway_wait_end(struct gateway *g, int limit_ms)
{
	int code = wait_end(g->core, limit_ms);
	g->core = 0;
	hang_up(g);
	return code;
}

void gateway_stop(struct gateway *g)
{
	assert_true(g->core > 0);
	kill(g->core, SIGTERM);
	int code = gateway_wait_end(g, STOP_MS);
	if (code) {
		show_log(g);
		fail_msg("the core did not stop in good order (%d)", code);
	}
}

int gateway_run(struct gateway *g, int limit_ms, char **ret_text, int64_t *ret_ms)
{
	const char *const arguments[] = { "--config", g->config, NULL };
	OWN(fd) int null = open("/dev/null", O_RDWR | O_CLOEXEC), err = memfd_create("err", MFD_CLOEXEC);
	int64_t began = gateway_mono_ms();
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		become(g, g->under, "caunoid", arguments, (int[]){ null, null, err });
	int code = wait_end(pid, limit_ms);
	if (ret_ms)
		*ret_ms = gateway_mono_ms() - began;
	if (ret_text)
		*ret_text = read_whole(err);
	return code;
}

bool gateway_children_gone(struct gateway *g, int limit_ms)
{
	char path[GATEWAY_PATH_MAX];
	place(path, g->data, "drivers.lock"); /* every child holds it open */
	OWN(fd) int fd = open(path, O_RDWR | O_CLOEXEC);
	int64_t until = gateway_mono_ms() + limit_ms;
	while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB)) {
		if (gateway_mono_ms() > until)
			return false;
		gateway_pause_ms(1);
	}
	return true;
}

char *gateway_log(struct gateway *g)
{
	OWN(fd) int fd = open(g->log, O_RDONLY | O_CLOEXEC);
	return read_whole(fd);
}
