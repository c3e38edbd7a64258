/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descriptors and who to call when they are ready: the front thread's loop. One thread. */
#ifndef CAUNOI_WEB_REACTOR_H
#define CAUNOI_WEB_REACTOR_H

#include <stdint.h>
#include <sys/epoll.h>

#include "gateway/base/err.h"

struct watch {
	int fd; /* -1 = none */
	uint32_t events;
	void (*ready)(void *self, uint32_t events);
	void *self;
};

/* The reactor's descriptor, or E_IO. */
int reactor_open(void);
/* Fields of *w but events are set by the caller; it must stay where it is until reactor_drop. E_IO. */
MUST_CHECK int reactor_add(int reactor, struct watch *w, uint32_t events);
/* No system call when nothing changes. */
void reactor_want(int reactor, struct watch *w, uint32_t events);
/* Closes the descriptor. An event that was already fetched finds fd -1 and is passed over. */
void reactor_drop(struct watch *w);
/* Waits at most after_ms and calls whoever is ready. */
void reactor_run(int reactor, int after_ms);

#endif
