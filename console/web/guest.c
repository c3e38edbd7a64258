/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a caller, checks, passes on, carries the answer back. Called by front.c and the reactor. Decides nothing about
 * what a request means. */
#include "console/web/guest.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "console/web/problem.h"

#define HEAD_MS 10000
#define IDLE_MS 30000
#define WAITING_MS 10000
#define LINGER_MS 2000
#define PARK_MS 2000
#define BODY_BYTES_MS 1 /* a body must come with 1 byte a millisecond, after IDLE_MS of grace */
#define IN_BYTES_MAX (128 * 1024)

unsigned guest_open_requests(const struct guest *g)
{
	return (unsigned)(atomic_load_explicit(g->tally, memory_order_acquire) & 0xffffffffu);
}

bool guest_is_idle(const struct guest *g)
{
	return g->state == GUEST_HEAD && guest_open_requests(g) == 0 && !buffer_left(&g->out) && !g->to_pass;
}

static void want(struct guest *g)
{
	bool reads = !g->ended && g->state != GUEST_WAITING && g->state != GUEST_REFUSING && buffer_left(&g->in) < IN_BYTES_MAX;
	bool full = buffer_left(&g->out) > 0;
	reactor_want(g->front->reactor, &g->outer, (reads ? EPOLLIN : 0u) | (full ? EPOLLOUT : 0u));
	reactor_want(g->front->reactor, &g->inner, (full ? 0u : EPOLLIN) | (g->to_pass ? EPOLLOUT : 0u));
}

static void leave_seat(struct guest *g)
{
	if (g->inner.fd < 0)
		return;
	reactor_drop(&g->inner);
	g->front->n_seats[g->seat_class]--;
	/* what the library still says of the old requests is of the past */
	atomic_fetch_add(g->tally, 1ull << 32);
	atomic_fetch_and(g->tally, ~0xffffffffull);
}

void guest_close(struct guest *g)
{
	leave_seat(g);
	reactor_drop(&g->outer);
	buffer_done(&g->in);
	buffer_done(&g->out);
	if (g->state == GUEST_WAITING)
		g->front->n_waiting--;
	g->state = GUEST_FREE;
	g->front->open--;
}

/* Everything is said: our side of the connection ends, what still comes is read away for a while. */
static void linger(struct guest *g)
{
	leave_seat(g);
	buffer_done(&g->in);
	g->to_pass = 0;
	if (g->ended) {
		guest_close(g);
		return;
	}
	shutdown(g->outer.fd, SHUT_WR);
	g->state = GUEST_LINGER;
	g->active_ms = g->front->now_ms;
	reactor_want(g->front->reactor, &g->outer, EPOLLIN);
}

/* Writes what is in out; false when the connection is gone. */
static bool flush_out(struct guest *g)
{
	while (buffer_left(&g->out)) {
		ssize_t n = send(g->outer.fd, buffer_text(&g->out), buffer_left(&g->out), MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN)
			return true;
		if (n <= 0) {
			guest_close(g);
			return false;
		}
		g->active_ms = g->front->now_ms;
		buffer_take(&g->out, (size_t)n);
	}
	return true;
}

/* The answer of a refused caller, once nothing else is owed. */
static void say_no(struct guest *g)
{
	if (guest_open_requests(g) || buffer_left(&g->out))
		return;
	leave_seat(g);
	int r = problem_response(&g->out, g->refusal, g->why);
	g->refusal = 0;
	if (r)
		guest_close(g);
	else if (flush_out(g) && !buffer_left(&g->out))
		linger(g);
}

/* passed: part of the request is with the library already and will never be answered there. */
static void refuse_guest(struct guest *g, int status, const char *why, bool passed)
{
	g->front->refused++;
	if (g->state == GUEST_WAITING)
		g->front->n_waiting--;
	g->state = GUEST_REFUSING;
	g->refusal = status;
	g->why = why;
	if (passed && guest_open_requests(g) > 1) {
		guest_close(g);
		return;
	}
	if (passed)
		leave_seat(g);
	say_no(g);
	if (g->state == GUEST_REFUSING)
		want(g);
}

/* Hands checked bytes to the library. */
static void pass(struct guest *g)
{
	while (g->to_pass && g->inner.fd >= 0) {
		ssize_t n = send(g->inner.fd, buffer_text(&g->in), g->to_pass, MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			/* the library closed after an early answer; that answer is on its way */
			buffer_take(&g->in, g->to_pass);
			g->to_pass = 0;
			return;
		}
		g->to_pass -= (size_t)n;
		buffer_take(&g->in, (size_t)n);
	}
}

static bool body_fits(struct guest *g, int64_t n_bytes)
{
	return g->body_limit < 0 || n_bytes <= g->body_limit;
}

/* A good head: it goes on when there is room for it. While others wait, who was just served queues up behind them. */
static int admit(struct guest *g)
{
	bool behind = g->front->n_waiting && g->state != GUEST_WAITING && g->class == GUEST_API;
	if (behind && g->inner.fd >= 0 && guest_is_idle(g))
		leave_seat(g);
	if (g->inner.fd < 0 && (behind || front_seat(g->front, g))) {
		if (g->state != GUEST_WAITING) {
			g->state = GUEST_WAITING;
			g->front->n_waiting++;
			g->active_ms = g->front->now_ms;
		}
		return E_AGAIN;
	}
	if (g->state == GUEST_WAITING)
		g->front->n_waiting--;
	atomic_fetch_add(g->tally, 1);
	g->front->requests++;
	g->to_pass += g->head.n_bytes;
	g->body_left = g->head.content_length > 0 ? g->head.content_length : 0;
	g->chunks = (struct chunked){ 0 };
	g->body_from_ms = g->front->now_ms;
	g->state = g->head.chunked || g->body_left ? GUEST_BODY : GUEST_HEAD;
	if (g->state == GUEST_HEAD)
		head_init(&g->head);
	g->head_from_ms = 0;
	return 0;
}

static int work_head(struct guest *g, const char *data, size_t n)
{
	if (!g->head_from_ms)
		g->head_from_ms = g->front->now_ms;
	int r = head_feed(&g->head, data, n);
	if (r == E_REFUSED)
		refuse_guest(g, g->head.status, g->head.why, false);
	if (r)
		return r;
	g->body_limit = g->front->ops->limit(g->front->self, g->head.method, data + g->head.target_from, g->head.target_bytes, &g->class);
	if (!body_fits(g, g->head.content_length)) {
		refuse_guest(g, 413, "the body is too large", false);
		return E_REFUSED;
	}
	return admit(g);
}

static int work_body(struct guest *g, const char *data, size_t n)
{
	size_t taken = n;
	int r = E_AGAIN;
	if (g->head.chunked) {
		r = chunked_feed(&g->chunks, data, n, &taken);
		if (r == E_INVALID || !body_fits(g, g->chunks.body_bytes)) {
			refuse_guest(g, r == E_INVALID ? 400 : 413, r == E_INVALID ? "malformed chunk" : "the body is too large", true);
			return E_REFUSED;
		}
	} else {
		taken = (int64_t)n < g->body_left ? n : (size_t)g->body_left;
		g->body_left -= (int64_t)taken;
		r = g->body_left ? E_AGAIN : 0;
	}
	g->to_pass += taken;
	if (!r) {
		g->state = GUEST_HEAD;
		head_init(&g->head);
	}
	return r;
}

void guest_work(struct guest *g)
{
	int r = 0;
	if (g->state == GUEST_WAITING)
		r = admit(g);
	while (!r && buffer_left(&g->in) > g->to_pass) {
		const char *data = buffer_text(&g->in) + g->to_pass;
		size_t n = buffer_left(&g->in) - g->to_pass;
		if (g->state == GUEST_HEAD)
			r = work_head(g, data, n);
		else if (g->state == GUEST_BODY)
			r = work_body(g, data, n);
		else
			break;
	}
	if (g->state == GUEST_FREE || g->state == GUEST_LINGER)
		return;
	pass(g);
	want(g);
}

static void caller_ended(struct guest *g)
{
	g->ended = true;
	if (guest_open_requests(g) == 0 || g->state == GUEST_BODY || g->state == GUEST_LINGER)
		guest_close(g);
	else
		want(g);
}

static void read_caller(struct guest *g)
{
	struct front *f = g->front;
	ssize_t n = recv(g->outer.fd, f->scratch, sizeof(f->scratch), 0);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n < 0) {
		guest_close(g);
		return;
	}
	if (n == 0) {
		caller_ended(g);
		return;
	}
	if (g->state == GUEST_LINGER)
		return;
	g->active_ms = f->now_ms;
	if (buffer_put(&g->in, f->scratch, (size_t)n))
		guest_close(g);
	else
		guest_work(g);
}

/* What is owed after a piece of an answer went out. */
static void after_answer(struct guest *g)
{
	if (g->state == GUEST_REFUSING && g->refusal)
		say_no(g);
	else if (g->ended && guest_open_requests(g) == 0 && !buffer_left(&g->out))
		guest_close(g);
	else
		want(g);
}

static void outer_ready(void *self, uint32_t events)
{
	struct guest *g = self;
	if (events & EPOLLOUT) {
		if (!flush_out(g))
			return;
		if (!buffer_left(&g->out) && g->state == GUEST_REFUSING && !g->refusal) {
			linger(g);
			return;
		}
		after_answer(g);
		if (g->state == GUEST_FREE)
			return;
	}
	if (events & EPOLLIN)
		read_caller(g);
	else if (events & (EPOLLHUP | EPOLLERR))
		guest_close(g);
}

/* The library ended the connection: so do we, when the rest of its answer is out. */
static void library_ended(struct guest *g)
{
	leave_seat(g);
	if (buffer_left(&g->out)) {
		g->state = GUEST_REFUSING;
		g->refusal = 0;
		want(g);
	} else {
		linger(g);
	}
}

/* False when nothing more is there now or the guest is gone. */
static bool read_library(struct guest *g)
{
	struct front *f = g->front;
	ssize_t n = recv(g->inner.fd, f->scratch, sizeof(f->scratch), 0);
	if (n < 0 && errno == EAGAIN)
		return false;
	if (n <= 0) {
		library_ended(g);
		return false;
	}
	g->active_ms = f->now_ms;
	ssize_t sent = send(g->outer.fd, f->scratch, (size_t)n, MSG_NOSIGNAL);
	if (sent < 0 && errno == EAGAIN)
		sent = 0;
	if (sent < 0 || (sent < n && buffer_put(&g->out, f->scratch + sent, (size_t)(n - sent)))) {
		guest_close(g);
		return false;
	}
	return sent == n;
}

static void inner_ready(void *self, uint32_t events)
{
	struct guest *g = self;
	if (events & EPOLLOUT) {
		pass(g);
		guest_work(g);
		if (g->inner.fd < 0)
			return;
	}
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
		read_library(g);
		if (g->state != GUEST_FREE && g->state != GUEST_LINGER)
			after_answer(g);
	}
}

void guest_park(struct guest *g)
{
	while (g->inner.fd >= 0 && g->state == GUEST_HEAD && read_library(g))
		;
	if (g->state == GUEST_HEAD && g->inner.fd >= 0 && guest_is_idle(g))
		leave_seat(g);
	if (g->state == GUEST_HEAD && !buffer_left(&g->in))
		buffer_done(&g->in);
	if (g->state == GUEST_HEAD)
		want(g);
}

void guest_open(struct guest *g, struct front *f, int fd, const struct in6_addr *from)
{
	atomic_ullong *tally = &f->tallies[g - f->guests];
	*g = (struct guest){ .front = f,
			     .state = GUEST_HEAD,
			     .from = *from,
			     .tally = tally,
			     .active_ms = f->now_ms,
			     .head_from_ms = f->now_ms,
			     .outer = { .fd = fd, .ready = outer_ready, .self = g },
			     .inner = { .fd = -1, .ready = inner_ready, .self = g } };
	atomic_store(tally, ((atomic_load(tally) >> 32) + 1) << 32);
	head_init(&g->head);
	f->open++;
	if (reactor_add(f->reactor, &g->outer, EPOLLIN))
		guest_close(g);
}

static void tend_body(struct guest *g)
{
	int64_t now = g->front->now_ms, got = g->head.chunked ? g->chunks.body_bytes : g->head.content_length - g->body_left;
	if (g->to_pass) {
		/* the library does not take more now: not the caller's fault */
		g->active_ms = now;
		g->body_from_ms = now - got / BODY_BYTES_MS;
	} else if (now - g->active_ms > IDLE_MS || now - g->body_from_ms > IDLE_MS + got / BODY_BYTES_MS) {
		refuse_guest(g, 408, "the body came too slowly", true);
	}
}

static void tend_head(struct guest *g)
{
	int64_t now = g->front->now_ms;
	bool begun = buffer_left(&g->in) > g->to_pass;
	if (g->ended)
		after_answer(g);
	else if (g->head_from_ms && now - g->head_from_ms > HEAD_MS) {
		if (begun)
			refuse_guest(g, 408, "the head came too slowly", false);
		else
			guest_close(g);
	} else if (guest_is_idle(g) && now - g->active_ms > IDLE_MS) {
		guest_close(g);
	} else if (guest_is_idle(g) && now - g->active_ms > PARK_MS && g->inner.fd >= 0) {
		guest_park(g);
	}
}

void guest_tend(struct guest *g)
{
	int64_t now = g->front->now_ms;
	if (buffer_left(&g->out) && now - g->active_ms > IDLE_MS) {
		guest_close(g);
		return;
	}
	switch (g->state) {
	case GUEST_FREE: return;
	case GUEST_HEAD: tend_head(g); return;
	case GUEST_BODY: tend_body(g); return;
	case GUEST_REFUSING:
		if (g->refusal)
			say_no(g);
		return;
	case GUEST_WAITING:
		if (now - g->active_ms > WAITING_MS)
			refuse_guest(g, 503, "too many requests are under way", false);
		return;
	case GUEST_LINGER:
		if (now - g->active_ms > LINGER_MS)
			guest_close(g);
		return;
	}
}
