/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starting and asking sim-api. Called by flow and fault tests; knows nothing of the product. */
#include "tests/support/simapi.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/base/json.h"

#define ANSWER_MS 10000

static void run_program(const struct simapi *s, const char *program, int out, bool once)
{
	const char *argv[] = { "sim-api", "--listen", "127.0.0.1:0", "--control", s->socket, "--journal", s->journal, once ? "--once" : NULL, NULL };
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(out, STDOUT_FILENO);
	execv(program, (char *const *)argv);
	_exit(127);
}

/* "listening 127.0.0.1:PORT" */
static int read_port(int fd)
{
	char line[128];
	size_t n = 0;
	while (n < sizeof(line) - 1 && read(fd, line + n, 1) == 1 && line[n] != '\n')
		n++;
	line[n] = '\0';
	const char *colon = strrchr(line, ':');
	if (!colon)
		fail_msg("sim-api did not start: %s", line);
	return (int)strtol(colon + 1, NULL, 10);
}

void simapi_start(struct simapi *s, const char *program, const char *dir, const char *name, bool once)
{
	int out[2];
	*s = (struct simapi){ .control = { .fd = -1 } };
	assert_true(snprintf(s->socket, sizeof(s->socket), "%s/%s.sock", dir, name) < (int)sizeof(s->socket));
	assert_true(snprintf(s->journal, sizeof(s->journal), "%s/%s.jsonl", dir, name) < (int)sizeof(s->journal));
	assert_int_equal(pipe(out), 0);
	s->pid = fork();
	assert_true(s->pid >= 0);
	if (!s->pid) {
		close(out[0]);
		run_program(s, program, out[1], once);
	}
	close(out[1]);
	s->port = read_port(out[0]);
	close(out[0]);
	assert_int_equal(client_open(&s->control, s->socket, false, ANSWER_MS), 0);
}

void simapi_stop(struct simapi *s)
{
	if (s->pid <= 0)
		return;
	client_close(&s->control);
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	s->pid = 0;
}

json_t *simapi_ask(struct simapi *s, const char *operation)
{
	OWN(json) json_t *line = NULL;
	assert_int_equal(json_parse(operation, strlen(operation), &line), 0);
	json_t *answer = client_ask(&s->control, line, ANSWER_MS);
	if (!json_flag(answer, "ok", false))
		fail_msg("sim-api refused %s", operation);
	return answer;
}

void simapi_tell(struct simapi *s, const char *operation)
{
	json_decref(simapi_ask(s, operation));
}
