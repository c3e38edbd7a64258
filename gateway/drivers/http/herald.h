/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The other work of this program: no channel, but one machine that is told what happens here. Each event of the core becomes one signed
 * POST, and one word back whether the machine took it. When to try again is the core's business. */
#ifndef CAUNOI_DRIVERS_HTTP_HERALD_H
#define CAUNOI_DRIVERS_HTTP_HERALD_H

#include <jansson.h>
#include <stdint.h>

#include "gateway/base/err.h"

#define HERALD_SIGNATURE_BYTES 64

struct herald;
struct exchange_config;
struct driver;

/* config: base_url is the whole address, secrets hold "webhook", timeout_ms is set. What it points to and d must outlive the herald.
 * E_NOMEM, E_IO, E_CONFIG. */
MUST_CHECK int herald_new(const struct exchange_config *config, struct driver *d, int in_flight, struct herald **ret);
/* Breaks off what is open; the core gives it out again. */
void herald_free(struct herald *h);
/* {"id","name","body"}; every one is answered by {"op":"told","id","ok"}. */
void herald_event(struct herald *h, const json_t *frame);
int herald_open(const struct herald *h);
MUST_CHECK int herald_step(struct herald *h, int64_t most_ms);
/* "v1," and the base64 of HMAC-SHA256(key, id "." at_s "." body). A secret "whsec_…" is the key in base64, any other the key itself. */
MUST_CHECK int herald_sign(const char *secret, const char *id, int64_t at_s, const char *body, char ret[HERALD_SIGNATURE_BYTES]);

#endif
