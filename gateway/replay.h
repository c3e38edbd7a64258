/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the spool to the handlers, in order and each entry once: its key is written in the transaction that tells it, so that a spool told
 * twice (a crash between the two databases, or two machines that both hold it) changes nothing the second time. A core that is not
 * active hands its entries on through the database; the active one tells them. */
#ifndef CAUNOI_GATEWAY_REPLAY_H
#define CAUNOI_GATEWAY_REPLAY_H

#include "gateway/spool.h"
#include "gateway/tick.h"

struct store;

/* One batch of the core's own spool in a tick of its own, and the inbox with it; nothing is claimed. Result as core_tick_commit's; the
 * caller undoes. What is told leaves the spool after the commit. */
MUST_CHECK int replay_tick(struct core *core, struct tick *t);
/* A core that stands by: hands one batch of its spool on. 0 with *ret_left entries still there; errors as store_commit. */
MUST_CHECK int replay_hand_on(struct store *db, struct spool *spool, const char *node, int64_t *ret_left);
/* Duty of the active core: tells what other cores handed on. */
MUST_CHECK int replay_duty(struct tick *t, int64_t *ret_due_at);
/* Housekeeping: keys told 30 days ago are forgotten. */
MUST_CHECK int replay_forget(struct tick *t);
/* Is anything handed on that is not told yet? 1, 0 or negative. */
MUST_CHECK int replay_waits(const struct scope *in);

extern const struct sql_module replay_module;

#endif
