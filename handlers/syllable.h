/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vietnamese syllables as letters: is this one, which marks does it carry. A key is a syllable in one spelling whatever its
 * author used: lower case, the seven marked letters as capitals (A â, W ă, E ê, O ô, Q ơ, U ư, D đ), the tone as a last digit
 * (1 sắc, 2 huyền, 3 hỏi, 4 ngã, 5 nặng), wherever it was written. Valid = initial × rhyme × tone as the spelling rules allow.
 * Pure; called by words.c, keystroke.c, residue.c and pattern.c. */
#ifndef CAUNOI_HANDLERS_SYLLABLE_H
#define CAUNOI_HANDLERS_SYLLABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SYLLABLE_BYTES 32

enum syllable {
	SYLLABLE_NONE,
	SYLLABLE_LOAN,     /* only a loan word has it: "xoong", "moóc" */
	SYLLABLE_TONELESS, /* would be one with a tone: "được" without its dot */
	SYLLABLE_WHOLE,
};

/* Is fold (lower case, no marks) a syllable that Vietnamese could have, loan words included? */
bool syllable_valid(const char *fold);
/* The same without its loan words. */
bool syllable_native(const char *fold);
/* What a key is. */
enum syllable syllable_check(const char *key);
/* Letter of a key for a Vietnamese letter, '\0' for any other; its tone '1'–'5' in *ret_tone, untouched when it has none. */
char syllable_letter(uint32_t code_point, char *ret_tone);
/* Key of one token of NFC text; true when it carries any Vietnamese mark. A token that does not fit gives "" and false. */
bool syllable_key(const char *token, size_t n_bytes, char ret[SYLLABLE_BYTES]);
/* Is written what meant would be with some of its marks left out? "dung2" (dùng) for "DUng2" (đừng). */
bool syllable_omits(const char *written, const char *meant);
/* The key's letters without marks and tone. */
void syllable_fold(const char *key, char ret[SYLLABLE_BYTES]);

#endif
