/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames over a Unix socket. Called by tests and their support. */
#include "tests/support/client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "gateway/base/json.h"

static int64_t mono_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void client_close(struct client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	buffer_done(&c->in);
	*c = (struct client){ .fd = -1 };
}

/* One line into *ret: 0, E_AGAIN when the time is over, E_IO when the connection broke or said garbage. */
static int read_line(struct client *c, int64_t until, json_t **ret)
{
	for (;;) {
		const char *end = buffer_left(&c->in) ? memchr(buffer_text(&c->in), '\n', buffer_left(&c->in)) : NULL;
		if (end) {
			size_t n = (size_t)(end - buffer_text(&c->in));
			int r = json_parse(buffer_text(&c->in), n, ret);
			buffer_take(&c->in, n + 1);
			return r ? E_IO : 0;
		}
		int64_t left = until - mono_ms();
		struct pollfd p = { .fd = c->fd, .events = POLLIN };
		char some[65536];
		if (poll(&p, 1, left > 0 ? (int)left : 0) <= 0)
			return E_AGAIN;
		ssize_t n = read(c->fd, some, sizeof(some));
		if (n <= 0 || buffer_put(&c->in, some, (size_t)n))
			return E_IO;
	}
}

int client_open(struct client *c, const char *path, bool greets, int limit_ms)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	json_t *hello = NULL;
	*c = (struct client){ .fd = -1 };
	if (snprintf(at.sun_path, sizeof(at.sun_path), "%s", path) >= (int)sizeof(at.sun_path))
		return E_TOO_BIG;
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool good = c->fd >= 0 && !connect(c->fd, (struct sockaddr *)&at, sizeof(at)) && (!greets || !read_line(c, mono_ms() + limit_ms, &hello));
	json_decref(hello);
	if (!good)
		client_close(c);
	return good ? 0 : E_UNAVAILABLE;
}

static bool send_all(struct client *c, const json_t *line)
{
	OWN(buffer) struct buffer out = { 0 };
	if (c->fd < 0 || json_put_line(&out, line))
		return false;
	while (buffer_left(&out)) {
		ssize_t n = send(c->fd, buffer_text(&out), buffer_left(&out), MSG_NOSIGNAL);
		if (n <= 0)
			return false;
		buffer_take(&out, (size_t)n);
	}
	return true;
}

json_t *client_reply(struct client *c, int limit_ms)
{
	int64_t until = mono_ms() + limit_ms;
	json_t *line = NULL;
	int r = c->fd >= 0 ? 0 : E_IO;
	while (!r && !(r = read_line(c, until, &line))) {
		const char *op = json_str(line, "op", "reply");
		if (!strcmp(op, "reply") || !strcmp(op, "rows"))
			return line;
		json_decref(line);
		line = NULL;
	}
	if (r != E_AGAIN)
		client_close(c);
	return NULL;
}

json_t *client_ask(struct client *c, const json_t *line, int limit_ms)
{
	if (!send_all(c, line)) {
		client_close(c);
		return NULL;
	}
	return client_reply(c, limit_ms);
}

int64_t client_send(struct client *c, const char *op, const char *verb, json_t *args, const char *key)
{
	OWN(json) json_t *frame = json_pack("{s:s,s:I,s:s,s:o,s:s*}", "op", op, "id", (json_int_t)c->last + 1, "verb", verb, "args",
					    args ? args : json_object(), "key", key);
	if (!frame || !send_all(c, frame)) {
		client_close(c);
		return 0;
	}
	return ++c->last;
}

json_t *client_call(struct client *c, const char *op, const char *verb, json_t *args, const char *key, int limit_ms)
{
	int64_t id = client_send(c, op, verb, args, key);
	json_t *reply = NULL;
	while (id && (reply = client_reply(c, limit_ms)) && json_int(reply, "id", -1) != id) {
		json_decref(reply);
		reply = NULL;
	}
	return reply;
}
