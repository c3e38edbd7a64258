/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One segment to be sent: what an SMS-SUBMIT TPDU carries, and its octets (3GPP TS 23.040 §9.2.2.2, without the SMSC
 * octets). The guard writes exactly these octets, so that what leaves is what was asked for. Pure. */
#ifndef CAUNOI_DRIVERS_GAMMU_SEGMENT_H
#define CAUNOI_DRIVERS_GAMMU_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"
#include "gateway/base/gsm7.h"

#define SEGMENT_TPDU_BYTES 176
#define SEGMENT_UNITS 160

struct segment {
	char to[24]; /* "+" and digits, or digits */
	char *text;  /* UTF-8; freed by segment_done */
	enum encoding encoding;
	int part, parts, ref; /* 8-bit reference; meaningful when parts > 1 */
	uint8_t validity;     /* TP-VP, relative */
	bool receipt, flash;
};

void segment_done(struct segment *s);
/* Shortest relative TP-VP of at least validity_s, at most 63 weeks. Source: TS 23.040 §9.2.3.12.1. */
uint8_t segment_validity(int64_t validity_s);
/* Is to a number that may be dialled: optional "+", 3–15 digits, nothing else. */
bool segment_number_ok(const char *to);
/* Octets into tpdu. Result = how many; E_INVALID: number, or a character outside of GSM-7; E_TOO_BIG: text over one
 * segment. */
int segment_encode(const struct segment *s, uint8_t tpdu[SEGMENT_TPDU_BYTES]);
/* UTF-16 units of UTF-8 text; result = how many, E_TOO_BIG over room. */
int segment_units(const char *text, uint16_t *ret, size_t room);

#endif
