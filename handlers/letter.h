/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which characters make words, and what those between words mean. Pure; called by words.c and residue.c. */
#ifndef CAUNOI_HANDLERS_LETTER_H
#define CAUNOI_HANDLERS_LETTER_H

#include <stdbool.h>
#include <stdint.h>

/* What stands before a word. */
enum mark { MARK_NONE, MARK_WEAK, MARK_STRONG }; /* weak: comma, bracket; strong: full stop, line break … */

/* Letters and digits of any script. */
bool letter_is(uint32_t code_point);
/* Nothing to see and nothing between: zero width, soft hyphen, variation selectors. */
bool letter_is_invisible(uint32_t code_point);
bool letter_is_emoji(uint32_t code_point);
/* How strongly c parts words; next is what follows it, 0 at the end. */
enum mark letter_parts(uint32_t c, uint32_t next);

#endif
