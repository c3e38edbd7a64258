/* SPDX-License-Identifier: GPL-3.0-or-later */
/* With loop_conns.c the only file that knows the event library: descriptors, signals, child processes, timers. Feeds the core and writes what it lets
 * out; decides nothing. */
#ifndef CAUNOI_GATEWAY_LOOP_H
#define CAUNOI_GATEWAY_LOOP_H

#include "gateway/base/complaint.h"
#include "gateway/core.h"

struct loop;

extern const struct core_ops loop_ops;

/* What a loop turns: the core, or before it one that stands by. tick: 0 go on, anything else ends the loop with it. */
struct loop_turn {
	int (*tick)(void *self);
	int64_t (*due_mono_ms)(void *self); /* when a tick is wanted although nothing arrives */
	void *self;
	void (*reload)(void *arg); /* on SIGHUP */
	void (*words)(void *arg);  /* a command replaced files of words; may be NULL */
	void *arg;
};

/* E_IO, E_NOMEM. */
MUST_CHECK int loop_new(struct loop **ret);
void loop_free(struct loop *l);
/* The core whose peers the loop's connections are; borrowed. */
void loop_attach(struct loop *l, struct core *core);
/* The drivers' lock that children inherit. */
void loop_inherit(struct loop *l, int drivers_fd);
/* Listens on the control socket; on the query socket too while no query process does, until loop_unlisten. */
MUST_CHECK int loop_listen(struct loop *l, const char *path, struct complaint *c);
MUST_CHECK int loop_listen_query(struct loop *l, const char *path, struct complaint *c);
void loop_unlisten_query(struct loop *l);
/* Turns until a tick ends it or a signal asks for the end: then 0 with *ret_asked. */
MUST_CHECK int loop_turn(struct loop *l, const struct loop_turn *turn, bool *ret_asked);
/* Runs the core until told to stop. Result 0 after an orderly end, E_BROKEN (children are killed by then). */
MUST_CHECK int loop_run(struct loop *l, void (*reload)(void *arg), void (*reload_words)(void *arg), void *arg);
/* For store_wait_by (self is the loop): waits for fd while peers' bytes are read, what may leave is written and the watchdog is fed. The
 * core sees nothing of it before the tick is over. >0 ready, 0 limit_ms passed, negative failed. */
int loop_wait(void *self, int fd, short events, int limit_ms);

#endif
