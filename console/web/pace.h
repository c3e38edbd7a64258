/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often one token or session may ask: so many times a second, ten seconds' worth of them at once after a rest. Used by the
 * library's thread alone. */
#ifndef CAUNOI_WEB_PACE_H
#define CAUNOI_WEB_PACE_H

#include <stdint.h>

#include "gateway/base/err.h"

#define PACE_BURST_S 10

struct pace;

/* per_s 0 = no limit. E_NOMEM. The caller's. */
MUST_CHECK int pace_new(int per_s, struct pace **ret);
void pace_free(struct pace *p);
/* Counts one request: 0, or how many ms are to be waited before it may be asked again (then it is not counted). */
int64_t pace_ask(struct pace *p, const char *who, int64_t mono_ms);

#endif
