/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that the CLI and the web hand in. Whoever may use a verb that takes one may put one; it is the putter's alone. */
#ifndef CAUNOI_GATEWAY_COMMAND_UPLOAD_H
#define CAUNOI_GATEWAY_COMMAND_UPLOAD_H

#include <jansson.h>

#include "gateway/peer.h"
#include "gateway/tick.h"

/* A frame with one chunk, which it answers. */
MUST_CHECK int command_upload_put(struct tick *t, struct peer *p, const json_t *frame);
/* What the upload holds, as a hash. E_NOT_FOUND. */
MUST_CHECK int command_upload_name(struct tick *t, int64_t upload, const char *actor, uint8_t ret[32]);

extern const struct sql_module command_upload_module;

#endif
