/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files sealed to a public key whose secret half lies elsewhere: whoever steals a backup, or the machine that writes them, cannot read it.
 * Format: "CAUNOI.SEALED.1\n", an ephemeral public key, the file's own key boxed to it (X25519, XSalsa20-Poly1305), then pieces of 64 KiB,
 * each boxed under its number and whether it is the last: nothing can be cut off, left out or moved. */
#ifndef CAUNOI_GATEWAY_VAULT_H
#define CAUNOI_GATEWAY_VAULT_H

#include <stdbool.h>

#include "gateway/base/err.h"
#include "gateway/base/random.h"

#define VAULT_KEY_CHARS 64 /* a public key in hex */

/* Draws a pair: the secret half into a new file (0600, hex), the public one into ret. E_EXISTS, E_IO. */
MUST_CHECK int vault_key_new(const char *file, struct random *r, char ret[VAULT_KEY_CHARS + 1]);
/* 64 hex digits that are a key? */
bool vault_key_is_valid(const char *public_key);
bool vault_is_sealed(const char *file);
/* Seals from into the new file to (0600, synced). E_INVALID the key is none, E_NOT_FOUND, E_EXISTS, E_IO, E_NOMEM. */
MUST_CHECK int vault_seal(const char *from, const char *to, const char *public_key, struct random *r);
/* Opens from into the new file to. E_DENIED key_file is missing, damaged or open to others; E_CORRUPT it is another key, or the file is
 * damaged or cut short (to may then hold a part); E_NOT_FOUND, E_EXISTS, E_IO, E_NOMEM. */
MUST_CHECK int vault_open(const char *from, const char *to, const char *key_file);

#endif
