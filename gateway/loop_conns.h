/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The connections of the core's peers: bytes in, bytes out, and who is gone. Only loop.c calls this. */
#ifndef CAUNOI_GATEWAY_LOOP_CONNS_H
#define CAUNOI_GATEWAY_LOOP_CONNS_H

#include "gateway/core.h"

#define LOOP_CLIENTS_MAX 256

struct sd_event;
struct conn;

struct loop_conns {
	struct sd_event *event; /* borrowed, as the core is */
	struct core *core;
	struct conn *first;
	int n_clients;
};

/* Watches fd for p and owns it from then on. E_IO, E_NOMEM: it stays the caller's. */
MUST_CHECK int loop_conns_add(struct loop_conns *l, int fd, struct peer *p);
/* After the tick: out with what may go, away with whoever left. */
void loop_conns_tend(struct loop_conns *l);
/* Inside a tick: waits for fd or for a peer, whose bytes are moved. >0 fd is ready, 0 not yet, negative failed. */
int loop_conns_poll(struct loop_conns *l, int fd, short events, int limit_ms);
void loop_conns_done(struct loop_conns *l);

#endif
