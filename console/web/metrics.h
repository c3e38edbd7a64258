/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GET /metrics, Prometheus text: this process's counters, and the figures of the verb status for callers with a token. Told
 * to this machine when no proxy stands in front, and to tokens; for others there is no such path. */
#ifndef CAUNOI_WEB_METRICS_H
#define CAUNOI_WEB_METRICS_H

#include "console/web/visit.h"

/* Library's thread; true = answered. */
bool metrics_begin(struct visit *v);

#endif
