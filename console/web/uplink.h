/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two wires inward, commands to the core and queries to the query process, and the bell by which the library's thread
 * hands requests over. All functions are of the front thread but uplink_put and uplink_healthy. */
#ifndef CAUNOI_WEB_UPLINK_H
#define CAUNOI_WEB_UPLINK_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/err.h"

struct uplink;
struct visit;
struct web;

/* core: the socket to the core (taken). The query socket's path comes with the core's hello. E_NOMEM, E_IO. */
MUST_CHECK int uplink_new(struct web *web, int core, struct uplink **ret);
void uplink_free(struct uplink *u);
/* v's frame goes out as soon as may be; its connection is suspended already. After uplink_stop it is refused at once. */
void uplink_put(struct uplink *u, struct visit *v);
/* Reconnects, and gives up on what waited too long. Result = false when the core has gone. */
bool uplink_tend(struct uplink *u, int64_t mono_ms);
/* Refuses everything that waits and will come. */
void uplink_stop(struct uplink *u);
/* The core has greeted and was heard lately. */
bool uplink_healthy(const struct uplink *u, int64_t mono_ms);

#endif
