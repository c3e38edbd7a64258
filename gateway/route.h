/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which configured channel may take a message at all, whether it is up or not: by the networks that the channels name. Asked by
 * dispatch.c and by the campaigns' forecast; pure. */
#ifndef CAUNOI_GATEWAY_ROUTE_H
#define CAUNOI_GATEWAY_ROUTE_H

#include <stdbool.h>

#include "config/config.h"

/* Does the channel take numbers of the network? "" = a network that no prefix names. */
bool route_serves(const struct channel_config *channel, const char *network);
/* Does any channel? channel: the one that a person chose, NULL or "" = none; a chosen one takes every number. */
bool route_exists(const struct config *config, const char *channel, const char *network);
/* The same for a message of the outbox, by its pin (outbox.h). */
bool route_of_pin(const struct config *config, const char *pin);

#endif
