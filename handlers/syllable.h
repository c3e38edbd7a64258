/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vietnamese syllables as letters: is this one, which marks does it carry, what did a broken keyboard mean. A key is a
 * syllable in one spelling whatever its author used: lower case, quality as Telex writes it (aa aw ee oo ow uw dd), tone as a
 * last letter (f s r x j). Pure; called by words.c and pattern.c. */
#ifndef CAUNOI_HANDLERS_SYLLABLE_H
#define CAUNOI_HANDLERS_SYLLABLE_H

#include <stdbool.h>
#include <stddef.h>

#define SYLLABLE_BYTES 32

/* Is fold (lower case, no marks) a syllable that Vietnamese could have? */
bool syllable_valid(const char *fold);
/* Key of one token of NFC text; true when it carries any Vietnamese mark. A token that does not fit gives "" and false. */
bool syllable_key(const char *token, size_t n_bytes, char ret[SYLLABLE_BYTES]);
/* Telex or VNI keystrokes that were never composed ("duowcj", "nha2") as a fold. False, ret untouched, unless the whole token
 * decodes to a syllable and is none itself. */
bool syllable_residue(const char *fold, char ret[SYLLABLE_BYTES]);

#endif
