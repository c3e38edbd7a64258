/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Proof that a callback comes from its provider, in constant time:
 * none; basic (Authorization: Basic of the secret "user:password"); hmac_sha256_body (header holds hex or base64 of
 * HMAC-SHA256(secret, body), "sha256=" or "v1=" in front allowed); hmac_sha256_timestamp (the same over the body
 * followed by the header timestamp, Unix seconds or milliseconds, which may lie window_s from our clock); for both "signed" may say
 * what the HMAC stands over (signed.h); ed25519_timestamp (header holds base64
 * of the Ed25519 signature, by the provider's key whose public half the secret is in base64, of the header timestamp, "|" and the
 * body; the moment is checked as above); twilio (X-Twilio-Signature =
 * base64 of HMAC-SHA1(secret, URL followed by the sorted names and values of the form); a body that is no form needs its
 * bodySHA256 in the URL); md5_fields, sha1_fields, sha256_fields (the field "field" holds hex or base64 of the hash of the
 * values of "fields", one behind the other, and the secret); vonage_md5, vonage_sha256 (the field sig holds hex over
 * "&name=value" of all others, sorted, & and = as _: MD5 with the secret behind, or HMAC; the field timestamp is checked as
 * above). */
#ifndef CAUNOI_CONFIG_SIGNATURE_H
#define CAUNOI_CONFIG_SIGNATURE_H

#include "config/document.h"
#include "config/reader.h"

#define SIGNATURE_FIELDS_MAX 16

enum signature_kind {
	SIGNATURE_NONE,
	SIGNATURE_BASIC,
	SIGNATURE_HMAC_SHA256_BODY,
	SIGNATURE_HMAC_SHA256_TIMESTAMP,
	SIGNATURE_ED25519_TIMESTAMP,
	SIGNATURE_TWILIO,
	SIGNATURE_MD5_FIELDS,
	SIGNATURE_SHA1_FIELDS,
	SIGNATURE_SHA256_FIELDS,
	SIGNATURE_VONAGE_MD5,
	SIGNATURE_VONAGE_SHA256,
};

struct signature_plan {
	enum signature_kind kind;
	char *secret, *header, *timestamp; /* names; header and timestamp NULL = the kind's own */
	char *signed_text;		   /* the two of HMAC: what it stands over (signed.h); NULL = of the others */
	char *on;			   /* "inbound", "receipt"; NULL = both */
	char *field, *fields[SIGNATURE_FIELDS_MAX];
	size_t n_fields;
	int window_s;
};

/* The group "signature" of top; absent = none. */
MUST_CHECK int signature_read(const struct reader *top, struct signature_plan *ret);
void signature_done(struct signature_plan *p);
/* 0 = good; E_DENIED = absent or wrong; E_NOMEM. secret NULL is always E_DENIED but for none. *ret_skew_s is set where a good
 * signature is refused for its moment alone: seconds that it lies before our clock. */
MUST_CHECK int signature_check(const struct signature_plan *p, const char *secret, const struct received *in, int64_t *ret_skew_s);

#endif
