/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Twilio signs of a request: its URL, and behind it the fields of a form; any other body is bound by a hash that stands in the URL.
 * Private to config/. */
#ifndef CAUNOI_CONFIG_TWILIO_H
#define CAUNOI_CONFIG_TWILIO_H

#include "config/signature.h"
#include "gateway/base/buffer.h"

/* Appends the signed text. E_DENIED: no URL, fields that cannot be read, or a body that is not the hash's; E_NOMEM. */
MUST_CHECK int twilio_signed_text(const struct received *in, struct buffer *out);

#endif
