/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Damm's quasigroup of order 10 as a table. Keeps nothing. */
#include "handlers/damm.h"

#include <string.h>

static const char quasigroup[10][11] = {
	"0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
	"3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
};

char damm_digit(const char *digits)
{
	int state = 0;
	for (; *digits; digits++)
		state = quasigroup[state][*digits - '0'] - '0';
	return (char)('0' + state);
}

bool damm_valid(const char *digits)
{
	size_t n = strlen(digits);
	return n > 1 && strspn(digits, "0123456789") == n && damm_digit(digits) == '0';
}
