// SPDX-License-Identifier: GPL-3.0-or-later
/* Any bytes: made valid, normalised, folded; the folds agree with one another. */
#include <string.h>

#include "gateway/base/fold.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWN(mem) char *text = text_valid(data, size);
	OWN(mem) char *nfc = text_nfc(text), *folded = fold(text), *plain = fold_plain(text);
	OWN(mem) char *twice = fold(folded), *of_nfc = fold(nfc), *of_plain = fold(plain);
	LAW(text_is_valid(text, strlen(text)) && text_is_valid(folded, strlen(folded)) && text_is_valid(plain, strlen(plain)));
	LAW(strcmp(folded, twice) == 0);
	LAW(strcmp(folded, of_nfc) == 0);
	LAW(strcmp(folded, of_plain) == 0);
	char word[256];
	int n = fold_word(text, strlen(text), word, sizeof(word));
	LAW(n < 0 || strcmp(word, folded) == 0);
	return 0;
}
