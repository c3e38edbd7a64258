// SPDX-License-Identifier: GPL-3.0-or-later
/* The rest of "+CUSD:" lines. Text comes out without the line's own quotes, never longer than its letters can be. */
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/drivers/gammu/ussd_text.h"
#include "tests/fuzz/fuzz.h"

#define BYTES_A_CHARACTER 3 /* of UTF-8, at most, from one octet of a packed string */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWN(mem) char *line = strndup((const char *)data, size), *text = NULL, *again = NULL;
	enum ussd_state state = USSD_FAILED, second;
	if (ussd_text_parse(line, &state, &text)) {
		LAW(!text && state == USSD_FAILED);
		return 0;
	}
	LAW(text && strlen(text) <= BYTES_A_CHARACTER * strlen(line));
	LAW(strchr(line, '"') || !*text);
	LAW(!ussd_text_parse(line, &second, &again) && second == state && !strcmp(text, again));
	return 0;
}
