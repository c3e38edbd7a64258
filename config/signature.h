/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Proof that a callback comes from its provider, in constant time:
 * none; basic (Authorization: Basic of the secret "user:password"); hmac_sha256_body (header holds hex or base64 of
 * HMAC-SHA256(secret, body), "sha256=" in front allowed); twilio (X-Twilio-Signature = base64 of HMAC-SHA1(secret, URL
 * followed by the sorted names and values of the form); a body that is no form needs its bodySHA256 in the URL). */
#ifndef CAUNOI_CONFIG_SIGNATURE_H
#define CAUNOI_CONFIG_SIGNATURE_H

#include "config/document.h"

enum signature_kind { SIGNATURE_NONE, SIGNATURE_BASIC, SIGNATURE_HMAC_SHA256_BODY, SIGNATURE_TWILIO };

/* E_INVALID when unknown. */
MUST_CHECK int signature_kind_parse(const char *name, enum signature_kind *ret);
/* 0 = good; E_DENIED = absent or wrong; E_NOMEM. header NULL = the kind's own. secret NULL is always E_DENIED but for none. */
MUST_CHECK int signature_check(enum signature_kind kind, const char *secret, const char *header, const struct received *in);

#endif
