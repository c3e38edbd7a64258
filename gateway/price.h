/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a provider says a message has cost, in the place of what it was guessed to cost when it left. */
#ifndef CAUNOI_GATEWAY_PRICE_H
#define CAUNOI_GATEWAY_PRICE_H

#include "gateway/tick.h"

struct channel;
struct sql_module;

/* A message of the flow, of so many parts, was taken for vnd. */
MUST_CHECK int price_take(struct tick *t, struct channel *ch, int64_t flow, int parts, int64_t vnd);
/* What the flow has cost so far by its providers' word; 0 = none of them says so. */
MUST_CHECK int price_of_flow(const struct scope *in, int64_t flow, int64_t *ret_vnd);

extern const struct sql_module price_module;

#endif
