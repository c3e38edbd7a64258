/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The query process's loop: clients on the query socket, the core on standard input and output. */
#ifndef CAUNOI_QUERY_SERVER_H
#define CAUNOI_QUERY_SERVER_H

#include <sys/types.h>

#include "console/query/answer.h"
#include "gateway/base/clock.h"

struct server_setup {
	struct scope *in; /* everything but now_ms, which the server sets */
	struct store *replica; /* NULL = none */
	const struct registry *registry;
	const struct clock *clock;
	const char *config_file, *socket; /* path of the socket to make */
	pid_t web_pid;                    /* 0 = not known yet; the core says when it changes */
	int core_in_fd, core_out_fd;
};

/* Serves until the core closes its end: 0. E_IO when the socket cannot be made (logged). */
MUST_CHECK int server_run(const struct server_setup *setup);

#endif
