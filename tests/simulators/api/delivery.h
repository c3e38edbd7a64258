/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A request's messages on their way to people: one, or many of one text. {"to","key","text"} is one; a batch is
 * {"text","messages":[{"to","key"},…]}, answered {"status":"ok","messages":[{"key","status":"ok","id"},…]}. */
#ifndef CAUNOI_SIM_API_DELIVERY_H
#define CAUNOI_SIM_API_DELIVERY_H

#include <jansson.h>

#include "gateway/base/buffer.h"
#include "tests/simulators/api/sim.h"

bool delivery_is_batch(const json_t *body);
/* Delivers text to the one that message names, and its receipt later. ret_id holds ≥ 48 bytes. E_NOMEM. */
MUST_CHECK int delivery_make(struct sim *sim, const json_t *message, const char *text, char *ret_id);
/* Delivers a batch and appends the answer's body to out. E_NOMEM. */
MUST_CHECK int delivery_each(struct sim *sim, const json_t *body, struct buffer *out);

#endif
