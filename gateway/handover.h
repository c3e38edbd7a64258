/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One submit frame: text of the part, number, validity; queued for the driver and counted in flight after the commit. */
#ifndef CAUNOI_GATEWAY_HANDOVER_H
#define CAUNOI_GATEWAY_HANDOVER_H

#include "gateway/base/gsm7.h"
#include "gateway/tick.h"

struct channel;

struct handover {
	int64_t attempt, message;
	int part, parts, udh_ref;
	enum encoding encoding;
	const char *number, *text, *sender;
	int64_t expires_at;
};

MUST_CHECK int handover_send(struct tick *t, struct channel *ch, const struct handover *h);
/* Reads everything from the rows: for the second and later parts. */
MUST_CHECK int handover_part(struct tick *t, struct channel *ch, int64_t attempt, int64_t message, int part);
/* The attempt is no longer open: one less in flight after the commit. */
MUST_CHECK int handover_done(struct tick *t, struct channel *ch, int64_t attempt);

extern const struct sql_module handover_module;

#endif
