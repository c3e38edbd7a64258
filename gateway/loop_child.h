/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Child processes: forked and run, never waited for. Only loop.c calls this. */
#ifndef CAUNOI_GATEWAY_LOOP_CHILD_H
#define CAUNOI_GATEWAY_LOOP_CHILD_H

#include <sys/types.h>

#include "gateway/base/err.h"

/* Starts program, looked for beside our own unless it is a whole path. *ret_fd, the caller's, is its standard input and output; drivers_fd
 * is the lock that it inherits, -1 none. E_NOT_FOUND, E_TOO_BIG, E_IO. */
MUST_CHECK int loop_child_start(const char *program, char *const argv[], int drivers_fd, int *ret_fd, pid_t *ret_pid);
/* Starts a program that says nothing to us, by its whole path. E_IO. */
MUST_CHECK int loop_child_run(char *const argv[], pid_t *ret_pid);

#endif
