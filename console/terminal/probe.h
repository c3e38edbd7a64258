/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `channel probe` of an HTTP channel without sending anything: the exact request that a message would become, with every
 * secret masked, or what a recorded answer means by the profile's rules. Reads the configuration without its secrets. */
#ifndef CAUNOI_CONSOLE_TERMINAL_PROBE_H
#define CAUNOI_CONSOLE_TERMINAL_PROBE_H

#include <jansson.h>

#include "config/config.h"
#include "gateway/base/complaint.h"

/* The request for args {to, text}: {method, url, headers, body, token_request}. E_NOT_FOUND (no such channel), E_INVALID (another
 * kind of channel, a bad number), E_REFUSED (the profile cannot say this), with *c; E_NOMEM. */
MUST_CHECK int probe_request(const struct config *cfg, const char *channel, const char *to, const char *text, json_t **ret,
			     struct complaint *c);
/* What a recorded answer (status line, headers, empty line, body; a body alone came with 200) means: {outcome, fault, reference,
 * code, detail, retry_after_s, segments, price}. Errors as above. */
MUST_CHECK int probe_replay(const struct config *cfg, const char *channel, const char *to, const char *recorded, json_t **ret,
			    struct complaint *c);

#endif
