/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table optout: one row from an opt-out to its lifting, and the summary of what holds in the address row. Written by
 * consent and, after a restored backup, by the ledger. */
#ifndef CAUNOI_GATEWAY_OPTOUT_H
#define CAUNOI_GATEWAY_OPTOUT_H

#include <stdbool.h>

#include "gateway/base/seal.h"
#include "gateway/store/store.h"
#include "gateway/tick.h"

#define OPTOUT_SCOPE_BYTES 80

struct optout {
	int64_t id, address;
	char scope[OPTOUT_SCOPE_BYTES];
	int64_t seq, at;
	int64_t lifted_seq, lifted_at;     /* 0 while it holds */
	uint8_t hash[SEAL_HASH_BYTES];     /* of the number; filled by optout_since and optout_each */
	int64_t hash_key;
};

/* "campaign", "all", or "topic:" and a code without spaces. */
bool optout_scope_valid(const char *scope);
/* The row of this address and scope that holds; E_NOT_FOUND. */
MUST_CHECK int optout_holding(const struct scope *in, int64_t address, const char *scope, struct optout *ret);
/* The row that an entry of the ledger speaks of, by seq or, where it was put back under a new one, by its moment. */
MUST_CHECK int optout_find(const struct scope *in, int64_t address, const char *scope, int64_t seq, int64_t at, struct optout *ret);
/* Writes a row and the summary; channel may be NULL, inbound 0. */
MUST_CHECK int optout_put(struct tick *t, const struct optout *o, const char *channel, int64_t inbound);
MUST_CHECK int optout_lift(struct tick *t, const struct optout *o, int64_t lifted_seq, int64_t lifted_at);
/* Every scope that holds: fn per row until it fails. */
MUST_CHECK int optout_each_holding(const struct scope *in, int64_t address, int (*fn)(void *arg, const struct optout *o), void *arg);
/* Every opt-out (lifts false) or lift (true) behind seq, in order. */
MUST_CHECK int optout_since(const struct scope *in, bool lifts, int64_t seq, int (*fn)(void *arg, const struct optout *o), void *arg);
/* " campaign topic:BHYT " as the address row keeps it; E_TOO_BIG when room is too small. */
MUST_CHECK int optout_summary(const struct scope *in, int64_t address, char *ret, size_t room);
/* Asks ahead for what optout_summary, optout_holding of the two general scopes and optout_put read. */
void optout_ahead(const struct scope *in, int64_t address);

extern const struct sql_module optout_module;

#endif
