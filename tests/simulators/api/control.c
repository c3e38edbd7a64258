/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulated provider's control socket. Called by main.c. */
#include "tests/simulators/api/control.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "tests/simulators/api/post.h"
#include "tests/simulators/api/server.h"

struct control {
	struct watcher w;
	struct buffer in;
	int n_waiting; /* callbacks whose answer is still to be told */
	bool gone;
};

static void say(struct control *c, json_t *answer)
{
	struct buffer line = { 0 };
	if (!c->gone && answer && !json_put_line(&line, answer))
		(void)!send(c->w.fd, buffer_text(&line), buffer_left(&line), MSG_NOSIGNAL);
	buffer_done(&line);
	json_decref(answer);
}

static json_t *failed(const char *why)
{
	return json_pack("{s:b,s:s}", "ok", 0, "error", why);
}

static json_t *done(void)
{
	return json_pack("{s:b}", "ok", 1);
}

static json_t *count(const struct sim *sim)
{
	struct ledger_counts n = ledger_count(sim->ledger);
	return json_pack("{s:b,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "ok", 1, "requests", (json_int_t)sim->n_requests,
			 "delivered", (json_int_t)n.delivered, "distinct", (json_int_t)n.distinct, "duplicates",
			 (json_int_t)n.duplicates, "repeats", (json_int_t)n.repeats, "receipts_sent",
			 (json_int_t)sim->receipts.n_sent, "receipts_good", (json_int_t)sim->receipts.n_good,
			 "receipts_lost", (json_int_t)sim->receipts.n_lost);
}

static int set_text(char **field, const char *text)
{
	char *copy = text ? strdup(text) : NULL;
	if (text && !copy)
		return E_NOMEM;
	free(*field);
	*field = copy;
	return 0;
}

static json_t *set_receipts(struct sim *sim, const json_t *op)
{
	struct receipts *r = &sim->receipts;
	const char *body = "{\"id\":\"{id}\",\"status\":\"{status}\",\"to\":\"{to}\"}";
	r->after_ms = json_int(op, "after_ms", 0);
	r->failed_rate = json_num(op, "failed_rate", 0);
	if (set_text(&r->body, json_str(op, "body", body)) ||
	    set_text(&r->content_type, json_str(op, "content_type", "application/json")) ||
	    set_text(&r->url, json_str(op, "url", NULL)))
		return failed("out of memory");
	return done();
}

static void drop(struct sim *sim, struct control *c)
{
	c->gone = true;
	if (c->n_waiting || c->w.fd < 0)
		return;
	buffer_done(&c->in);
	sim_unwatch(sim, &c->w);
}

static void called_back(struct sim *sim, void *self, int status, const char *body)
{
	struct control *c = self;
	c->n_waiting--;
	say(c, json_pack("{s:b,s:i,s:s%}", "ok", 1, "status", status, "body", body, strlen(body)));
	if (c->gone)
		drop(sim, c);
}

static json_t *callback(struct sim *sim, struct control *c, const json_t *op)
{
	c->n_waiting++;
	int r = post_start(sim, json_str(op, "method", "POST"), json_str(op, "url", ""),
			   json_str(op, "content_type", "application/json"), json_object_get(op, "headers"),
			   json_str(op, "body", ""), called_back, c);
	if (!r)
		return NULL;
	c->n_waiting--;
	return failed(err_text(r));
}

static json_t *obey(struct sim *sim, struct control *c, const json_t *op)
{
	const char *name = json_str(op, "op", "");
	if (!strcmp(name, "mode"))
		return mode_set(&sim->mode, op) ? failed("unknown fault name") : done();
	if (!strcmp(name, "count"))
		return count(sim);
	if (!strcmp(name, "receipts"))
		return set_receipts(sim, op);
	if (!strcmp(name, "callback"))
		return callback(sim, c, op);
	if (!strcmp(name, "hang") || !strcmp(name, "release")) {
		server_hang(sim, *name == 'h');
		return done();
	}
	if (!strcmp(name, "reset")) {
		ledger_reset(sim->ledger);
		sim->n_requests = 0;
		return done();
	}
	return failed("unknown op");
}

static void on_line(struct sim *sim, struct control *c, const char *line, size_t n_bytes)
{
	OWN(json) json_t *op = NULL;
	json_t *answer = json_parse(line, n_bytes, &op) ? failed("no JSON") : obey(sim, c, op);
	if (answer)
		say(c, answer);
}

static void on_event(struct sim *sim, struct watcher *w, uint32_t events)
{
	struct control *c = (struct control *)w;
	(void)events;
	ssize_t n = buffer_reserve(&c->in, 65536) ? -1 : recv(w->fd, c->in.data + c->in.n_bytes, 65536, 0);
	if (n <= 0 || c->gone) {
		if (!c->gone)
			sim_rewatch(sim, w, 0);
		drop(sim, c);
		return;
	}
	c->in.n_bytes += (size_t)n;
	c->in.data[c->in.n_bytes] = '\0';
	const char *end;
	while ((end = memchr(buffer_text(&c->in), '\n', buffer_left(&c->in)))) {
		size_t line = (size_t)(end - buffer_text(&c->in));
		on_line(sim, c, buffer_text(&c->in), line);
		buffer_take(&c->in, line + 1);
	}
}

static void on_connection(struct sim *sim, struct watcher *w, uint32_t events)
{
	int fd = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC);
	struct control *c = fd >= 0 ? calloc(1, sizeof(*c)) : NULL;
	(void)events;
	if (!c) {
		if (fd >= 0)
			close(fd);
		return;
	}
	c->w = (struct watcher){ .on_event = on_event, .fd = fd };
	if (sim_watch(sim, &c->w, EPOLLIN))
		drop(sim, c);
}

int control_open(struct sim *sim, const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(at.sun_path))
		return E_TOO_BIG;
	memcpy(at.sun_path, path, strlen(path) + 1);
	unlink(path);
	struct watcher *w = calloc(1, sizeof(*w));
	if (!w)
		return E_NOMEM;
	*w = (struct watcher){ .on_event = on_connection, .fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) };
	if (bind(w->fd, (struct sockaddr *)&at, sizeof(at)) || listen(w->fd, 16))
		return E_IO;
	return sim_watch(sim, w, EPOLLIN);
}
