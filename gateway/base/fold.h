/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One folding for keywords, search and names: NFKD, marks removed, đ Đ Ð ð Ɖ → d, lower case, full width and
 * Arabic-Indic digits → ASCII digits, zero-width removed, NBSP and runs of space → one space, ends trimmed.
 * Accented, plain, NFC and NFD spellings of one text fold alike; folding is idempotent. */
#ifndef CAUNOI_BASE_FOLD_H
#define CAUNOI_BASE_FOLD_H

/* Folded copy of valid UTF-8, the caller's. NULL only on no memory. Letters outside Latin stay (lower-cased). */
char *fold(const char *text);
/* What is sent instead of accented text: marks and đ removed, case and line breaks kept, typographic quotes, dashes
 * and ellipsis made ASCII. The caller's. */
char *fold_plain(const char *text);

#endif
