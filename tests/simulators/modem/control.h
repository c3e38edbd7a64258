/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulator's control socket: a Unix stream socket, one JSON object a line in, one JSON line out ({"ok":true,…} or
 * {"ok":false,"error":"…"}), for several clients at once. */
#ifndef CAUNOI_SIM_MODEM_CONTROL_H
#define CAUNOI_SIM_MODEM_CONTROL_H

#include <poll.h>
#include <stddef.h>

#include "tests/simulators/modem/modem.h"

#define CONTROL_CLIENTS_MAX 16

struct control_client {
	int fd; /* -1 = free */
	struct buffer in;
};
struct control {
	const char *path;
	int listener; /* -1 = none */
	struct control_client clients[CONTROL_CLIENTS_MAX];
};

/* path may be NULL: no control. E_IO. */
MUST_CHECK int control_open(struct control *c, const char *path);
void control_close(struct control *c);
/* Fills what to wait for; result = count, at most CONTROL_CLIENTS_MAX + 1. */
size_t control_poll(const struct control *c, struct pollfd *ret);
/* Serves what became readable. */
void control_serve(struct control *c, struct modem *m, const struct pollfd *polled, size_t n);

#endif
