/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Encodings and segments of an SMS. Source: 3GPP TS 23.038 §6.2.1, 23.040 §9.2.3.24.1: GSM 7-bit default alphabet
 * with its extension table (2 septets), 160 or 153 (8-bit reference) or 152 (16-bit) septets a segment; UCS-2 read as
 * UTF-16BE, 70, 67 or 66 units. Nothing is split inside an escape or a surrogate pair. */
#ifndef CAUNOI_BASE_GSM7_H
#define CAUNOI_BASE_GSM7_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"

enum encoding { ENCODING_GSM7, ENCODING_UCS2 };
#define SEGMENTS_MAX 255

struct measure {
	enum encoding encoding;
	int n_chars;    /* code points */
	int n_units;    /* septets or UTF-16 units, escapes counted twice */
	int n_segments; /* ≥ 1 (an empty text takes one) */
	int left;       /* units that still fit into the last segment */
};

/* Septets of one code point: 1, 2 (extension) or 0 (not in the alphabet). */
int gsm7_septets(uint32_t code_point);
/* Measures valid UTF-8 with the 8-bit (ref_bits 8) or 16-bit (16) reference. */
void gsm7_measure(const char *text, int ref_bits, struct measure *ret);
/* Splits as measured: ret[i] is the byte offset where segment i begins; ret[n] the end. Room for SEGMENTS_MAX + 1.
 * Result = number of segments, E_TOO_BIG (over 255), or E_INVALID (GSM 7-bit asked for a text that has other
 * characters; UCS-2 is always possible). ret is untouched on failure. */
int gsm7_split(const char *text, enum encoding encoding, int ref_bits, size_t ret[SEGMENTS_MAX + 1]);
/* Code points that force UCS-2, each once in order of appearance, as UTF-8 strings; result = how many were found in
 * all, at most max written; E_NOMEM. */
int gsm7_forcing(const char *text, char (*ret)[5], int max);
/* Septet codes of text (escape = 0x1B then code), one byte each; result = count or E_INVALID when a character is not
 * in the alphabet, E_TOO_BIG when room is short. */
int gsm7_encode(const char *text, uint8_t *ret, size_t room);
/* Text of septet codes (3GPP rules: unknown extension → basic table, ESC ESC and a last ESC → space). The caller's;
 * NULL only on no memory. Bit 8 of a code is ignored. */
char *gsm7_decode(const uint8_t *septets, size_t n);
const char *encoding_name(enum encoding e); /* "gsm7", "ucs2" */

#endif
