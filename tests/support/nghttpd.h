/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A running nghttpd (Debian's HTTP/2 server) for a test: over TLS with a certificate of its own for localhost and the loopback
 * addresses; it sends back what it gets. Killed with the test. Failures end the test. */
#ifndef CAUNOI_TESTS_SUPPORT_NGHTTPD_H
#define CAUNOI_TESTS_SUPPORT_NGHTTPD_H

#include <stdbool.h>
#include <sys/types.h>

struct nghttpd {
	pid_t pid;
	int family, port;
	bool verbose;
	char folder[64], key[96], cert[96], log[96]; /* cert: what a client trusts */
};

/* family: AF_INET or AF_INET6; verbose: every frame is written. False: this machine cannot do it, and it was said what it lacks. */
bool nghttpd_start(struct nghttpd *s, int family, bool verbose);
/* Kills it and starts it again on the same port. */
void nghttpd_kill(struct nghttpd *s);
void nghttpd_serve(struct nghttpd *s);
/* How many lines of what it wrote hold text. */
int nghttpd_said(const struct nghttpd *s, const char *text);
/* Kills it; its folder goes. */
void nghttpd_end(struct nghttpd *s);

#endif
