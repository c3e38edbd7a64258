/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ed25519 over libsodium. Called by signature.c; pure. */
#include "config/ed25519.h"

#include <sodium.h>
#include <stdbool.h>
#include <string.h>

static int decode(const char *text, unsigned char *ret, size_t n_bytes)
{
	size_t n = 0, length = strlen(text);
	bool padded = length && text[length - 1] == '=';
	int r = sodium_base642bin(ret, n_bytes, text, length, NULL, &n, NULL,
				  padded ? sodium_base64_VARIANT_ORIGINAL : sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
	return r || n != n_bytes ? E_DENIED : 0;
}

int ed25519_check(const char *public_key, const char *signature, const void *text, size_t n_bytes)
{
	unsigned char key[crypto_sign_PUBLICKEYBYTES], sign[crypto_sign_BYTES];
	if (decode(public_key, key, sizeof(key)) || decode(signature, sign, sizeof(sign)))
		return E_DENIED;
	return crypto_sign_verify_detached(sign, text, n_bytes, key) ? E_DENIED : 0;
}
