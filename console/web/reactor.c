/* SPDX-License-Identifier: GPL-3.0-or-later */
/* epoll, level-triggered. Called by front.c and wire.c. */
#include "console/web/reactor.h"

#include <unistd.h>

#define BATCH 256

int reactor_open(void)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);
	return fd < 0 ? E_IO : fd;
}

int reactor_add(int reactor, struct watch *w, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = w };
	w->events = events;
	return epoll_ctl(reactor, EPOLL_CTL_ADD, w->fd, &e) ? E_IO : 0;
}

void reactor_want(int reactor, struct watch *w, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = w };
	if (w->fd < 0 || w->events == events)
		return;
	w->events = events;
	epoll_ctl(reactor, EPOLL_CTL_MOD, w->fd, &e);
}

void reactor_drop(struct watch *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
}

void reactor_run(int reactor, int after_ms)
{
	struct epoll_event events[BATCH];
	int n = epoll_wait(reactor, events, BATCH, after_ms);
	for (int i = 0; i < n; i++) {
		struct watch *w = events[i].data.ptr;
		if (w->fd >= 0)
			w->ready(w->self, events[i].events);
	}
}
