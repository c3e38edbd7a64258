// SPDX-License-Identifier: GPL-3.0-or-later
/* Codes of cases as people write them: digits only, valid only with the right check digit. */
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "handlers/casecode.h"
#include "handlers/damm.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWN(mem) char *text = text_valid(data, size);
	OWN(words) struct words *w = NULL;
	LAW(words_new(text, NULL, &w) == 0);
	for (size_t i = 0; i < w->n; i++) {
		struct casecode c;
		if (!casecode_read(w, i, &c))
			continue;
		size_t n = strlen(c.digits);
		LAW(n >= 1 && n < sizeof(c.digits) && strspn(c.digits, "0123456789") == n);
		LAW(c.to > i && c.to <= w->n);
		LAW(!c.valid || (n >= CASECODE_DIGITS_MIN && n <= CASECODE_DIGITS_MAX && damm_valid(c.digits)));
		if (!c.valid || n >= sizeof(c.digits) - 1)
			continue;
		c.digits[n / 2] = (char)('0' + (c.digits[n / 2] - '0' + 1) % 10);
		LAW(!damm_valid(c.digits)); /* one wrong digit is always found */
	}
	return 0;
}
