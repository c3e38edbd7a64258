/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The load generator. Called by measurements of the web process. */
#include "tests/bench/load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "gateway/base/own.h"

#define CONNECTIONS_MAX 256
#define SAMPLES_MAX 4000000
#define PATIENCE_MS 20000

struct line {
	int fd; /* -1 = none */
	bool asked;
	uint8_t kind; /* of what is asked */
	int64_t sent_ns, next_ns; /* next_ns: when the next request may go */
	struct buffer in;
};
struct sample {
	uint32_t us;
	uint8_t kind;
};
struct run {
	const struct load *l;
	int epoll;
	struct line lines[CONNECTIONS_MAX];
	long n_sent, n_samples, room_samples;
	struct sample *samples;
	struct load_result result;
};

static int64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int connect_line(struct run *r, struct line *c)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)r->l->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };
	int one = 1;
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&at, sizeof(at)) || epoll_ctl(r->epoll, EPOLL_CTL_ADD, c->fd, &e))
		return E_IO;
	return 0;
}

static bool may_send(const struct run *r)
{
	return (!r->l->n_requests || r->n_sent < r->l->n_requests) && !(r->l->stop && atomic_load(r->l->stop));
}

static int put_request(struct run *r, struct line *c, long number, struct buffer *out)
{
	const struct load *l = r->l;
	OWN(buffer) struct buffer body = { 0 };
	c->kind = 0;
	if (l->request) {
		c->kind = (uint8_t)l->request(l->arg, (int)(c - r->lines), out);
		return 0;
	}
	if (l->body)
		l->body(l->arg, number, &body);
	int e = buffer_printf(out, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n%sContent-Length: %zu\r\n\r\n",
			      l->body ? "POST" : "GET", l->path, l->headers, buffer_left(&body));
	return e ? e : buffer_put(out, buffer_text(&body), buffer_left(&body));
}

static int send_next(struct run *r, struct line *c)
{
	OWN(buffer) struct buffer out = { 0 };
	if (put_request(r, c, r->n_sent++, &out))
		return E_NOMEM;
	c->asked = true;
	c->sent_ns = now_ns();
	/* requests are far smaller than a socket's buffer */
	return send(c->fd, buffer_text(&out), buffer_left(&out), MSG_NOSIGNAL) == (ssize_t)buffer_left(&out) ? 0 : E_IO;
}

/* Bytes of the whole answer at the front of in; 0 = more to come. */
static size_t answer_bytes(const struct buffer *in, int *ret_status)
{
	const char *text = buffer_left(in) ? buffer_text(in) : "", *end = buffer_left(in) ? memmem(text, buffer_left(in), "\r\n\r\n", 4) : NULL;
	if (!end)
		return 0;
	size_t head = (size_t)(end - text) + 4, body = 0;
	for (const char *at = text; at < end; at = (const char *)memchr(at, '\n', (size_t)(text + head - at)) + 1) {
		if (!strncasecmp(at, "Content-Length:", 15))
			body = strtoul(at + 15, NULL, 10);
		else if (!strncasecmp(at, "Transfer-Encoding: chunked", 26)) {
			const char *last = memmem(end + 2, buffer_left(in) - (size_t)(end + 2 - text), "\r\n0\r\n\r\n", 7);
			if (!last)
				return 0;
			head = (size_t)(last - text) + 7;
		}
	}
	*ret_status = head > 12 ? (int)strtol(text + 9, NULL, 10) : 0;
	return buffer_left(in) >= head + body ? head + body : 0;
}

static void note(struct run *r, struct line *c, int status)
{
	int64_t us = (now_ns() - c->sent_ns) / 1000;
	if (r->n_samples < r->room_samples)
		r->samples[r->n_samples++] = (struct sample){ us > UINT32_MAX ? UINT32_MAX : (uint32_t)us, c->kind };
	bool good = status >= 200 && status < 300;
	struct load_kind *kind = &r->result.kinds[c->kind];
	kind->n_good += good;
	kind->n_bad += !good;
	if (!good && !kind->first_bad)
		kind->first_bad = status;
	if (!good && !r->result.first_bad)
		r->result.first_bad = status;
	c->asked = false;
	c->next_ns = now_ns() + r->l->pause_ms * 1000000;
}

static int broke(struct run *r, struct line *c)
{
	if (c->asked)
		note(r, c, -1);
	close(c->fd);
	c->fd = -1;
	buffer_cut(&c->in, 0);
	return may_send(r) ? connect_line(r, c) : 0;
}

static int hear(struct run *r, struct line *c)
{
	int status = 0;
	ssize_t n = buffer_reserve(&c->in, 65536) ? -1 : recv(c->fd, c->in.data + c->in.n_bytes, 65536, MSG_DONTWAIT);
	if (n <= 0)
		return broke(r, c);
	c->in.n_bytes += (size_t)n;
	size_t whole = answer_bytes(&c->in, &status);
	if (!whole)
		return 0;
	buffer_take(&c->in, whole);
	note(r, c, status);
	return 0;
}

/* Sends where the time has come; *ret_asked = requests under way, *ret_wait_ms until the next may go. */
static int send_due(struct run *r, int *ret_asked, int *ret_wait_ms)
{
	int64_t now = now_ns();
	*ret_asked = 0;
	*ret_wait_ms = 100;
	for (int i = 0; i < r->l->n_connections; i++) {
		struct line *c = &r->lines[i];
		if (!c->asked && c->fd >= 0 && may_send(r)) {
			int64_t wait = (c->next_ns - now) / 1000000;
			if (wait <= 0 && send_next(r, c) && broke(r, c))
				return E_IO;
			if (wait > 0 && wait < *ret_wait_ms)
				*ret_wait_ms = (int)wait;
		}
		*ret_asked += c->asked;
	}
	return 0;
}

static int go_on(struct run *r)
{
	int64_t heard_ns = now_ns();
	for (;;) {
		struct epoll_event events[64];
		int asked = 0, wait_ms = 0, e = send_due(r, &asked, &wait_ms);
		if (e || (!asked && !may_send(r)))
			return e;
		int n = epoll_wait(r->epoll, events, 64, wait_ms);
		for (int i = 0; !e && i < n; i++)
			e = hear(r, events[i].data.ptr);
		if (n > 0 || !asked)
			heard_ns = now_ns();
		if (e || now_ns() - heard_ns > PATIENCE_MS * INT64_C(1000000))
			return E_IO;
	}
}

static int by_size(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;
	return x->us < y->us ? -1 : x->us > y->us;
}

static int by_kind(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;
	return x->kind != y->kind ? x->kind - y->kind : by_size(a, b);
}

static double percentile_ms(const struct sample *sorted, long n, double p)
{
	long i = (long)((double)n * p);
	return n ? sorted[i < n ? i : n - 1].us / 1000.0 : 0;
}

static void sum_up(struct run *r)
{
	struct load_result *out = &r->result;
	qsort(r->samples, (size_t)r->n_samples, sizeof(*r->samples), by_kind);
	const struct sample *at = r->samples;
	for (int i = 0; i < LOAD_KINDS_MAX; i++) {
		struct load_kind *k = &out->kinds[i];
		long n = 0;
		while (at + n < r->samples + r->n_samples && at[n].kind == i)
			n++;
		k->p50_ms = percentile_ms(at, n, 0.5);
		k->p95_ms = percentile_ms(at, n, 0.95);
		k->p99_ms = percentile_ms(at, n, 0.99);
		at += n;
		out->n_good += k->n_good;
		out->n_bad += k->n_bad;
	}
	qsort(r->samples, (size_t)r->n_samples, sizeof(*r->samples), by_size);
	out->per_second = (double)out->n_good / out->seconds;
	out->p50_ms = percentile_ms(r->samples, r->n_samples, 0.5);
	out->p99_ms = percentile_ms(r->samples, r->n_samples, 0.99);
	out->worst_ms = percentile_ms(r->samples, r->n_samples, 1);
}

int load_run(const struct load *l, struct load_result *ret)
{
	OWN(mem) struct run *r = calloc(1, sizeof(*r));
	if (!r || l->n_connections > CONNECTIONS_MAX)
		return E_NOMEM;
	*r = (struct run){ .l = l, .epoll = epoll_create1(EPOLL_CLOEXEC), .room_samples = l->n_requests ? l->n_requests : SAMPLES_MAX };
	OWN(mem) struct sample *samples = r->samples = calloc((size_t)r->room_samples, sizeof(*r->samples));
	int e = samples ? 0 : E_NOMEM;
	int64_t began = now_ns();
	for (int i = 0; i < l->n_connections; i++) {
		r->lines[i] = (struct line){ .fd = -1, .next_ns = began + l->pause_ms * 1000000 * i / l->n_connections }; /* people do not begin all at once */
		e = e ? e : connect_line(r, &r->lines[i]);
	}
	e = e ? e : go_on(r);
	r->result.seconds = (double)(now_ns() - began) / 1e9;
	sum_up(r);
	for (int i = 0; i < l->n_connections; i++) {
		if (r->lines[i].fd >= 0)
			close(r->lines[i].fd);
		buffer_done(&r->lines[i].in);
	}
	close(r->epoll);
	*ret = r->result;
	return e;
}
