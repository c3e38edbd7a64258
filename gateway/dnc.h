/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The national Do-Not-Call list as it was imported last: keyed hashes only. Who stands on it gets no advertising (Decree 91/2020/NĐ-CP). */
#ifndef CAUNOI_GATEWAY_DNC_H
#define CAUNOI_GATEWAY_DNC_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/tick.h"

#define DNC_FRESH_MS (INT64_C(7) * 24 * 3600000) /* an older list may not be relied on */

struct sql_module;

/* For SQL that knows an address as alias: does it stand on a list that is in force? */
#define DNC_HOLDS(alias) "EXISTS (SELECT 1 FROM dnc d JOIN dnc_list l ON l.id = d.list WHERE d.hash = " alias ".hash AND l.state = 'done')"

/* A list that is being written; nobody sees it before dnc_done. */
MUST_CHECK int dnc_new(struct tick *t, const char *actor, int64_t *ret_list);
/* hash: SEAL_HASH_BYTES. *ret_new: it was not in this list before. */
MUST_CHECK int dnc_put(struct tick *t, int64_t list, const void *hash, bool *ret_new);
/* The list is in force from now on; those before are no more. */
MUST_CHECK int dnc_done(struct tick *t, int64_t list);
/* Deletes n rows of lists that are not in force, of list alone (a dropped one) or of all before it. E_AGAIN: there are more. */
MUST_CHECK int dnc_clear(struct tick *t, int64_t list, bool itself, int n);
/* When the list in force was imported; 0 = there is none. */
MUST_CHECK int dnc_age(const struct scope *in, int64_t *ret_at_ms);
/* Does the address stand on it? 1, 0 or negative. */
int dnc_has(const struct scope *in, int64_t address);

extern const struct sql_module dnc_module;

#endif
