/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTF-8 text: made valid, normalised to NFC, cut at code points. Source: Unicode 15 §3.9, §3.11 (utf8proc). */
#ifndef CAUNOI_BASE_TEXT_H
#define CAUNOI_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/err.h"

/* Valid UTF-8 without NUL: every ill-formed subsequence, lone surrogate and NUL becomes U+FFFD. The caller's.
 * NULL only on no memory. */
char *text_valid(const void *bytes, size_t n_bytes);
/* What a machine without UTF-8 may have sent: valid UTF-8 as it is; bytes of which no run is UTF-8 beyond ASCII as one letter of
 * Latin-1 each, so that legacy encodings can still be told; a mixture as text_valid does. The caller's. NULL only on no memory. */
char *text_read(const void *bytes, size_t n_bytes);
/* True when text is well-formed UTF-8 without NUL. */
bool text_is_valid(const void *bytes, size_t n_bytes);
/* NFC of valid UTF-8; the caller's. NULL only on no memory. Linear time, also for a text that is nothing but marks. */
char *text_nfc(const char *text);
/* True when valid UTF-8 is NFC for sure, so that no copy is needed; false when it may not be. */
bool text_is_nfc(const char *text);
/* Lower case of valid UTF-8, letter by letter; the caller's. NULL only on no memory. */
char *text_lower(const char *text);
/* Next code point; *p moves behind it. 0 at the end; U+FFFD for an ill-formed subsequence (which is skipped). */
uint32_t text_next(const char **p);
/* Writes one code point, 1–4 bytes, no NUL; result = bytes written. */
size_t text_put(char out[4], uint32_t code_point);
/* Code points of text. */
size_t text_chars(const char *text);
/* Bytes of the longest prefix of at most n_bytes that ends between code points. */
size_t text_cut(const char *text, size_t n_bytes);
/* Lower-case hex of bytes; the caller's. */
char *text_hex(const void *bytes, size_t n_bytes);
/* Bytes of hex text (any case, even length); E_INVALID. *ret is the caller's. */
MUST_CHECK int text_unhex(const char *hex, uint8_t **ret, size_t *ret_bytes);

#endif
