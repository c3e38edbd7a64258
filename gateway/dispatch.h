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
/* The driver's connection is gone: its open attempts are decided in the next tick. */
void dispatch_peer_lost(struct core *core, struct peer *p);
/* Decides what drivers lost since the last tick had open; before any frame of a new driver. */
MUST_CHECK int dispatch_lost(struct tick *t);
void dispatch_lost_free(struct core *core);
/* held → queued when due; expiry of what waited too long. */
int dispatch_wake_duty(struct tick *t, int64_t *ret_due_at);
int dispatch_expire_duty(struct tick *t, int64_t *ret_due_at);
void dispatch_wake_ahead(struct tick *t);
void dispatch_expire_ahead(struct tick *t);

extern const struct sql_module dispatch_module;

#endif
