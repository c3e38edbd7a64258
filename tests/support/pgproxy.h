/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A wire between programs and a PostgreSQL server that can be cut, stalled and half torn, and that knows a COMMIT when it passes: a
 * listening TCP socket on 127.0.0.1, served by a child of the test that dies with it. Only commits that write (those that hold the lease)
 * are counted and aimed at. Every step that fails ends the test. */
#ifndef CAUNOI_TESTS_SUPPORT_PGPROXY_H
#define CAUNOI_TESTS_SUPPORT_PGPROXY_H

#include <stdint.h>
#include <sys/types.h>

enum pgproxy_mode {
	PGPROXY_PASS,
	PGPROXY_CUT,   /* every connection ends, new ones too */
	PGPROXY_STALL, /* connections stand, nothing passes */
	PGPROXY_HALF,  /* the server saw the connections end, the programs did not; nothing passes */
};

/* What befalls one connection at a COMMIT. */
enum pgproxy_aim {
	PGPROXY_NOTHING,
	PGPROXY_BEFORE,    /* it ends; the server never sees the COMMIT */
	PGPROXY_AFTER,     /* the server has committed, its answer is lost and the connection ends */
	PGPROXY_BLIND,     /* the COMMIT is passed on and the connection ends, whatever the server makes of it */
	PGPROXY_TERMINATE, /* the COMMIT is passed on and the backend is told to end at the same moment (pg_terminate_backend) */
	PGPROXY_AIMS,
};

struct pgproxy_board;

struct pgproxy {
	struct pgproxy_board *board;
	pid_t pid; /* 0 = not running */
	int port;
};

/* To the server whose socket is in folder dir. */
void pgproxy_new(struct pgproxy *p, const char *dir);
void pgproxy_free(struct pgproxy *p);

/* Holds when this returns. */
void pgproxy_set(struct pgproxy *p, enum pgproxy_mode mode);
/* At the n-th commit from now (1 = the next); once. delay_us: between the COMMIT and PGPROXY_TERMINATE. */
void pgproxy_aim(struct pgproxy *p, enum pgproxy_aim aim, int n, int delay_us);
/* How many were hit so far, how many commits passed. */
int64_t pgproxy_hits(const struct pgproxy *p);
int64_t pgproxy_commits(const struct pgproxy *p);

#endif
