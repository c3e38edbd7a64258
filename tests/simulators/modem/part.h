/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One part of a message: its characters as numbers and its place in the whole. part_split cuts a text as a phone
 * or service centre would, never inside an escape or a surrogate pair. */
#ifndef CAUNOI_SIM_MODEM_PART_H
#define CAUNOI_SIM_MODEM_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PART_UNITS_MAX 160
#define PARTS_MAX 255

enum coding { CODING_GSM7, CODING_BYTES, CODING_UCS2 };

struct concat {
	int ref_bits; /* 8, 16, or 0 = a message of one part */
	int ref, total, number;
};

struct part {
	enum coding coding;
	uint16_t units[PART_UNITS_MAX]; /* septets, octets or UTF-16 units */
	size_t n_units;
	struct concat concat;
};

/* Parts of text with the reference ref of ref_bits (8 or 16); one part carries no reference. ucs2 forces UCS-2; without
 * it GSM 7-bit is taken when it can spell the text. *ret is the caller's array. Result = count, or E_TOO_BIG. */
int part_split(const char *text, bool ucs2, int ref_bits, int ref, struct part **ret);
/* UTF-8 of a part; the caller's. Octets are shown as hex. */
char *part_text(const struct part *p);
const char *coding_name(enum coding c);

#endif
