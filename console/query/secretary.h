/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the core asks of the query process besides reading: passwords hashed and compared. */
#ifndef CAUNOI_QUERY_SECRETARY_H
#define CAUNOI_QUERY_SECRETARY_H

#include <jansson.h>

/* Argon2id, 19 MiB and two passes: about 50 ms in which nothing else runs. *ret is {"hash":…} or {"ok":bool}; {} when the memory
 * is not there. NULL on no memory at all. */
json_t *secretary_hash(const char *password);
json_t *secretary_verify(const char *password, const char *hash);

/* A new password in place of one that is known: {"hash"} when old fits old_hash, {"wrong": true} when it does not. */
json_t *secretary_change(const char *password, const char *old, const char *old_hash);

#endif
