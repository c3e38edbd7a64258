/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims due messages for channels that have credit, within the tick: consent, hours, caps and flow are decided here for the
 * whole message, channel, encoding, parts and reference are fixed, the attempts are written, the frames wait for the commit. */
#ifndef CAUNOI_GATEWAY_DISPATCH_H
#define CAUNOI_GATEWAY_DISPATCH_H

#include "gateway/duty.h"
#include "gateway/tick.h"

struct peer;
struct channel;
struct core;

/* Claims for every channel, answers first; bounded work. */
MUST_CHECK int dispatch_claim(struct tick *t);
/* Asks ahead for what the claim reads first. */
void dispatch_claim_ahead(struct tick *t);
/* When a claim is wanted although nothing arrives (rate, retry). */
int64_t dispatch_due_mono_ms(const struct core *core);

extern const struct sql_module dispatch_module;

#endif
