/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A load of HTTP requests over keep-alive connections to 127.0.0.1, one thread, one epoll: each connection sends its next
 * request when the last one is answered. Latencies are kept one by one. */
#ifndef CAUNOI_BENCH_LOAD_H
#define CAUNOI_BENCH_LOAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "gateway/base/buffer.h"

#define LOAD_KINDS_MAX 16

struct load {
	int port, n_connections;
	long n_requests;     /* in all; 0 = until *stop */
	long pause_ms;       /* of a connection between an answer and its next request */
	atomic_bool *stop;   /* may be NULL */
	/* Appends the body of request i (0, 1 …), which is a POST; NULL = GET. */
	void (*body)(void *arg, long i, struct buffer *out);
	/* Instead of body, path and headers: appends all of the next request of a connection (0 … n_connections - 1); its kind, 0 … LOAD_KINDS_MAX - 1. */
	int (*request)(void *arg, int connection, struct buffer *out);
	void *arg;
	const char *path;    /* "/api/v1/message" */
	const char *headers; /* whole lines, each with CR LF; may be "" */
};
struct load_kind {
	long n_good, n_bad;
	int first_bad;
	double p50_ms, p95_ms, p99_ms;
};
struct load_result {
	long n_good, n_bad; /* 2xx and everything else, broken connections included */
	int first_bad;      /* status of the first bad answer, -1 = connection broke, 0 = none */
	double seconds, per_second;
	double p50_ms, p99_ms, worst_ms;
	struct load_kind kinds[LOAD_KINDS_MAX]; /* kind 0 is everything where request is NULL */
};

/* 0, E_IO (no connection), E_NOMEM. */
MUST_CHECK int load_run(const struct load *l, struct load_result *ret);

#endif
