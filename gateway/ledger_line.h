/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line of the ledger file, with a check at its end: "off 1:HASH SCOPE SEQ AT", "lift 1:HASH SCOPE SEQ AT LIFTED_SEQ
 * LIFTED_AT", "forget 1:HASH PERSON NUMBER SEQ AT", "audit SEQ HASH AT", "restored SEQ AT". Hashes are hex, times Unix ms, 1 is the key's id. Pure. */
#ifndef CAUNOI_GATEWAY_LEDGER_LINE_H
#define CAUNOI_GATEWAY_LEDGER_LINE_H

#include <stdint.h>

#include "gateway/base/buffer.h"
#include "gateway/erasure.h"
#include "gateway/optout.h"

enum ledger_kind { LEDGER_OFF, LEDGER_LIFT, LEDGER_FORGET, LEDGER_AUDIT, LEDGER_RESTORED };

struct ledger_line {
	enum ledger_kind kind;
	struct optout optout; /* off and lift: hash, hash_key, scope, seq, at (and lifted_…) */
	struct erased erased; /* forget */
	int64_t seq, at;      /* audit and restored: the chain's entry */
	uint8_t hash[32];     /* audit */
};

/* Appends the line with its check and '\n'. */
MUST_CHECK int ledger_line_format(const struct ledger_line *line, struct buffer *out);
/* text without '\n'. E_INVALID: torn, damaged or of a kind this release does not know. */
MUST_CHECK int ledger_line_parse(const char *text, struct ledger_line *ret);
/* The highest number of the one order that the line speaks of; 0 for lines about the audit. */
int64_t ledger_line_seq(const struct ledger_line *line);

#endif
