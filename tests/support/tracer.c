/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Command lines for strace and what its file says. Called by fault tests. */
#include "tests/support/tracer.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/base/own.h"

#define LINE_BYTES 4096
#define LOOK_MS 2
#ifdef __SANITIZE_ADDRESS__
#define LEAKS "-E", "ASAN_OPTIONS=detect_leaks=0", /* the search for leaks is a tracer itself */
#else
#define LEAKS
#endif

/* ---- is it possible here ---- */

static int run_quietly(const char *const *argv)
{
	int status = 0;
	pid_t pid = fork();
	if (!pid) {
		int null = open("/dev/null", O_RDWR);
		dup2(null, 1);
		dup2(null, 2);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

const char *tracer_why_not(void)
{
	static const char *const version[] = { "strace", "-V", NULL };
	static const char *const attempt[] = {
		"strace", "-D", "-o", "/dev/null", "-e", "inject=fdatasync:signal=KILL:when=9", "true", NULL
	};
	if (run_quietly(version))
		return "there is no strace here";
	return run_quietly(attempt) ? "tracing is not permitted here" : NULL;
}

/* ---- arming ---- */

const char *const *tracer_words(struct tracer *t, const char *dir, const char *calls, const char *inject, bool threads)
{
	*t = (struct tracer){ 0 };
	snprintf(t->file, sizeof(t->file), "%s/trace", dir);
	snprintf(t->calls, sizeof(t->calls), "trace=%s", calls);
	snprintf(t->inject, sizeof(t->inject), "inject=%s", inject);
	unlink(t->file);
	/* -D: the program stays the child of whoever started it; -y: files by name; threads have counts of their own */
	const char *words[] = { "strace",  "-D", threads ? "-qf" : "-q", "-y", "-ttt", "-s", "0", LEAKS "-o", t->file, "-e", t->calls, "-e",
				t->inject, NULL };
	_Static_assert(sizeof(words) <= sizeof(t->words), "room for the words");
	memcpy(t->words, words, sizeof(words));
	return t->words;
}

void tracer_arm(struct tracer *t, struct gateway *g, const char *calls, const char *inject)
{
	g->under = tracer_words(t, g->dir, calls, inject, false);
}

void tracer_disarm(struct tracer *t, struct gateway *g)
{
	(void)t;
	g->under = NULL;
}

/* ---- what the trace says ---- */

bool tracer_killed(const struct tracer *t, int limit_ms)
{
	char line[LINE_BYTES];
	for (int64_t until = gateway_mono_ms() + limit_ms;; gateway_pause_ms(LOOK_MS)) {
		OWN(file) FILE *f = fopen(t->file, "r");
		while (f && fgets(line, sizeof(line), f))
			if (strstr(line, "+++ killed by SIGKILL"))
				return true;
		if (gateway_mono_ms() >= until)
			return false;
	}
}

/* "1700000000.123456 fdatasync(7</path>) = …": the moment, and the file between < and >. */
static int64_t moment_ms(const char *line)
{
	return (int64_t)(strtod(line, NULL) * 1000);
}

static void file_of(const char *line, char *ret, size_t room)
{
	const char *from = strchr(line, '<'), *to = from ? strchr(from, '>') : NULL;
	snprintf(ret, room, "%.*s", to ? (int)(to - from - 1) : 0, to ? from + 1 : "");
}

struct tracer_fault tracer_fault(const struct tracer *t)
{
	struct tracer_fault fault = { .end_after_ms = -1 };
	char line[LINE_BYTES], file[GATEWAY_PATH_MAX];
	int64_t at_ms = 0;
	gateway_pause_ms(20); /* strace ends after what it traces */
	OWN(file) FILE *f = fopen(t->file, "r");
	while (f && fgets(line, sizeof(line), f)) {
		if (fault.seen && strstr(line, "+++"))
			fault.end_after_ms = moment_ms(line) - at_ms;
		file_of(line, file, sizeof(file));
		fault.syncs_after += fault.seen && (strstr(line, " fsync(") || strstr(line, " fdatasync(")) && !strcmp(file, fault.file);
		if (!fault.seen && strstr(line, "(INJECTED)")) {
			fault.seen = true;
			at_ms = moment_ms(line);
			memcpy(fault.file, file, sizeof(file));
		}
	}
	return fault;
}

bool tracer_lives(const struct gateway *g)
{
	siginfo_t si = { .si_pid = 0 };
	return g->core > 0 && (waitid(P_PID, (id_t)g->core, &si, WEXITED | WNOHANG | WNOWAIT) || !si.si_pid);
}
