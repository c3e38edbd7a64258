/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers: sealed for sending, hashed with a key for look-up. Caps, consent, questions and conversations hang here;
 * several people may share one address. */
#ifndef CAUNOI_GATEWAY_ADDRESS_H
#define CAUNOI_GATEWAY_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/phone.h"
#include "gateway/scope.h"
#include "gateway/tick.h"

struct sql_module;

/* The address of a number, made when new. New ones are written together (store_write_row), so whoever refers to one by a foreign key is
 * written after the last of them. */
MUST_CHECK int address_put(struct tick *t, const struct phone *number, int64_t *ret_id);
/* The same. *ret_is_new: nobody had the number before. */
MUST_CHECK int address_put_listed(struct tick *t, const struct phone *number, int64_t *ret_id, bool *ret_is_new);
/* Asks ahead for what address_find and address_put read first (store_ahead). */
void address_ahead(const struct scope *in, const char *number);
/* The address of a keyed hash whose number is not known (put back from the ledger); address_put fills the number in. */
MUST_CHECK int address_put_hash(struct tick *t, const void *hash, int64_t hash_key, int64_t *ret_id);
/* E_NOT_FOUND. number is E.164 (or a short code or name as phone_parse cleaned it). */
MUST_CHECK int address_find(const struct scope *in, const char *number, int64_t *ret_id);
/* The number itself; the caller's; NULL when it was erased or never known. Only for frames to drivers and for callers who may see it. */
MUST_CHECK int address_number(const struct scope *in, int64_t id, char **ret);
/* What is shown instead of a number or name: "N-000123". */
void address_pseudonym(int64_t id, char ret[24]);
/* As address_put, of who writes on that channel just now: remembered where and when, answers go out there, and the number can be reached
 * after all. */
MUST_CHECK int address_put_heard(struct tick *t, const struct phone *number, const char *channel, int64_t *ret_id);
/* Channel the person last wrote to, or "" (ret has 33 bytes). */
MUST_CHECK int address_last_channel(const struct scope *in, int64_t id, char ret[33]);

extern const struct sql_module address_module;

#endif
