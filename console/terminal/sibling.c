/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds and starts caunoid and the modem driver. Called by main; no shell, no search path. */
#include "console/terminal/sibling.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/json.h"

#define PROGRAM "caunoid"
#define DRIVER "caunoi-gammu"
#define LINE_BYTES_MAX (8 << 20)

/* Beside this program, in ../sbin or ../libexec, or where it was installed. */
static char *find_program(const char *name)
{
	static const char *const places[] = { "", "../sbin/", "../libexec/caunoi/" };
	char self[4096], *path = NULL;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	self[n > 0 ? n : 0] = '\0';
	char *slash = strrchr(self, '/');
	for (size_t i = 0; slash && i < COUNT_OF(places); i++) {
		slash[1] = '\0';
		if (asprintf(&path, "%s%s%s", self, places[i], name) < 0)
			return NULL;
		if (access(path, X_OK) == 0)
			return path;
		free(path);
	}
	if (asprintf(&path, CAUNOI_SBINDIR "/%s", name) < 0)
		return NULL;
	if (access(path, X_OK) == 0)
		return path;
	free(path);
	return NULL;
}

int sibling_serve(const char *config)
{
	OWN(mem) char *path = find_program(PROGRAM);
	if (!path)
		return E_NOT_FOUND;
	const char *argv[] = { PROGRAM, "--config", config, NULL };
	execv(path, (char *const *)(uintptr_t)argv);
	return E_IO;
}

int sibling_probe(const char *device, bool json)
{
	OWN(mem) char *path = find_program(DRIVER);
	if (!path)
		return E_NOT_FOUND;
	const char *argv[] = { DRIVER, "--probe", device, json ? "--json" : NULL, NULL };
	execv(path, (char *const *)(uintptr_t)argv);
	return E_IO;
}

/* ---- one verb ---- */

static void become(const char *path, const char *config, const char *verb, int in, int out)
{
	const char *argv[] = { PROGRAM, "--config", config, "--local", verb, NULL };
	if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
		execv(path, (char *const *)(uintptr_t)argv);
	_exit(127);
}

static int start(const char *path, const char *config, const char *verb, int *ret_in, int *ret_out, pid_t *ret_pid)
{
	int to[2], from[2];
	if (pipe2(to, O_CLOEXEC))
		return E_IO;
	if (pipe2(from, O_CLOEXEC)) {
		close(to[0]);
		close(to[1]);
		return E_IO;
	}
	pid_t pid = fork();
	if (pid == 0)
		become(path, config, verb, to[0], from[1]);
	close(to[0]);
	close(from[1]);
	if (pid < 0) {
		close(to[1]);
		close(from[0]);
		return E_IO;
	}
	*ret_in = to[1];
	*ret_out = from[0];
	*ret_pid = pid;
	return 0;
}

static int write_args(int fd, const json_t *args)
{
	OWN(buffer) struct buffer line = { 0 };
	int r = json_put_line(&line, args);
	while (!r && buffer_left(&line)) {
		ssize_t n = write(fd, buffer_text(&line), buffer_left(&line));
		if (n > 0)
			buffer_take(&line, (size_t)n);
		else if (errno != EINTR)
			r = E_IO; /* it ended before reading: its own words say why */
	}
	return r;
}

static int read_all(int fd, struct buffer *out)
{
	for (;;) {
		int r = buffer_reserve(out, 65536);
		if (r)
			return r;
		ssize_t n = read(fd, out->data + out->n_bytes, 65536);
		if (n == 0)
			return 0;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || out->n_bytes + (size_t)n > LINE_BYTES_MAX)
			return E_IO;
		out->n_bytes += (size_t)n;
	}
}

static int exit_of(pid_t pid)
{
	int status;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int sibling_run(const char *config, const char *verb, const json_t *args, json_t **ret_line, int *ret_exit)
{
	OWN(mem) char *path = find_program(PROGRAM);
	OWN(buffer) struct buffer out = { 0 };
	OWN(fd) int in_fd = -1;
	OWN(fd) int out_fd = -1;
	pid_t pid;
	if (!path)
		return E_NOT_FOUND;
	int r = start(path, config, verb, &in_fd, &out_fd, &pid);
	if (r)
		return r;
	int written = write_args(in_fd, args);
	close(in_fd);
	in_fd = -1;
	r = read_all(out_fd, &out);
	*ret_exit = exit_of(pid);
	if (!r && json_parse(buffer_text(&out), strcspn(buffer_text(&out), "\n"), ret_line) == 0)
		return 0;
	if (*ret_exit == 0)
		*ret_exit = 1;
	return r ? r : written ? written : E_IO;
}
