/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which characters make words, and what those between words mean. Pure; called by words.c and residue.c. */
#ifndef CAUNOI_HANDLERS_LETTER_H
#define CAUNOI_HANDLERS_LETTER_H

#include <stdbool.h>
#include <stdint.h>

/* What stands before a word. */
enum mark { MARK_NONE, MARK_WEAK, MARK_STRONG }; /* weak: comma, bracket; strong: full stop, line break … */

/* Letters and digits of any script; beyond: none of ASCII. */
static inline bool letter_is_ascii(uint32_t c)
{
	return (c | 0x20) - 'a' < 26 || c - '0' < 10;
}
bool letter_is_beyond(uint32_t code_point);
static inline bool letter_is(uint32_t code_point)
{
	return code_point < 0x80 ? letter_is_ascii(code_point) : letter_is_beyond(code_point);
}
/* Nothing to see and nothing between: zero width, soft hyphen, variation selectors. */
bool letter_is_invisible(uint32_t code_point);
bool letter_is_emoji(uint32_t code_point);
/* How strongly c parts words; next is what follows it, 0 at the end. */
enum mark letter_parts(uint32_t c, uint32_t next);

#endif
