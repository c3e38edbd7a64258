/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Channels of a new configuration in a running core: those that stay keep everything they know, whatever place they have now. Between
 * ticks, when nothing that waits for a commit names a place. */
#ifndef CAUNOI_GATEWAY_RELOAD_H
#define CAUNOI_GATEWAY_RELOAD_H

#include "config/config.h"
#include "gateway/tick.h"

/* E_REFUSED: one that was taken out, or got another kind of driver, has messages under way, or places cannot change now; nothing was
 * changed. E_NOMEM likewise. */
MUST_CHECK int reload_channels(struct core *core, const struct config *cfg);
/* Reads the rows of channels that were put in; they take nothing before. */
MUST_CHECK int reload_read(struct tick *t);

#endif
