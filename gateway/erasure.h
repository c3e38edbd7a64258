/* SPDX-License-Identifier: GPL-3.0-or-later */
/* contact forget: a person's right to be erased. What stays is the keyed hash of the number with its refusals, so that nobody who said stop
 * is written to again, and the counts of what was sent and received; names, numbers and words go. Each erasure is a row, and a line of the
 * ledger: a database that is older than it is made to forget the person again before anything else happens. */
#ifndef CAUNOI_GATEWAY_ERASURE_H
#define CAUNOI_GATEWAY_ERASURE_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/seal.h"
#include "gateway/store/store.h"
#include "gateway/tick.h"
#include "gateway/verb.h"

struct erased {
	uint8_t hash[SEAL_HASH_BYTES]; /* of the number */
	int64_t hash_key;
	int64_t person; /* id of the person */
	bool number;    /* nobody else had it: the number and what was said under it went, too */
	int64_t seq, at;
};

/* Every erasure behind seq, in order; fn's error ends it. */
MUST_CHECK int erasure_since(const struct scope *in, int64_t seq, int (*fn)(void *arg, const struct erased *e), void *arg);
/* What the ledger knows and this database does not: erases whoever was there before said->at, cancels what waits for them and closes their
 * open cases ("withdrawn"), and writes the row under its number, or under a new one
 * where the database had passed that one (passed: the last it had drawn). E_EXISTS: the row is there, nothing was done. */
MUST_CHECK int erasure_again(struct tick *t, const struct erased *said, int64_t passed);

extern const struct verb_table erasure_verbs;
extern const struct sql_module erasure_module;

#endif
