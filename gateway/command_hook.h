/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames of what providers call. Also told again from the spool when the store was away. */
#ifndef CAUNOI_GATEWAY_COMMAND_HOOK_H
#define CAUNOI_GATEWAY_COMMAND_HOOK_H

#include <jansson.h>

#include "gateway/peer.h"
#include "gateway/tick.h"

/* A frame of the web process, which it answers. */
MUST_CHECK int command_hook(struct tick *t, struct peer *p, const json_t *frame);
/* Asks ahead for what command_hook reads first. */
void command_hook_ahead(struct tick *t, const json_t *frame);
/* May these items be kept while the store is away? */
bool command_hook_is_sound(const json_t *items);
/* Tells the handlers items that came at that moment. */
MUST_CHECK int command_hook_tell(struct tick *t, const char *channel, const json_t *items, int64_t at_ms);

#endif
