/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A driver on another machine: the channel's program is what carries bytes there, as ssh does. Here this very program stands in for it: it
 * starts the driver in a session of its own, out of reach of signals and of the core's death, and only carries bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "tests/support/gateway.h"

#define AS_SSH "--as-ssh"
#define END_MS 5000
#define REPLACED_MS 30000

/* ---- the stand-in ---- */

static void note_pid(const char *file)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%d\n", (int)getpid());
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, (size_t)n) != n)
		_exit(1);
	close(fd);
}

/* The far end: nobody's child. */
static void far_end(const char *program, const char *pid_file, int in, int out)
{
	if (setsid() < 0 || fork() != 0)
		_exit(0);
	note_pid(pid_file);
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0)
		_exit(1);
	execl(program, program, (char *)NULL);
	_exit(1);
}

static bool carry(int from, int to)
{
	char data[16384];
	ssize_t n = read(from, data, sizeof(data));
	for (ssize_t at = 0; at < n;) {
		ssize_t k = write(to, data + at, (size_t)(n - at));
		if (k <= 0)
			return false;
		at += k;
	}
	return n > 0;
}

/* arguments as ssh's: a machine, then the program there. */
static int as_ssh(char **argv)
{
	int there[2], back[2];
	if (pipe2(there, O_CLOEXEC) || pipe2(back, O_CLOEXEC))
		return 255;
	pid_t pid = fork();
	if (pid == 0)
		far_end(argv[3], argv[4], there[0], back[1]);
	waitpid(pid, NULL, 0);
	close(there[0]);
	close(back[1]);
	struct pollfd p[2] = { { .fd = 0, .events = POLLIN }, { .fd = back[0], .events = POLLIN } };
	while (poll(p, 2, -1) > 0) {
		if (p[0].revents && !carry(0, there[1]))
			return 255;
		if (p[1].revents && !carry(back[0], 1))
			return 255;
	}
	return 255;
}

/* ---- the rig ---- */

struct rig {
	struct gateway *g;
	char pid_file[64], channels[PATH_MAX * 3];
};

static struct rig start(void)
{
	struct rig r = { 0 };
	char self[PATH_MAX] = "", driver[PATH_MAX];
	const char *build = getenv("CAUNOI_BUILD");
	char relative[PATH_MAX];
	snprintf(relative, sizeof(relative), "%s/caunoi-loopback", build ? build : "build");
	assert_non_null(realpath("/proc/self/exe", self));
	assert_non_null(realpath(relative, driver));
	snprintf(r.pid_file, sizeof(r.pid_file), "/tmp/caunoi-far-%d", (int)getpid());
	snprintf(r.channels, sizeof(r.channels),
		 "{ name = \"xa\"; driver = \"exec\"; program = \"%s\"; arguments = [ \"" AS_SSH "\", \"may-khac\", \"%s\", \"%s\" ];"
		 " settings = { delivery_ms = 10; }; rate_per_second = 1000; }", self, driver, r.pid_file);
	r.g = gateway_new(&(struct gateway_options){ .channels = r.channels });
	gateway_start(r.g);
	return r;
}

static void end(struct rig *r)
{
	gateway_free(r->g);
	unlink(r->pid_file);
}

static pid_t far_pid(const struct rig *r)
{
	int pid = 0;
	FILE *in = fopen(r->pid_file, "r");
	if (in && fscanf(in, "%d", &pid) != 1)
		pid = 0;
	if (in)
		fclose(in);
	return pid;
}

/* Gone, or dead and not yet taken away by whoever adopted it. */
static bool is_dead(pid_t pid)
{
	char path[64], state = 'X';
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *in = fopen(path, "r");
	if (!in)
		return true;
	if (fscanf(in, "%*d (%*[^)]) %c", &state) != 1)
		state = 'X';
	fclose(in);
	return state == 'Z' || state == 'X';
}

static bool dies(pid_t pid)
{
	int64_t until = gateway_mono_ms() + END_MS;
	while (!is_dead(pid) && gateway_mono_ms() < until)
		gateway_pause_ms(20);
	return is_dead(pid);
}

static bool is_replaced(const struct rig *r, pid_t first)
{
	int64_t until = gateway_mono_ms() + REPLACED_MS;
	while ((far_pid(r) == first || !far_pid(r)) && gateway_mono_ms() < until)
		gateway_pause_ms(20);
	return far_pid(r) && far_pid(r) != first;
}

static void send_one(struct rig *r, int n)
{
	char sql[120];
	OWN(json) json_t *sent = gateway_do(r->g, "message.send", json_pack("{s:s,s:s,s:s}", "to", "+84912345678", "text", "Xin chao", "class", "service"));
	assert_non_null(sent);
	snprintf(sql, sizeof(sql), "SELECT count(*) = %d FROM v_msg WHERE state = 'delivered'", n);
	gateway_wait(r->g, "a message delivered by the far driver", sql, 15000);
}

/* ---- laws ---- */

static void far_driver_sends_as_a_near_one_does(void **state)
{
	(void)state;
	struct rig r = start();
	send_one(&r, 1);
	end(&r);
}

static void far_driver_ends_with_the_core_however_that_dies(void **state)
{
	(void)state;
	struct rig r = start();
	send_one(&r, 1);
	pid_t first = far_pid(&r);
	assert_true(first > 0 && !is_dead(first));
	gateway_kill(r.g);
	assert_true(dies(first));
	gateway_start(r.g);
	send_one(&r, 2);
	pid_t second = far_pid(&r);
	assert_true(second > 0 && second != first);
	gateway_stop(r.g);
	assert_true(dies(second));
	end(&r);
}

static void far_driver_is_started_again_when_it_dies(void **state)
{
	(void)state;
	struct rig r = start();
	send_one(&r, 1);
	pid_t first = far_pid(&r);
	assert_int_equal(kill(first, SIGKILL), 0);
	assert_true(dies(first));
	/* what the dead one was still handed would be in doubt, rightly */
	assert_true(is_replaced(&r, first));
	send_one(&r, 2);
	end(&r);
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], AS_SSH))
		return as_ssh(argv);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(far_driver_sends_as_a_near_one_does),
		cmocka_unit_test(far_driver_ends_with_the_core_however_that_dies),
		cmocka_unit_test(far_driver_is_started_again_when_it_dies),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
