/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connections, requests and answers of the simulated provider. Called by main.c's loop. */
#include "tests/simulators/api/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/simulators/api/delivery.h"

#define REQUEST_BYTES_MAX (1024 * 1024)
#define HUGE_BYTES (1024 * 1024)
#define DEEP_LEVELS 100000

struct connection {
	struct watcher w;
	struct buffer in, out;
	struct connection *next, *prev, *next_dirty;
	bool dirty, busy; /* busy: an answer is being waited for */
	bool close_after, slow, wants_out;
	uint64_t id; /* tells a timer's connection from a later one in the same memory */
	struct buffer later; /* the answer that waits for its latency */
};
struct server {
	struct watcher w;
	struct connection *all, *dirty;
	uint64_t last_id;
};
struct late {
	struct connection *c;
	uint64_t id;
};

static struct connection *find(struct server *s, const struct late *l)
{
	for (struct connection *c = s->all; c; c = c->next)
		if (c == l->c && c->id == l->id)
			return c;
	return NULL;
}

static void close_connection(struct sim *sim, struct connection *c)
{
	if (c->w.fd < 0)
		return;
	if (c->prev)
		c->prev->next = c->next;
	else
		sim->server->all = c->next;
	if (c->next)
		c->next->prev = c->prev;
	buffer_done(&c->in);
	buffer_done(&c->out);
	buffer_done(&c->later);
	sim_unwatch(sim, &c->w);
}

static void mark(struct sim *sim, struct connection *c)
{
	if (c->dirty)
		return;
	c->dirty = true;
	c->next_dirty = sim->server->dirty;
	sim->server->dirty = c;
}

/* ---- answers ---- */

static int put_answer(struct buffer *out, int status, const char *headers, const char *body, size_t n_bytes, bool close_after)
{
	int r = buffer_printf(out,
			      "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n%s%s\r\n", status,
			      status < 300 ? "OK" : "Error", n_bytes, headers, close_after ? "Connection: close\r\n" : "");
	return r ? r : buffer_put(out, body, n_bytes);
}

static int put_error(struct sim *sim, struct connection *c, int status)
{
	char body[96], headers[96] = "";
	int n = snprintf(body, sizeof(body), "{\"status\":\"error\",\"code\":\"sim_%d\"}", status);
	if (status == 429 || status == 503)
		snprintf(headers, sizeof(headers), "Retry-After: %d\r\n", sim->mode.retry_after_s);
	else if (status >= 300 && status < 400)
		snprintf(headers, sizeof(headers), "Location: http://127.0.0.1:1/elsewhere\r\n");
	return put_answer(&c->out, status, headers, body, (size_t)n, c->close_after);
}

/* n_bytes of fill between two texts. */
static int put_filled(struct connection *c, const char *before, char fill, size_t n_bytes, const char *after)
{
	struct buffer b = { 0 };
	int r = buffer_puts(&b, before);
	r = r ? r : buffer_reserve(&b, n_bytes);
	if (!r) {
		memset(b.data + b.n_bytes, fill, n_bytes);
		b.n_bytes += n_bytes;
		r = buffer_puts(&b, after);
	}
	r = r ? r : put_answer(&c->out, 200, "", buffer_text(&b), buffer_left(&b), c->close_after);
	buffer_done(&b);
	return r;
}

static int put_headers_without_end(struct connection *c)
{
	int r = buffer_puts(&c->out, "HTTP/1.1 200 OK\r\n");
	for (int i = 0; !r && i < 40000; i++)
		r = buffer_printf(&c->out, "X-Filler-%06d: %0200d\r\n", i, i);
	return r;
}

static int put_outcome(struct sim *sim, struct connection *c, const struct mode_fault *f, const char *id)
{
	static const char html[] = "<html><body>It works!</body></html>", no_id[] = "{\"status\":\"ok\"}";
	char body[128];
	int n;
	switch (f->kind) {
	case SIM_OK:
	case SIM_SLOW:
		n = snprintf(body, sizeof(body), "{\"status\":\"ok\",\"id\":\"%s\"}", id);
		c->slow = f->kind == SIM_SLOW;
		return put_answer(&c->out, 200, "", body, (size_t)n, c->close_after);
	case SIM_STATUS:
		return put_error(sim, c, f->status);
	case SIM_ACCEPT_500:
		return put_error(sim, c, 500);
	case SIM_GARBAGE:
		return put_answer(&c->out, 200, "", html, sizeof(html) - 1, c->close_after);
	case SIM_NO_ID:
		return put_answer(&c->out, 200, "", no_id, sizeof(no_id) - 1, c->close_after);
	case SIM_BAD_ID:
		n = snprintf(body, sizeof(body), "{\"status\":\"ok\",\"id\":\"%s\\r\\nX: y\"}", id);
		return put_answer(&c->out, 200, "", body, (size_t)n, c->close_after);
	case SIM_HUGE:
		return put_filled(c, "{\"status\":\"ok\",\"id\":\"", 'a', HUGE_BYTES, "\"}");
	case SIM_DEEP:
		return put_filled(c, "{\"status\":\"ok\",\"id\":\"1\",\"x\":", '[', DEEP_LEVELS, "");
	case SIM_ENDLESS_HEADERS:
		return put_headers_without_end(c);
	case SIM_CLOSE:
	case SIM_RESET:
	case SIM_STALL:
	case SIM_ACCEPT_CLOSE:
	case SIM_ACCEPT_STALL:
		break;
	}
	return 0;
}

/* ---- requests ---- */

static void slow_byte(struct sim *sim, void *what);
static void take_requests(struct sim *sim, struct connection *c);

static int wait_for(struct sim *sim, struct connection *c, int64_t after_ms, void (*fire)(struct sim *, void *))
{
	struct late *l = malloc(sizeof(*l));
	if (!l)
		return E_NOMEM;
	*l = (struct late){ .c = c, .id = c->id };
	int r = sim_after(sim, after_ms, fire, l);
	if (r)
		free(l);
	return r;
}

static void answered(struct sim *sim, struct connection *c)
{
	c->busy = false;
	mark(sim, c);
}

static void answer_later(struct sim *sim, void *what)
{
	OWN(mem) struct late *l = what;
	struct connection *c = find(sim->server, l);
	if (!c)
		return;
	if (buffer_put(&c->out, buffer_text(&c->later), buffer_left(&c->later)))
		c->close_after = true;
	buffer_done(&c->later);
	if (c->slow && wait_for(sim, c, 0, slow_byte) == 0)
		return;
	answered(sim, c);
	take_requests(sim, c);
}

static void slow_byte(struct sim *sim, void *what)
{
	OWN(mem) struct late *l = what;
	struct connection *c = find(sim->server, l);
	if (!c || !buffer_left(&c->out))
		return;
	if (send(c->w.fd, buffer_text(&c->out), 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1)
		buffer_take(&c->out, 1);
	if (wait_for(sim, c, 1000, slow_byte))
		close_connection(sim, c);
}

static void break_off(struct sim *sim, struct connection *c, bool reset)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };
	if (reset)
		setsockopt(c->w.fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	else
		c->close_after = true;
	if (reset)
		close_connection(sim, c);
	else
		mark(sim, c); /* closed when flushed, so the journal comes first */
}

/* What is in out leaves now or after the latency. */
static int let_go(struct sim *sim, struct connection *c)
{
	if (!sim->mode.latency_ms && !c->slow) {
		answered(sim, c);
		return 0;
	}
	c->later = c->out; /* nothing else is in out while busy */
	c->out = (struct buffer){ 0 };
	return wait_for(sim, c, sim->mode.latency_ms, answer_later);
}

static int respond(struct sim *sim, struct connection *c, const struct mode_fault *f, const char *id)
{
	if (f->kind == SIM_STALL || f->kind == SIM_ACCEPT_STALL)
		return 0; /* busy for ever */
	if (f->kind == SIM_CLOSE || f->kind == SIM_RESET || f->kind == SIM_ACCEPT_CLOSE) {
		break_off(sim, c, f->kind == SIM_RESET);
		return 0;
	}
	int r = put_outcome(sim, c, f, id);
	return r ? r : let_go(sim, c);
}

static int respond_each(struct sim *sim, struct connection *c, const json_t *body)
{
	OWN(buffer) struct buffer out = { 0 };
	int r = delivery_each(sim, body, &out);
	r = r ? r : put_answer(&c->out, 200, "", buffer_text(&out), buffer_left(&out), c->close_after);
	return r ? r : let_go(sim, c);
}

static int on_send(struct sim *sim, struct connection *c, const char *text, size_t n_bytes)
{
	OWN(json) json_t *body = NULL;
	char id[48] = "";
	sim->n_requests++;
	if (json_parse(text, n_bytes, &body) || !json_is_object(body) || (!json_str(body, "to", NULL) && !delivery_is_batch(body))) {
		int r = put_error(sim, c, 400);
		answered(sim, c);
		return r;
	}
	struct mode_fault f = mode_draw(&sim->mode, sim->mode.n_faults ? sim_chance(sim) : 0);
	if (delivery_is_batch(body) && f.kind == SIM_OK)
		return respond_each(sim, c, body);
	int r = fault_delivers(f.kind) ? delivery_make(sim, body, json_str(body, "text", ""), id) : 0;
	return r ? r : respond(sim, c, &f, id);
}

/* Value of a header in the block, as a number; otherwise when absent. */
static const char *header(const char *block, size_t n_bytes, const char *name)
{
	size_t n = strlen(name);
	for (const char *at = memchr(block, '\n', n_bytes); at;) {
		const char *line = at + 1;
		size_t left = n_bytes - (size_t)(line - block);
		if (left > n && line[n] == ':' && !strncasecmp(line, name, n))
			return line + n + 1 + strspn(line + n + 1, " ");
		at = memchr(line, '\n', left);
	}
	return NULL;
}

/* 1 = one request was taken, 0 = more bytes needed, negative = nonsense. */
static int take_request(struct sim *sim, struct connection *c)
{
	const char *text = buffer_text(&c->in);
	size_t left = buffer_left(&c->in);
	const char *end = left ? memmem(text, left, "\r\n\r\n", 4) : NULL;
	if (!end)
		return left > 65536 ? E_TOO_BIG : 0;
	size_t head = (size_t)(end - text) + 4;
	const char *length = header(text, head, "Content-Length"), *connection = header(text, head, "Connection");
	size_t body = length ? strtoul(length, NULL, 10) : 0;
	if (body > REQUEST_BYTES_MAX)
		return E_TOO_BIG;
	if (left < head + body)
		return 0;
	c->busy = true;
	c->close_after = connection && !strncasecmp(connection, "close", 5);
	int r;
	if (!strncmp(text, "POST /send", 10)) {
		r = on_send(sim, c, text + head, body);
	} else {
		r = put_error(sim, c, 404);
		answered(sim, c);
	}
	if (c->w.fd >= 0)
		buffer_take(&c->in, head + body);
	return r ? r : 1;
}

static void take_requests(struct sim *sim, struct connection *c)
{
	int r = 1;
	while (r == 1 && c->w.fd >= 0 && !c->busy && !c->close_after)
		r = take_request(sim, c);
	if (r < 0)
		close_connection(sim, c);
}

static void on_event(struct sim *sim, struct watcher *w, uint32_t events)
{
	struct connection *c = (struct connection *)w;
	if (sim->hung) { /* HUP cannot be masked */
		close_connection(sim, c);
		return;
	}
	if (events & EPOLLOUT)
		mark(sim, c);
	if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return;
	if (buffer_reserve(&c->in, 4096)) {
		close_connection(sim, c);
		return;
	}
	ssize_t n = recv(w->fd, c->in.data + c->in.n_bytes, c->in.room - c->in.n_bytes - 1, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		close_connection(sim, c);
		return;
	}
	c->in.n_bytes += (size_t)n;
	c->in.data[c->in.n_bytes] = '\0';
	take_requests(sim, c);
}

static void on_connection(struct sim *sim, struct watcher *w, uint32_t events)
{
	struct server *s = (struct server *)w;
	(void)events;
	for (int round = 0; round < 64; round++) {
		int one = 1, fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return;
		struct connection *c = calloc(1, sizeof(*c));
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		if (!c) {
			close(fd);
			return;
		}
		*c = (struct connection){ .w = { .on_event = on_event, .fd = fd }, .id = ++s->last_id, .next = s->all };
		if (s->all)
			s->all->prev = c;
		s->all = c;
		if (sim_watch(sim, &c->w, EPOLLIN))
			close_connection(sim, c);
	}
}

static void flush(struct sim *sim, struct connection *c)
{
	if (c->w.fd < 0 || c->slow)
		return;
	size_t left = buffer_left(&c->out);
	ssize_t n = left ? send(c->w.fd, buffer_text(&c->out), left, MSG_NOSIGNAL | MSG_DONTWAIT) : 0;
	if (n < 0 && errno != EAGAIN) {
		close_connection(sim, c);
		return;
	}
	buffer_take(&c->out, n > 0 ? (size_t)n : 0);
	bool more = buffer_left(&c->out) > 0;
	if (!more && c->close_after) {
		close_connection(sim, c);
	} else if (more != c->wants_out) {
		c->wants_out = more;
		sim_rewatch(sim, &c->w, more ? EPOLLIN | EPOLLOUT : EPOLLIN);
	}
}

void server_flush(struct sim *sim)
{
	struct connection *c = sim->server->dirty;
	sim->server->dirty = NULL;
	while (c) {
		struct connection *next = c->next_dirty;
		c->dirty = false;
		flush(sim, c);
		c = next;
	}
}

void server_hang(struct sim *sim, bool hung)
{
	sim->hung = hung;
	sim_rewatch(sim, &sim->server->w, hung ? 0 : EPOLLIN);
	for (struct connection *c = sim->server->all; c; c = c->next)
		sim_rewatch(sim, &c->w, hung ? 0 : EPOLLIN);
}

int server_open(struct sim *sim, const char *address, int *ret_port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t n = sizeof(at);
	int one = 1;
	const char *colon = strrchr(address, ':');
	OWN(mem) char *host = colon ? strndup(address, (size_t)(colon - address)) : NULL;
	if (!host || inet_pton(AF_INET, host, &at.sin_addr) != 1)
		return E_INVALID;
	at.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
	struct server *s = calloc(1, sizeof(*s));
	if (!s)
		return E_NOMEM;
	s->w = (struct watcher){ .on_event = on_connection,
				 .fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) };
	sim->server = s;
	setsockopt(s->w.fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(s->w.fd, (struct sockaddr *)&at, sizeof(at)) || listen(s->w.fd, 4096) ||
	    getsockname(s->w.fd, (struct sockaddr *)&at, &n))
		return E_IO;
	*ret_port = ntohs(at.sin_port);
	return sim_watch(sim, &s->w, EPOLLIN);
}
