/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One-time codes of a telephone's authenticator (RFC 6238: SHA-1, 6 digits, 30 s), the second thing asked at a login. */
#ifndef CAUNOI_GATEWAY_TOTP_H
#define CAUNOI_GATEWAY_TOTP_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/err.h"
#include "gateway/base/random.h"

#define TOTP_SECRET_BYTES 20
#define TOTP_BOX_BYTES (TOTP_SECRET_BYTES + 8)

struct totp {
	uint8_t secret[TOTP_SECRET_BYTES];
	int64_t step; /* of the last code taken: it and older ones are used up; 0 = none yet, codes are not asked for */
};

/* A new secret; not asked for before its first code was taken. */
void totp_new(struct random *r, struct totp *ret);
/* Asked for from now on, whether or not a code was taken. */
void totp_begin(struct totp *k, int64_t now_ms);
/* Takes a code of this half minute, the one before or the one behind it, and no code twice: k->step moves. E_DENIED. */
MUST_CHECK int totp_take(struct totp *k, int64_t now_ms, const char *code);
/* otpauth://… for the account at organisation; the caller's. NULL on no memory. */
char *totp_uri(const struct totp *k, const char *organisation, const char *account);
/* The same as rows of block letters, two rows of the picture in each: light on dark, with its margin. *ret is an array. */
MUST_CHECK int totp_picture(const char *uri, json_t **ret);
/* As kept, to be sealed. */
void totp_pack(const struct totp *k, uint8_t ret[TOTP_BOX_BYTES]);
void totp_unpack(const uint8_t box[TOTP_BOX_BYTES], struct totp *ret);

#endif
