/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Characters of an SMS as numbers: septets of the GSM 7-bit default alphabet with its extension (3GPP TS 23.038
 * §6.2.1) or UTF-16 units, one per uint16_t. Written apart from the product's own tables, as a check of them. */
#ifndef CAUNOI_SIM_MODEM_ALPHABET_H
#define CAUNOI_SIM_MODEM_ALPHABET_H

#include <stddef.h>
#include <stdint.h>

#define ALPHABET_ESCAPE 0x1B

/* Next code point of UTF-8; *p moves behind it; 0 at the end, U+FFFD for a broken byte. */
uint32_t alphabet_next(const char **p);
/* Septets (escape, code) or units of UTF-8 text. Result = count, E_INVALID when a character is not in the GSM
 * alphabet, E_TOO_BIG over room. */
int alphabet_septets(const char *text, uint16_t *ret, size_t room);
int alphabet_units(const char *text, uint16_t *ret, size_t room);
/* UTF-8 of septets or units; the caller's. Lone surrogates and an escape at the end become U+FFFD. */
char *alphabet_septets_text(const uint16_t *septets, size_t n);
char *alphabet_units_text(const uint16_t *units, size_t n);
/* Packs n septets behind fill_bits zero bits (0–6). Result = octets written, at most (n * 7 + 6) / 8 + 1. */
size_t alphabet_pack(const uint16_t *septets, size_t n, int fill_bits, uint8_t *ret);
/* Reads n septets from behind fill_bits of octets; missing octets read as 0. */
void alphabet_unpack(const uint8_t *octets, size_t n_octets, int fill_bits, uint16_t *ret, size_t n);

#endif
