/* SPDX-License-Identifier: GPL-3.0-or-later */
/* This program started again for one piece of long reading, with a database connection of its own: a handle must not cross a fork. What
 * it found out it says as one object on its standard output. */
#ifndef CAUNOI_QUERY_CHILD_H
#define CAUNOI_QUERY_CHILD_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "gateway/base/buffer.h"

struct child {
	pid_t pid; /* 0 = none */
	int fd;    /* its standard output */
	struct buffer out;
};

/* caunoi-query --config FILE OPTION VALUE. E_UNAVAILABLE: it runs already, or no process can be made; E_IO. */
MUST_CHECK int child_start(struct child *c, const char *config, const char *option, const char *value);
/* Reads what it says; true when it has ended, with *ret its object (the caller's), or {"rule","text"} when it said none. */
bool child_read(struct child *c, json_t **ret);
void child_done(struct child *c);

#endif
