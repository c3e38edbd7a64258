/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes between descriptors and the peers of the core. Beside loop.c the only file that knows the event library. */
#include "gateway/loop_conns.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "gateway/base/log.h"

#define READ_BYTES 65536
#define IN_BYTES_MAX (1 << 20)
#define OUT_BYTES_MAX (64 << 20)
#define POLL_MAX (LOOP_CLIENTS_MAX + CHANNELS_MAX + 8)

struct conn {
	struct loop_conns *conns;
	int64_t peer;
	int fd;
	sd_event_source *source;
	bool eof, watching_out, watching_in;
	bool too_long; /* a line over the limit: the peer is doomed when no tick runs */
	struct conn *next;
};

static int watch(struct conn *c, bool in, bool out)
{
	if (c->watching_in == in && c->watching_out == out)
		return 0;
	c->watching_in = in;
	c->watching_out = out;
	return sd_event_source_set_io_events(c->source, (in ? EPOLLIN : 0u) | (out ? EPOLLOUT : 0u)) < 0 ? E_IO : 0;
}

static void read_some(struct conn *c, struct peer *p)
{
	char data[READ_BYTES];
	for (int round = 0; round < 8 && !c->eof; round++) {
		ssize_t n = read(c->fd, data, sizeof(data));
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0)
			c->eof = true;
		else if (peer_input(p, data, (size_t)n))
			c->too_long = c->eof = true;
		if (n < (ssize_t)sizeof(data))
			return;
	}
}

static void write_out(struct conn *c, struct peer *p)
{
	while (buffer_left(&p->out)) {
		ssize_t n = send(c->fd, buffer_text(&p->out), buffer_left(&p->out), MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			c->eof = true;
			return;
		}
		peer_written(p, (size_t)n);
	}
}

static bool wants_in(const struct conn *c, const struct peer *p)
{
	return buffer_left(&p->in) < IN_BYTES_MAX && !c->eof;
}

static void write_some(struct conn *c, struct peer *p)
{
	write_out(c, p);
	if (c->eof)
		return;
	if (buffer_left(&p->out) > OUT_BYTES_MAX)
		peer_doom(p, "reads too slowly");
	if (watch(c, wants_in(c, p), buffer_left(&p->out) > 0))
		c->eof = true;
}

static int on_io(sd_event_source *s, int fd, uint32_t events, void *arg)
{
	(void)s;
	(void)fd;
	struct conn *c = arg;
	struct peer *p = core_peer_find(c->conns->core, c->peer);
	if (!p)
		return 0;
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		read_some(c, p);
	if (c->eof && watch(c, false, false))
		return 0;
	return 0;
}

int loop_conns_add(struct loop_conns *l, int fd, struct peer *p)
{
	struct conn *c = calloc(1, sizeof(*c));
	if (!c)
		return E_NOMEM;
	*c = (struct conn){ .conns = l, .peer = p->id, .fd = fd, .watching_in = true };
	if (sd_event_add_io(l->event, &c->source, fd, EPOLLIN, on_io, c) < 0) {
		free(c);
		return E_IO;
	}
	c->next = l->first;
	l->first = c;
	return 0;
}

static void drop(struct loop_conns *l, struct conn *c)
{
	struct conn **at = &l->first;
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	struct peer *p = core_peer_find(l->core, c->peer);
	if (p) {
		l->n_clients -= p->kind == PEER_CLIENT;
		if (p->doomed)
			log_warn("peer.dropped", "peer=%lld reason=%s", (long long)p->id, p->why);
		core_peer_gone(l->core, p);
	}
	sd_event_source_disable_unref(c->source);
	close(c->fd);
	free(c);
}

void loop_conns_tend(struct loop_conns *l)
{
	struct conn *next;
	for (struct conn *c = l->first; c; c = next) {
		next = c->next;
		struct peer *p = core_peer_find(l->core, c->peer);
		if (p && c->too_long)
			peer_doom(p, "a frame over the limit");
		if (p && !c->eof)
			write_some(c, p);
		bool read_out = !p || !peer_has_line(p);
		if (!p || p->doomed || (c->eof && read_out) || (p->closing && !buffer_left(&p->out)))
			drop(l, c);
	}
}

/* Connections that can be tended while a tick waits; who wants nothing is left out, or its hang-up would never let poll rest. */
static nfds_t gather(struct loop_conns *l, struct pollfd *ret, struct conn **ret_conns)
{
	nfds_t n = 0;
	for (struct conn *c = l->first; c && n < POLL_MAX; c = c->next) {
		struct peer *p = core_peer_find(l->core, c->peer);
		if (!p || c->eof)
			continue;
		short events = (short)((wants_in(c, p) ? POLLIN : 0) | (buffer_left(&p->out) ? POLLOUT : 0));
		if (!events)
			continue;
		ret[n] = (struct pollfd){ .fd = c->fd, .events = events };
		ret_conns[n++] = c;
	}
	return n;
}

static void tend_ready(struct loop_conns *l, const struct pollfd *fds, struct conn *const *conns, nfds_t n)
{
	for (nfds_t i = 0; i < n; i++) {
		struct peer *p = core_peer_find(l->core, conns[i]->peer);
		if (fds[i].revents & (POLLIN | POLLHUP | POLLERR))
			read_some(conns[i], p);
		if ((fds[i].revents & POLLOUT) && !conns[i]->eof)
			write_out(conns[i], p);
	}
}

int loop_conns_poll(struct loop_conns *l, int fd, short events, int limit_ms)
{
	struct pollfd fds[1 + POLL_MAX] = { { .fd = fd, .events = events } };
	struct conn *conns[POLL_MAX];
	nfds_t n = gather(l, fds + 1, conns);
	int ready = poll(fds, 1 + n, limit_ms);
	if (ready < 0 && errno != EINTR)
		return -1;
	if (ready > 0)
		tend_ready(l, fds + 1, conns, n);
	return ready > 0 && fds[0].revents;
}

void loop_conns_done(struct loop_conns *l)
{
	while (l->first)
		drop(l, l->first);
}
