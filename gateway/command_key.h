/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys of calls. One key belongs to actor and verb; the same call under it gets the first result, another one is refused. */
#ifndef CAUNOI_GATEWAY_COMMAND_KEY_H
#define CAUNOI_GATEWAY_COMMAND_KEY_H

#include "gateway/tick.h"
#include "gateway/verb.h"

/* What the call asks for, uploads by what they hold. E_NOT_FOUND: one is not there any more. */
MUST_CHECK int command_key_hash(struct tick *t, const struct call *c, uint8_t ret[32]);
/* 0: not used yet. E_EXISTS: *ret, the caller's, is the first result. E_REFUSED: used for another call. hash NULL: its upload is spent, and
 * it could only be the first call pressed again. */
MUST_CHECK int command_key_find(struct tick *t, const struct call *c, const uint8_t *hash, json_t **ret, struct refusal *why);
MUST_CHECK int command_key_keep(struct tick *t, const struct call *c, const uint8_t hash[32], const json_t *result);

extern const struct sql_module command_key_module;

#endif
