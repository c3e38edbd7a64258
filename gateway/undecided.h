/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The connection was lost in the commit: what the tick made is kept, and nothing else is begun until the store says what became of it. */
#ifndef CAUNOI_GATEWAY_UNDECIDED_H
#define CAUNOI_GATEWAY_UNDECIDED_H

#include "gateway/core.h"

void undecided_suspend(struct core *core, const struct tick *t);
void undecided_drop(struct core *core);
/* 0: it is known, and done or taken back to run again; E_UNAVAILABLE not yet; E_BROKEN. */
MUST_CHECK int undecided_decide(struct core *core);

#endif
