/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checkpoints and the gate before the readers: PASSIVE between ticks from 2 MiB of log on; at 8 MiB the query process begins no read
 * until the core has checkpointed (1 s, then it is killed). Also the disk: sending stops when it runs low. */
#ifndef CAUNOI_GATEWAY_GATE_H
#define CAUNOI_GATEWAY_GATE_H

#include "gateway/duty.h"

struct gate;
struct core;
struct peer;

MUST_CHECK int gate_new(struct gate **ret);
void gate_free(struct gate *g);
/* After each tick, outside any transaction. E_BROKEN when the store is. */
MUST_CHECK int gate_tend(struct gate *g, struct core *core);
/* The query process says that it reads nothing now. */
void gate_closed(struct gate *g);
void gate_peer_gone(struct gate *g, const struct peer *p);
/* Deletes what has had its time: request keys, parked receipts, tickets, forgotten uploads. */
int gate_housekeeping_duty(struct tick *t, int64_t *ret_due_at);

#endif
