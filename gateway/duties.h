/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a tick does besides its frames: calls that waited too long, every duty that is due, the claim. */
#ifndef CAUNOI_GATEWAY_DUTIES_H
#define CAUNOI_GATEWAY_DUTIES_H

#include "gateway/core.h"

/* As the store's; E_UNDO: in this tick everything is to run again, each part for itself. A duty that fails alone is undone and logged. */
MUST_CHECK int duties_run(struct tick *t);
/* Hands the inbox's rows to the handlers in this tick. */
MUST_CHECK int duties_run_inbox(struct tick *t);
/* Unix ms at which the first duty is due. */
int64_t duties_due_at_ms(const struct core *core);

#endif
