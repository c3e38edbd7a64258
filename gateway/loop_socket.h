/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A socket in the file system that clients connect to. Only loop.c calls this. */
#ifndef CAUNOI_GATEWAY_LOOP_SOCKET_H
#define CAUNOI_GATEWAY_LOOP_SOCKET_H

#include "gateway/base/complaint.h"
#include "gateway/base/err.h"

/* Listens at path, whose last folder is made when it is missing; open to the gateway's group; *ret_fd is the caller's.
 * E_CONFIG, E_IO (somebody listens there): see *c. */
MUST_CHECK int loop_socket_open(const char *path, struct complaint *c, int *ret_fd);

#endif
