/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Masking for quotations. Called by whatever lists cases; pure. */
#include "console/report/mask.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_FEWEST 7
#define MASK "•••" /* at most twice as long as what it stands for */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Bytes of the run that begins here, its last one a digit; *ret_digits how many of them are. */
static size_t run_of(const char *text, size_t *ret_digits)
{
	size_t end = 0, digits = 0;
	for (size_t i = 0; text[i]; i++) {
		if (is_digit(text[i])) {
			digits++;
			end = i + 1;
		} else if (!strchr(" .-()", text[i]) || i - end >= 2) {
			break;
		}
	}
	*ret_digits = digits;
	return end;
}

char *mask_numbers(const char *text)
{
	char *out = malloc(2 * strlen(text) + 1), *to = out;
	while (out && *text) {
		size_t digits = 0, n = is_digit(*text) ? run_of(text, &digits) : 1;
		if (digits >= DIGITS_FEWEST) {
			memcpy(to, MASK, sizeof(MASK) - 1);
			to += sizeof(MASK) - 1;
		} else {
			memcpy(to, text, n);
			to += n;
		}
		text += n;
	}
	if (out)
		*to = '\0';
	return out;
}
