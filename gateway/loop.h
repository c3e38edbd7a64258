/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only file that knows the event library: descriptors, signals, child processes, timers. Feeds the core and writes what it lets
 * out; decides nothing. */
#ifndef CAUNOI_GATEWAY_LOOP_H
#define CAUNOI_GATEWAY_LOOP_H

#include "gateway/base/complaint.h"
#include "gateway/core.h"

struct loop;

extern const struct core_ops loop_ops;

/* drivers_fd: the drivers' lock that children inherit. E_IO, E_NOMEM. */
MUST_CHECK int loop_new(int drivers_fd, struct loop **ret);
void loop_free(struct loop *l);
/* Listens on the control socket. */
MUST_CHECK int loop_listen(struct loop *l, const char *path, struct complaint *c);
/* Runs until told to stop; reload is called on SIGHUP. Result 0 after an orderly end, E_BROKEN. */
MUST_CHECK int loop_run(struct loop *l, struct core *core, void (*reload)(void *arg), void *arg);

#endif
