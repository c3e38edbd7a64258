/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Outgoing callbacks of the simulated provider, each on a connection of its own. Called by control.c and server.c. */
#include "tests/simulators/api/post.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"

#define OPEN_MAX_POSTS 128
#define LIMIT_MS 15000
#define ANSWER_BYTES_MAX (1024 * 1024)

struct post {
	struct watcher w;
	struct buffer out, in;
	post_done *done;
	void *self;
	struct guard *guard;
};
/* Outlives the post until its time limit passes. */
struct guard {
	struct post *post; /* NULL = it has ended */
};
struct receipt {
	char *url, *body, *content_type;
	int tries;
};

static void finish(struct sim *sim, struct post *p)
{
	int status = 0;
	const char *text = buffer_text(&p->in);
	const char *body = strstr(text, "\r\n\r\n");
	if (p->w.fd < 0)
		return;
	if (sscanf(text, "HTTP/1.%*d %d", &status) != 1 || !body)
		status = 0;
	sim->n_posts--;
	if (p->guard)
		p->guard->post = NULL;
	p->done(sim, p->self, status, status ? body + 4 : "");
	buffer_done(&p->in);
	buffer_done(&p->out);
	sim_unwatch(sim, &p->w);
}

static void on_limit(struct sim *sim, void *what)
{
	OWN(mem) struct guard *g = what;
	if (g->post) {
		g->post->guard = NULL;
		finish(sim, g->post);
	}
}

static void on_event(struct sim *sim, struct watcher *w, uint32_t events)
{
	struct post *p = (struct post *)w;
	if (events & EPOLLOUT && buffer_left(&p->out)) {
		ssize_t n = send(w->fd, buffer_text(&p->out), buffer_left(&p->out), MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN) {
			finish(sim, p);
			return;
		}
		buffer_take(&p->out, n > 0 ? (size_t)n : 0);
		if (!buffer_left(&p->out))
			sim_rewatch(sim, w, EPOLLIN);
	}
	if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return;
	ssize_t n = buffer_reserve(&p->in, 4096) ? -1 : recv(w->fd, p->in.data + p->in.n_bytes, 4096, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		p->in.n_bytes += (size_t)n;
		p->in.data[p->in.n_bytes] = '\0';
	}
	if (n <= 0 || buffer_left(&p->in) > ANSWER_BYTES_MAX)
		finish(sim, p);
}

/* "http://host:port/path" → connected (or connecting) socket, host and path. */
static int dial(const char *url, char *host, size_t room, const char **ret_path)
{
	if (strncmp(url, "http://", 7))
		return E_INVALID;
	size_t n = strcspn(url + 7, "/?");
	if (n == 0 || n >= room)
		return E_INVALID;
	memcpy(host, url + 7, n);
	host[n] = '\0';
	*ret_path = url[7 + n] ? url + 7 + n : "/";
	OWN(mem) char *name = strdup(host);
	char *colon = name ? strrchr(name, ':') : NULL;
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_family = AF_INET }, *found = NULL;
	if (!name)
		return E_NOMEM;
	if (colon)
		*colon = '\0';
	if (getaddrinfo(name, colon ? colon + 1 : "80", &hints, &found))
		return E_IO;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int r = fd < 0 ? -1 : connect(fd, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	if (r && errno != EINPROGRESS) {
		if (fd >= 0)
			close(fd);
		return E_IO;
	}
	return fd;
}

static int write_request(struct buffer *out, const char *method, const char *host, const char *path,
			 const char *content_type, const json_t *headers, const char *body)
{
	size_t n = strlen(body);
	int r = buffer_printf(out, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", method, path, host);
	if (!r && (n || strcmp(method, "GET")))
		r = buffer_printf(out, "Content-Type: %s\r\nContent-Length: %zu\r\n", content_type, n);
	for (size_t i = 0; !r && i < json_array_size(headers); i++)
		r = buffer_printf(out, "%s\r\n", json_string_value(json_array_get(headers, i)));
	r = r ? r : buffer_puts(out, "\r\n");
	return r ? r : buffer_put(out, body, n);
}

int post_start(struct sim *sim, const char *method, const char *url, const char *content_type, const json_t *headers,
	       const char *body, post_done *done, void *self)
{
	char host[256];
	const char *path;
	int fd = dial(url, host, sizeof(host), &path);
	if (fd < 0)
		return fd;
	struct post *p = calloc(1, sizeof(*p));
	struct guard *g = calloc(1, sizeof(*g));
	int r = p && g ? write_request(&p->out, method, host, path, content_type, headers, body) : E_NOMEM;
	r = r ? r : sim_after(sim, LIMIT_MS, on_limit, g);
	if (r) {
		if (p)
			buffer_done(&p->out);
		close(fd);
		free(p);
		free(g);
		return r;
	}
	g->post = p;
	p->guard = g;
	p->w = (struct watcher){ .on_event = on_event, .fd = fd };
	p->done = done;
	p->self = self;
	sim->n_posts++;
	if (sim_watch(sim, &p->w, EPOLLIN | EPOLLOUT))
		finish(sim, p);
	return 0;
}

/* ---- automatic receipts ---- */

static void receipt_free(struct receipt *r)
{
	free(r->url);
	free(r->body);
	free(r->content_type);
	free(r);
}

static void send_receipt(struct sim *sim, void *what);

static void again_or_lost(struct sim *sim, struct receipt *r)
{
	if (++r->tries < 5 && !sim_after(sim, 500 * r->tries, send_receipt, r))
		return;
	sim->receipts.n_lost++;
	receipt_free(r);
}

static void receipt_answered(struct sim *sim, void *self, int status, const char *body)
{
	(void)body;
	if (status != 200) {
		again_or_lost(sim, self);
		return;
	}
	sim->receipts.n_good++;
	receipt_free(self);
}

static void send_receipt(struct sim *sim, void *what)
{
	struct receipt *r = what;
	if (sim->n_posts >= OPEN_MAX_POSTS) {
		if (sim_after(sim, 5, send_receipt, r))
			receipt_free(r);
		return;
	}
	sim->receipts.n_sent++;
	if (post_start(sim, "POST", r->url, r->content_type, NULL, r->body, receipt_answered, r))
		again_or_lost(sim, r);
}

/* {id} {to} {key} {status} in text; the caller's. */
static char *fill(const char *text, const char *id, const char *to, const char *key, const char *status)
{
	const char *const marks[][2] = { { "{id}", id }, { "{to}", to }, { "{key}", key }, { "{status}", status } };
	struct buffer out = { 0 };
	int r = buffer_puts(&out, "");
	while (!r && *text) {
		size_t i = 0;
		while (i < COUNT_OF(marks) && strncmp(text, marks[i][0], strlen(marks[i][0])))
			i++;
		r = i < COUNT_OF(marks) ? buffer_puts(&out, marks[i][1]) : buffer_put(&out, text, 1);
		text += i < COUNT_OF(marks) ? strlen(marks[i][0]) : 1;
	}
	if (r)
		buffer_done(&out);
	return out.data;
}

int post_receipt(struct sim *sim, const char *id, const char *to, const char *key)
{
	const struct receipts *rule = &sim->receipts;
	if (!rule->url)
		return 0;
	const char *status = sim_chance(sim) < rule->failed_rate ? "failed" : "delivered";
	struct receipt *r = calloc(1, sizeof(*r));
	if (!r)
		return E_NOMEM;
	r->url = fill(rule->url, id, to, key, status);
	r->body = fill(rule->body, id, to, key, status);
	r->content_type = strdup(rule->content_type);
	int e = r->url && r->body && r->content_type ? sim_after(sim, rule->after_ms, send_receipt, r) : E_NOMEM;
	if (e)
		receipt_free(r);
	return e;
}
