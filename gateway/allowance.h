/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often somebody may do a thing on one local day: opening numbers, exports. Counted in the transaction of the thing itself. */
#ifndef CAUNOI_GATEWAY_ALLOWANCE_H
#define CAUNOI_GATEWAY_ALLOWANCE_H

#include <stdint.h>

#include "gateway/tick.h"
#include "gateway/verb.h"

struct sql_module;

/* Takes n of what ("reveal") from the actor's most a day. E_REFUSED with *why (429, rule "allowance") when it would be more. */
MUST_CHECK int allowance_take(struct tick *t, const struct call *c, const char *what, int64_t n, int64_t most, struct refusal *why);

extern const struct sql_module allowance_module;

#endif
