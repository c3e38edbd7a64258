/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tries each beginning with each end; keeps nothing, does no I/O. */
#include "handlers/respell.h"

#include <string.h>

#include "gateway/base/own.h"

#define USES_MIN 4 /* phrases that name what the token becomes: a common word */

struct respelling {
	const char *written, *meant;
};

static const struct respelling beginnings[] = { { "", "" }, { "f", "ph" }, { "z", "d" }, { "j", "gi" }, { "w", "qu" }, { "k", "c" } }; /* the last one alone: "koj" is Hmong */
static const struct respelling ends[] = { { "", "" }, { "j", "i" }, { "q", "ng" }, { "g", "ng" }, { "k", "ch" }, { "k", "c" }, { "z", "" } };

static bool ends_with(const char *text, size_t n, const char *end)
{
	size_t n_end = strlen(end);
	return n > n_end && strcmp(text + n - n_end, end) == 0;
}

static bool put(const char *fold, const struct respelling *first, const struct respelling *last, char ret[SYLLABLE_BYTES])
{
	size_t n = strlen(fold), cut = strlen(first->written), tail = strlen(last->written), room = SYLLABLE_BYTES;
	if (cut + tail >= n || strncmp(fold, first->written, cut) != 0 || !ends_with(fold, n, last->written))
		return false;
	size_t middle = n - cut - tail, n_first = strlen(first->meant), n_last = strlen(last->meant);
	if (n_first + middle + n_last >= room)
		return false;
	memcpy(ret, first->meant, n_first);
	memcpy(ret + n_first, fold + cut, middle);
	memcpy(ret + n_first + middle, last->meant, n_last + 1);
	return true;
}

bool respell_read(const struct lexicon *l, const char *fold, char ret[SYLLABLE_BYTES])
{
	uint32_t most = USES_MIN - 1;
	if (strlen(fold) < 3)
		return false;
	for (size_t b = 0; b < COUNT_OF(beginnings); b++)
		for (size_t e = b ? 0 : 1; e < (b + 1 < COUNT_OF(beginnings) ? COUNT_OF(ends) : 1); e++) {
			char text[SYLLABLE_BYTES];
			if (!put(fold, &beginnings[b], &ends[e], text) || !syllable_native(text))
				continue;
			uint32_t uses = lexicon_uses(l, text);
			if (uses > most) {
				most = uses;
				memcpy(ret, text, sizeof(text));
			}
		}
	return most >= USES_MIN;
}
