/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One folding for keywords, search and names: NFKD, marks removed, đ Đ Ð ð Ɖ ɖ → d, ƀ Ƀ → b, lower case, full width and
 * Arabic-Indic digits → ASCII digits, zero-width and control characters removed, typographic quotes and dashes → ASCII,
 * bullets → *, ₫ → d, NBSP, line breaks and runs of space → one space, ends trimmed. Accented, plain, NFC and NFD spellings of one text fold
 * alike; folding is idempotent; fold(fold_plain(x)) = fold(x). Linear time for any text. */
#ifndef CAUNOI_BASE_FOLD_H
#define CAUNOI_BASE_FOLD_H

#include <stddef.h>

/* Folded copy of valid UTF-8, the caller's. NULL only on no memory. Letters outside Latin stay (lower-cased). */
char *fold(const char *text);
/* The same of its first n_bytes, which end between two code points. */
char *fold_part(const char *text, size_t n_bytes);
/* What is sent instead of accented text: marks and đ removed, case, spaces and line breaks kept, tab → space, typographic
 * quotes, dashes, bullets, ₫ and ellipsis made ASCII, zero-width and other control characters removed. The caller's. */
char *fold_plain(const char *text);
/* The fold of one word of n_bytes into ret, without the costs of a copy: its bytes, the NUL not counted; -1 when the room is
 * short or a letter needs more than a table (then ask fold). */
int fold_word(const char *word, size_t n_bytes, char *ret, size_t room);

#endif
