/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of frames when the store cannot write: who waits for a reply is told, what cannot be said again is kept. */
#ifndef CAUNOI_GATEWAY_AWAY_H
#define CAUNOI_GATEWAY_AWAY_H

#include "gateway/base/err.h"

struct core;

/* The commit was refused and nothing is left: who waits for a reply is told and may repeat, what else was said waits and runs again. */
void away_refuse(struct core *core);
/* The database cannot be reached, or the spool is not told yet: inbound messages, receipts, results and hooks go into the spool and are
 * acknowledged once they are on the disk; what needs no store is handled; the rest is answered "unavailable" or waits. E_BROKEN. */
MUST_CHECK int away_keep(struct core *core);

#endif
