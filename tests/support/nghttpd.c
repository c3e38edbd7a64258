/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starting nghttpd and reading what it wrote. Called by flow tests and measurements; knows nothing of the product. */
#include "tests/support/nghttpd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/base/own.h"

static pid_t run(const char *const *argv, const char *output)
{
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid)
		return pid;
	int fd = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(fd, 1);
	dup2(fd, 2);
	close_range(3, ~0u, 0); /* among them the driver's input, which must close when the test closes it */
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

static int free_port(int family)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback };
	struct sockaddr_in at4 = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	bool six = family == AF_INET6;
	socklen_t n = six ? sizeof(at) : sizeof(at4);
	struct sockaddr *any = six ? (struct sockaddr *)&at : (struct sockaddr *)&at4;
	OWN(fd) int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, any, n) || getsockname(fd, any, &n))
		return 0;
	return ntohs(six ? at.sin6_port : at4.sin_port);
}

static bool answers(const struct nghttpd *s)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback, .sin6_port = htons((uint16_t)s->port) };
	struct sockaddr_in at4 = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)s->port) };
	OWN(fd) int fd = socket(s->family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return fd >= 0 && !(s->family == AF_INET6 ? connect(fd, (const struct sockaddr *)&at, sizeof(at)) :
						 connect(fd, (const struct sockaddr *)&at4, sizeof(at4)));
}

void nghttpd_serve(struct nghttpd *s)
{
	char port[8];
	snprintf(port, sizeof(port), "%d", s->port);
	const char *const argv[] = { "nghttpd", "--echo-upload", "-a", s->family == AF_INET6 ? "::1" : "127.0.0.1", port, s->key, s->cert, s->verbose ? "-v" : NULL, NULL };
	s->pid = run(argv, s->log);
	for (int i = 0; i < 3000 && !answers(s); i++)
		usleep(10000);
	assert_true(answers(s));
}

void nghttpd_kill(struct nghttpd *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
}

bool nghttpd_start(struct nghttpd *s, int family, bool verbose)
{
	int status = 1;
	*s = (struct nghttpd){ .folder = "/tmp/test-h2-XXXXXX", .family = family, .verbose = verbose, .port = free_port(family) };
	if (access("/usr/sbin/nghttpd", X_OK) && access("/usr/bin/nghttpd", X_OK)) {
		print_message("skipped: nghttpd (package nghttp2-server) is not installed\n");
		return false;
	}
	if (!s->port) {
		print_message("skipped: this machine has no IPv6 loopback\n");
		return false;
	}
	assert_non_null(mkdtemp(s->folder));
	snprintf(s->key, sizeof(s->key), "%s/key.pem", s->folder);
	snprintf(s->cert, sizeof(s->cert), "%s/cert.pem", s->folder);
	snprintf(s->log, sizeof(s->log), "%s/log", s->folder);
	const char *const argv[] = { "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost", "-addext",
				     "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1", "-keyout", s->key, "-out", s->cert, "-days", "2", NULL };
	waitpid(run(argv, s->log), &status, 0);
	assert_int_equal(status, 0);
	nghttpd_serve(s);
	return true;
}

int nghttpd_said(const struct nghttpd *s, const char *text)
{
	OWN(file) FILE *f = fopen(s->log, "r");
	OWN(mem) char *line = NULL;
	size_t room = 0;
	int n = 0;
	assert_non_null(f);
	while (getline(&line, &room, f) > 0)
		n += strstr(line, text) != NULL;
	return n;
}

void nghttpd_end(struct nghttpd *s)
{
	nghttpd_kill(s);
	unlink(s->key);
	unlink(s->cert);
	unlink(s->log);
	rmdir(s->folder);
}
