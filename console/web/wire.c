/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines out and in, ids to waiting requests. Called by uplink.c; knows nothing of what frames mean but "id". */
#include "console/web/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "gateway/base/json.h"

#define OUT_BYTES_MAX (8 << 20)
#define READ_BYTES 32768 /* with its NUL it stays in the memory that a buffer keeps */

int wire_init(struct wire *w, int reactor)
{
	*w = (struct wire){ .reactor = reactor, .watch.fd = -1, .n_free = WIRE_PENDING_MAX };
	w->pending = calloc(WIRE_PENDING_MAX, sizeof(*w->pending));
	for (int i = 0; i < WIRE_PENDING_MAX; i++)
		w->free[i] = WIRE_PENDING_MAX - 1 - i;
	return w->pending ? 0 : E_NOMEM;
}

void wire_done(struct wire *w)
{
	wire_disconnect(w);
	free(w->pending);
	w->pending = NULL;
}

void wire_disconnect(struct wire *w)
{
	reactor_drop(&w->watch);
	buffer_done(&w->in);
	buffer_done(&w->out);
	w->scanned = 0;
	w->greeted = false;
}

static void broken(struct wire *w)
{
	wire_disconnect(w);
	w->closed(w->self);
}

/* The number behind "id": when the frame is one of those that answer; -1 else. The core writes op and id first. */
static int64_t id_of(const char *line)
{
	static const char *const begins[] = { "{\"op\":\"reply\",\"id\":", "{\"op\":\"rows\",\"id\":" };
	for (size_t i = 0; i < COUNT_OF(begins); i++)
		if (!strncmp(line, begins[i], strlen(begins[i])))
			return strtoll(line + strlen(begins[i]), NULL, 10);
	return -1;
}

static int64_t id_parsed(const char *line, size_t n)
{
	OWN(json) json_t *f = NULL;
	if (json_parse(line, n, &f))
		return -1;
	const char *op = json_str(f, "op", "");
	return !strcmp(op, "reply") || !strcmp(op, "rows") ? json_int(f, "id", -1) : -1;
}

static void settled(struct wire *w, int slot)
{
	w->pending[slot].visit = NULL;
	w->free[w->n_free++] = slot;
}

static void one_line(struct wire *w, const char *line, size_t n)
{
	int64_t id = id_of(line);
	if (id < 0)
		id = id_parsed(line, n);
	if (id < 0) {
		w->said(w->self, line, n);
		return;
	}
	struct wire_pending *p = &w->pending[id % WIRE_PENDING_MAX];
	struct visit *v = p->generation == (uint32_t)(id / WIRE_PENDING_MAX) ? p->visit : NULL;
	if (v && !v->heard(v, line, n))
		settled(w, (int)(id % WIRE_PENDING_MAX));
}

static void lines(struct wire *w)
{
	while (w->watch.fd >= 0 && buffer_left(&w->in) > w->scanned) {
		char *text = w->in.data + w->in.from;
		char *lf = memchr(text + w->scanned, '\n', buffer_left(&w->in) - w->scanned);
		if (!lf) {
			w->scanned = buffer_left(&w->in);
			break;
		}
		size_t n = (size_t)(lf - text);
		*lf = '\0';
		one_line(w, text, n);
		if (w->watch.fd < 0)
			return;
		buffer_take(&w->in, n + 1);
		w->scanned = 0;
	}
}

static void receive(struct wire *w)
{
	for (int i = 0; i < 8; i++) {
		if (buffer_reserve(&w->in, READ_BYTES)) {
			broken(w);
			return;
		}
		ssize_t n = recv(w->watch.fd, w->in.data + w->in.n_bytes, READ_BYTES, 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			broken(w);
			return;
		}
		w->in.n_bytes += (size_t)n;
		w->in.data[w->in.n_bytes] = '\0';
		lines(w);
		if (w->watch.fd < 0 || n < READ_BYTES)
			return;
		if (buffer_left(&w->in) > 4 * FRAME_BYTES_MAX) {
			broken(w);
			return;
		}
	}
}

static void ready(void *self, uint32_t events)
{
	struct wire *w = self;
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		receive(w);
	wire_flush(w);
}

int wire_connect(struct wire *w, int fd)
{
	w->watch = (struct watch){ .fd = fd, .ready = ready, .self = w };
	if (!reactor_add(w->reactor, &w->watch, EPOLLIN))
		return 0;
	reactor_drop(&w->watch);
	return E_IO;
}

int wire_send(struct wire *w, struct visit *v)
{
	if (w->watch.fd < 0 || !w->n_free || buffer_left(&w->out) > OUT_BYTES_MAX)
		return E_UNAVAILABLE;
	int slot = w->free[w->n_free - 1];
	struct wire_pending *p = &w->pending[slot];
	long long id = (long long)(p->generation + 1) * WIRE_PENDING_MAX + slot;
	size_t was = buffer_left(&w->out);
	if (buffer_printf(&w->out, "{\"op\":\"%s\",\"id\":%lld", v->op, id) ||
	    buffer_put(&w->out, buffer_text(&v->frame), buffer_left(&v->frame))) {
		buffer_cut(&w->out, was);
		return E_UNAVAILABLE;
	}
	p->generation++;
	p->visit = v;
	w->n_free--;
	return 0;
}

void wire_say(struct wire *w, const char *line, size_t n_bytes)
{
	size_t was = buffer_left(&w->out);
	if (buffer_put(&w->out, line, n_bytes))
		buffer_cut(&w->out, was);
}

void wire_flush(struct wire *w)
{
	while (w->watch.fd >= 0 && buffer_left(&w->out)) {
		ssize_t n = send(w->watch.fd, buffer_text(&w->out), buffer_left(&w->out), MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EAGAIN)
			break;
		if (n <= 0) {
			broken(w);
			return;
		}
		buffer_take(&w->out, (size_t)n);
	}
	reactor_want(w->reactor, &w->watch, EPOLLIN | (buffer_left(&w->out) ? EPOLLOUT : 0u));
}

void wire_recall(struct wire *w, int64_t passed_ms, void (*fn)(void *self, struct visit *v), void *self)
{
	for (int i = 0; i < WIRE_PENDING_MAX; i++) {
		struct visit *v = w->pending[i].visit;
		if (!v || v->deadline_ms > passed_ms)
			continue;
		settled(w, i);
		fn(self, v);
	}
}
