/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a value is written in its place: one "|name" behind a {{value}}. Each prints the whole value of the place:
 * json (with its quotes), url (all but RFC 3986 unreserved), xml, base64, base64url (no padding), ucs2hex (UTF-16, big
 * endian, upper-case hex), upper, lower (ASCII), md5, sha1, sha256 (lower-case hex), hmac_sha256:NAME (lower-case hex),
 * hmac_sha256_base64:NAME (keyed by the secret NAME), if:A:B (A unless the value is empty or "0"; always the last). */
#ifndef CAUNOI_CONFIG_FILTER_H
#define CAUNOI_CONFIG_FILTER_H

#include <jansson.h>

#include "gateway/base/buffer.h"
#include "gateway/base/err.h"

struct filter {
	int kind;
	char *key;	/* name of the secret that keys it; NULL = none */
	char *yes, *no; /* of if */
};

/* "hmac_sha256:NAME". E_INVALID with a static English phrase in *ret_why, E_NOMEM. */
MUST_CHECK int filter_parse(const char *text, struct filter *ret, const char **ret_why);
void filter_done(struct filter *f);
/* Appends value, filtered. E_NOT_FOUND: secrets lack the key; E_TOO_BIG; E_NOMEM. */
MUST_CHECK int filter_put(const struct filter *f, const char *value, const json_t *secrets, struct buffer *out);
/* For what is made elsewhere; base64url without padding. E_NOMEM. */
MUST_CHECK int filter_put_base64(struct buffer *out, const void *bytes, size_t n_bytes);
MUST_CHECK int filter_put_base64url(struct buffer *out, const void *bytes, size_t n_bytes);

#endif
