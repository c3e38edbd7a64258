/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a callback's signature stands over, "{{timestamp}}.{{body}}": {{body}} as it came, {{timestamp}} (the header that the profile names),
 * {{url}} (as the provider called it, with its query), {{header.NAME}}. Private to config/; pure. */
#ifndef CAUNOI_CONFIG_SIGNED_H
#define CAUNOI_CONFIG_SIGNED_H

#include "config/document.h"
#include "gateway/base/buffer.h"

/* NULL = good; else a static English phrase. with_moment: {{timestamp}} must be in it. */
const char *signed_fault(const char *text, bool with_moment);
/* Appends what was signed. moment may be NULL. E_DENIED: a header is absent; E_NOMEM. text is good. */
MUST_CHECK int signed_put(const char *text, const struct received *in, const char *moment, struct buffer *out);

#endif
