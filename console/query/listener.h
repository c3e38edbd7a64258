/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The query socket: made, and its connections taken with the credentials the kernel gives. */
#ifndef CAUNOI_QUERY_LISTENER_H
#define CAUNOI_QUERY_LISTENER_H

#include <sys/types.h>

#include "gateway/base/err.h"

/* Replaces a stale socket of that path; for group caunoi (0660) where the group exists and may be given, else 0600. E_IO
 * (logged): also when something that is no socket stands there. */
MUST_CHECK int listener_open(const char *path, int *ret_fd);
/* A new connection, not blocking; -1 when there is none. */
int listener_accept(int listen_fd, uid_t *ret_uid, pid_t *ret_pid);

#endif
