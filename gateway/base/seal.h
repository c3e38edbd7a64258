/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The identity keys: AEAD (XChaCha20-Poly1305) for what must be read again, a keyed hash (BLAKE2b, 16 bytes) for look-up.
 * Held by the core and the query process only. The key file is data_dir/identity.key, 0600, made by init. */
#ifndef CAUNOI_BASE_SEAL_H
#define CAUNOI_BASE_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"
#include "gateway/base/random.h"

#define SEAL_KEY_ID 1       /* the key id stored beside what this release seals */
#define SEAL_HASH_BYTES 16
#define SEAL_EXTRA_BYTES 40 /* nonce and tag */

struct seal;

/* Writes a new key file (0600, fsync), whole or not at all: one cut short is "FILE.new", which the next call throws away. E_EXISTS,
 * E_IO, E_NOMEM. */
MUST_CHECK int seal_create(const char *file, struct random *r);
/* Reads it; E_CORRUPT when missing, of loose mode or damaged. *ret is the caller's (locked memory, not dumped). */
MUST_CHECK int seal_open(const char *file, struct seal **ret);
/* Keys from 32 given bytes (tests, simulation). */
MUST_CHECK int seal_from_bytes(const uint8_t bytes[32], struct seal **ret);
void seal_free(struct seal *s);

/* Keyed hash of a text such as a number in E.164. */
void seal_hash(const struct seal *s, const char *text, uint8_t ret[SEAL_HASH_BYTES]);
/* nonce ‖ ciphertext ‖ tag of n_bytes, into ret (n_bytes + SEAL_EXTRA_BYTES). */
void seal_close_box(const struct seal *s, struct random *r, const void *data, size_t n_bytes, uint8_t *ret);
/* Opens a box; *ret is a NUL-terminated copy, the caller's. E_CORRUPT when it does not open. */
MUST_CHECK int seal_open_box(const struct seal *s, const void *box, size_t n_bytes, char **ret, size_t *ret_bytes);
/* A key derived for one purpose ("loopback", "audit"), 32 bytes. */
void seal_derive(const struct seal *s, const char *purpose, uint8_t ret[32]);
/* Keyed hash of a call's arguments as text, 32 bytes: they hold numbers and passwords, which a plain hash gives away to whoever
 * tries them all. */
void seal_arguments(const struct seal *s, const char *text, uint8_t ret[32]);
/* Unkeyed BLAKE2b of data, 32 bytes: audit links, token look-up. Never of what can be guessed. */
void seal_digest(const void *data, size_t n_bytes, uint8_t ret[32]);

#endif
