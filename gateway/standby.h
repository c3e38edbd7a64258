/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A core that waits for the lease while another one is active: it asks every half second, tells who asks which core is active, and hands
 * what its spool still holds on to that one. It runs no driver and writes nothing else. */
#ifndef CAUNOI_GATEWAY_STANDBY_H
#define CAUNOI_GATEWAY_STANDBY_H

#include "gateway/base/complaint.h"
#include "gateway/core.h"

struct standby;

/* Borrows the core, which has not recovered. E_NOMEM. */
MUST_CHECK int standby_new(struct core *core, struct standby **ret);
void standby_free(struct standby *s);
/* Asks for the lease: 0 ours; E_AGAIN another core is active; else as store_lease. *c is of the last asking. */
MUST_CHECK int standby_ask(struct standby *s, struct complaint *c);
/* Which core is active, as the store said; "" = not known. */
const char *standby_active(const struct standby *s);
/* For the loop, self is the standby. The tick's result: 0 go on waiting, E_EXISTS the lease is ours, other negative: why it cannot go on,
 * with standby_complaint. */
int standby_tick(void *self);
int64_t standby_due_mono_ms(void *self);
const struct complaint *standby_complaint(const struct standby *s);

#endif
