/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The socket that the world knocks on: "127.0.0.1:8480", "[::1]:8480", "localhost:8480" or "unix:/run/caunoi/web.sock". */
#ifndef CAUNOI_WEB_DOOR_H
#define CAUNOI_WEB_DOOR_H

#include <netinet/in.h>

#include "gateway/base/err.h"

/* A listening, non-blocking descriptor. A socket file that nobody listens on is replaced. E_INVALID, E_EXISTS (in use),
 * E_DENIED, E_IO. */
MUST_CHECK int door_open(const char *listen_at, int *ret_fd);
/* The next caller, non-blocking, and its address (IPv4 mapped; a Unix socket's is this machine's). E_AGAIN none, E_TOO_BIG no descriptor left. */
MUST_CHECK int door_accept(int door, int *ret_fd, struct in6_addr *ret_from);

#endif
