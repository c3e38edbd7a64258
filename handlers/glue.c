/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Long syllables first, as deep as there are letters. Keeps nothing, allocates nothing. */
#include "handlers/glue.h"

#include <string.h>

#include "handlers/syllable.h"

#define GLUED_BYTES 24
#define GLUED_WORDS_MAX 6
#define SYLLABLE_LETTERS_MAX 6
#define SYLLABLE_LETTERS_MIN 2

struct glue {
	struct word at[GLUED_WORDS_MAX];
	char texts[GLUED_WORDS_MAX][SYLLABLE_LETTERS_MAX + 1];
	bool (*fits)(const struct words *w, void *arg);
	void *arg;
};

static bool apart(struct glue *g, size_t n, const char *rest)
{
	size_t left = strlen(rest);
	if (!left)
		return n > 1 && g->fits(&(struct words){ .at = g->at, .n = n, .n_letters = n }, g->arg);
	if (n == GLUED_WORDS_MAX)
		return false;
	for (size_t letters = left < SYLLABLE_LETTERS_MAX ? left : SYLLABLE_LETTERS_MAX; letters >= SYLLABLE_LETTERS_MIN; letters--) {
		char *text = g->texts[n];
		memcpy(text, rest, letters);
		text[letters] = '\0';
		if (!syllable_native(text))
			continue;
		g->at[n] = (struct word){ .fold = text, .key = text, .raw = text, .hash = word_hash(text), .before = n ? MARK_NONE : MARK_STRONG };
		if (apart(g, n + 1, rest + letters))
			return true;
	}
	return false;
}

bool glue_apart(const char *fold, bool (*fits)(const struct words *w, void *arg), void *arg)
{
	struct glue g = { .fits = fits, .arg = arg };
	size_t n = strspn(fold, "abcdefghijklmnopqrstuvwxyz");
	return n <= GLUED_BYTES && !fold[n] && apart(&g, 0, fold);
}
