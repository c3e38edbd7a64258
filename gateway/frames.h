/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The frames that the tick in hand has taken from its peers. */
#ifndef CAUNOI_GATEWAY_FRAMES_H
#define CAUNOI_GATEWAY_FRAMES_H

#include "gateway/core.h"

void frames_gather(struct core *core);
void frames_drop(struct core *core);
/* 0; E_UNDO when one of them must be undone: roll back and run them singly; otherwise as the store's. */
MUST_CHECK int frames_run_together(struct tick *t);
MUST_CHECK int frames_run_singly(struct tick *t);

#endif
