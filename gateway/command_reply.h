/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a peer is told of its command. Called by what handles frames of the CLI, the web and the query process. */
#ifndef CAUNOI_GATEWAY_COMMAND_REPLY_H
#define CAUNOI_GATEWAY_COMMAND_REPLY_H

#include "gateway/tick.h"
#include "gateway/verb.h"

/* Steals result; NULL says null. */
MUST_CHECK int command_reply_ok(struct tick *t, int64_t peer, int64_t id, json_t *result);
/* The rule and the words of why, or those of err where it names none. */
MUST_CHECK int command_reply_error(struct tick *t, int64_t peer, int64_t id, int err, const struct refusal *why);

#endif
