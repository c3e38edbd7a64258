/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Delivery reports matched to attempts: by channel and reference, newest first, and the person where the report names one; a modem's lost
 * answer by the person alone. Unknown ones are parked 24 h. Source: 3GPP TS 23.040 §9.2.3.15 (TP-ST). */
#ifndef CAUNOI_GATEWAY_RECEIPT_H
#define CAUNOI_GATEWAY_RECEIPT_H

#include "gateway/tick.h"

struct sql_module;

/* status delivered, failed or buffered; address 0 = the report names nobody. A state never goes back: "delivered" is the end, and only
 * "delivered" lifts a failure. */
MUST_CHECK int receipt_take(struct tick *t, const char *channel, const char *id, const char *reference, int64_t address, const char *status,
			    const char *code);
/* Reports that were here before the answer that names their message, in the order in which they came. */
/* Asks ahead for what receipt_take will want. */
void receipt_find_ahead(struct tick *t, const char *channel, const char *reference);
/* Asks ahead for what receipt_use_parked will want. */
void receipt_ahead(struct tick *t, const char *channel, const char *reference);
MUST_CHECK int receipt_use_parked(struct tick *t, const char *channel, const char *reference);
/* Reports for this person since then that no reference explains. */
MUST_CHECK int receipt_use_parked_of_person(struct tick *t, const char *channel, int64_t address, int64_t since_ms);

extern const struct sql_module receipt_module;

#endif
