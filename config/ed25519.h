/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signatures that a provider makes with a key of its own and publishes the other half of (RFC 8032). */
#ifndef CAUNOI_CONFIG_ED25519_H
#define CAUNOI_CONFIG_ED25519_H

#include <stddef.h>

#include "gateway/base/err.h"

/* public_key and signature in base64, with or without padding. 0 good; E_DENIED. */
MUST_CHECK int ed25519_check(const char *public_key, const char *signature, const void *text, size_t n_bytes);

#endif
