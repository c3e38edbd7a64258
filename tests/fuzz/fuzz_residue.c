// SPDX-License-Identifier: GPL-3.0-or-later
/* Keystrokes and lost encodings: what comes out is made of syllables, what was sound stays. */
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "handlers/keystroke.h"
#include "handlers/residue.h"
#include "tests/fuzz/fuzz.h"

static void read_token(const char *token)
{
	char key[SYLLABLE_BYTES], plain[SYLLABLE_BYTES];
	enum keystroke k = keystroke_read(token, key);
	if (k == KEYSTROKE_NONE)
		return;
	syllable_fold(key, plain);
	LAW(!syllable_native(token));
	LAW(syllable_valid(plain));
	LAW(strcmp(plain, key) == 0 || syllable_check(key) == SYLLABLE_WHOLE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWN(mem) char *text = text_valid(data, size);
	OWN(mem) char *nfc = text_nfc(text);
	OWN(mem) char *decoded = NULL;
	LAW(residue_decode(nfc, &decoded) == 0);
	LAW(!decoded || text_is_valid(decoded, strlen(decoded)));
	for (char *p = nfc, *token; (token = strsep(&p, " "));)
		read_token(token);
	return 0;
}
