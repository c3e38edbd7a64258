/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading the code of a case as people write it: "PA482918", "pa 482 918", "ma so 482918.", digits of any width. Pure; called
 * by coderule.c. */
#ifndef CAUNOI_HANDLERS_CASECODE_H
#define CAUNOI_HANDLERS_CASECODE_H

#include <stdbool.h>

#include "handlers/words.h"

#define CASECODE_DIGITS_MIN 6
#define CASECODE_DIGITS_MAX 8

struct casecode {
	char digits[12];
	bool named; /* "pa", "ma so" stand before */
	bool valid; /* 6 to 8 digits, the check digit right */
	size_t to;  /* the word behind it */
};

/* At word from; false where nothing like a code (5 to 8 digits) stands. */
bool casecode_read(const struct words *w, size_t from, struct casecode *ret);

#endif
