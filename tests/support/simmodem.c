/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starting and asking sim-modem. Called by flow and fault tests; knows nothing of the product. */
#include "tests/support/simmodem.h"

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/base/own.h"

#define ARGUMENTS_MAX 32
#define ANSWER_BYTES (1024 * 1024)
#define START_TRIES 200
#define TRY_MS 25

static void pause_ms(long ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
	nanosleep(&t, NULL);
}

/* build/tests/test_x → build/sim-modem */
static void program_path(char ret[PATH_MAX])
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	assert_true(n > 0);
	self[n] = '\0';
	for (int i = 0; i < 2; i++) {
		char *slash = strrchr(self, '/');
		assert_non_null(slash);
		*slash = '\0';
	}
	assert_true(snprintf(ret, PATH_MAX, "%s/sim-modem", self) < PATH_MAX);
}

static void place(char ret[SIMMODEM_PATH_MAX], const char *dir, const char *name)
{
	assert_true(snprintf(ret, SIMMODEM_PATH_MAX, "%s/%s", dir, name) < SIMMODEM_PATH_MAX);
}

static int connect_control(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	snprintf(address.sun_path, sizeof(address.sun_path), "%.*s", (int)sizeof(address.sun_path) - 1, path);
	for (int i = 0; i < START_TRIES; i++) {
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (!connect(fd, (struct sockaddr *)&address, sizeof(address)))
			return fd;
		close(fd);
		pause_ms(TRY_MS);
	}
	fail_msg("sim-modem did not start");
	return -1;
}

static void run_program(const struct simmodem *s, const char *const *arguments)
{
	char program[PATH_MAX];
	const char *argv[ARGUMENTS_MAX] = { "sim-modem", "--link", s->link, "--control", s->socket, "--journal", s->journal };
	char *const environment[] = { NULL };
	int n = 7;
	for (; arguments && *arguments && n < ARGUMENTS_MAX - 1; arguments++)
		argv[n++] = *arguments;
	program_path(program);
	dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
	execve(program, (char *const *)argv, environment);
	_exit(127);
}

void simmodem_start(struct simmodem *s, const char *const *arguments)
{
	const char *tmp = getenv("TMPDIR");
	*s = (struct simmodem){ .control = -1 };
	place(s->dir, tmp ? tmp : "/tmp", "simmodem-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	place(s->link, s->dir, "modem");
	place(s->socket, s->dir, "control");
	place(s->journal, s->dir, "journal");
	s->pid = fork();
	assert_true(s->pid >= 0);
	if (!s->pid)
		run_program(s, arguments);
	s->control = connect_control(s->socket);
}

void simmodem_stop(struct simmodem *s)
{
	int status = 0;
	close(s->control);
	kill(s->pid, SIGTERM);
	waitpid(s->pid, &status, 0);
	unlink(s->journal);
	unlink(s->link);
	unlink(s->socket);
	rmdir(s->dir);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

json_t *simmodem_ask(struct simmodem *s, const char *operation)
{
	OWN(mem) char *line = malloc(ANSWER_BYTES);
	assert_non_null(line);
	assert_true(send(s->control, operation, strlen(operation), MSG_NOSIGNAL) == (ssize_t)strlen(operation));
	assert_true(send(s->control, "\n", 1, MSG_NOSIGNAL) == 1);
	size_t n = 0;
	do {
		ssize_t got = recv(s->control, line + n, ANSWER_BYTES - n, 0);
		if (got <= 0)
			fail_msg("sim-modem went away");
		n += (size_t)got;
	} while (line[n - 1] != '\n' && n < ANSWER_BYTES);
	json_t *answer = json_loadb(line, n, 0, NULL);
	if (!json_is_true(json_object_get(answer, "ok")))
		fail_msg("sim-modem refused %s: %.*s", operation, (int)n, line);
	return answer;
}

void simmodem_tell(struct simmodem *s, const char *operation)
{
	json_decref(simmodem_ask(s, operation));
}

long simmodem_sent(struct simmodem *s)
{
	json_t *answer = simmodem_ask(s, "{\"op\":\"status\"}");
	long sent = (long)json_integer_value(json_object_get(answer, "sent"));
	json_decref(answer);
	return sent;
}
