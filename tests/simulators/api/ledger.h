/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was really delivered: the oracle. One JSON line a delivery {"at_ms","key","to","text","id"}, on disk before the
 * answer leaves; keys seen are remembered (also from an earlier run's journal). */
#ifndef CAUNOI_SIM_API_LEDGER_H
#define CAUNOI_SIM_API_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/err.h"

struct ledger;

struct ledger_counts {
	uint64_t delivered, distinct, duplicates, repeats; /* repeats: known keys answered without delivering */
};

/* journal NULL = keep none. E_IO, E_NOMEM. */
MUST_CHECK int ledger_open(const char *journal, int64_t now_ms, struct ledger **ret);
void ledger_close(struct ledger *l);
/* Delivers; with idempotent a known key is not delivered again. ret_id holds ≥ 48 bytes. E_NOMEM. */
MUST_CHECK int ledger_deliver(struct ledger *l, bool idempotent, const char *key, const char *to, const char *text,
			      int64_t at_ms, char *ret_id);
/* Writes the lines of this round; E_IO. */
MUST_CHECK int ledger_flush(struct ledger *l);
struct ledger_counts ledger_count(const struct ledger *l);
/* Forgets keys and counts, not the journal. */
void ledger_reset(struct ledger *l);

#endif
