/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passwords for the core. Called by the server on frames of its standard input. */
#include "console/query/secretary.h"

#include <sodium.h>
#include <string.h>

#include "gateway/base/json.h"

#define PASSES 2
#define MEMORY_BYTES (19 * 1024 * 1024)

json_t *secretary_hash(const char *password)
{
	char hash[crypto_pwhash_STRBYTES];
	if (crypto_pwhash_str_alg(hash, password, strlen(password), PASSES, MEMORY_BYTES, crypto_pwhash_ALG_ARGON2ID13))
		return json_object();
	return json_pack("{s:s}", "hash", hash);
}

json_t *secretary_verify(const char *password, const char *hash)
{
	return json_pack("{s:b}", "ok", crypto_pwhash_str_verify(hash, password, strlen(password)) == 0);
}

json_t *secretary_change(const char *password, const char *old, const char *old_hash)
{
	if (crypto_pwhash_str_verify(old_hash, old, strlen(old)))
		return json_pack("{s:b}", "wrong", 1);
	return secretary_hash(password);
}
