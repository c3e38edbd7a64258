/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands that wait for a peer's answer. Asked by tick_ask; the core holds them in memory, a restart answers none of them. */
#ifndef CAUNOI_GATEWAY_PENDING_H
#define CAUNOI_GATEWAY_PENDING_H

#include "gateway/core.h"

/* An answer frame: the command that waits for it gets its reply. */
MUST_CHECK int pending_answer(struct tick *t, struct peer *p, const json_t *frame);
/* The same without anything to say, for every call of that verb that waits for p. */
MUST_CHECK int pending_answer_any(struct tick *t, struct peer *p, const char *verb);
/* Those whose peer did not answer in time or is gone are told so. */
MUST_CHECK int pending_end_overdue(struct tick *t);
void pending_done(struct pending *p);

#endif
