/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sorted words and a binary search. Keeps nothing besides. */
#include "config/wordset.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/fold.h"

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

bool wordset_has(const struct wordset *w, const char *word)
{
	return w->n && bsearch(&word, w->at, w->n, sizeof(*w->at), compare);
}

void wordset_done(struct wordset *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->at[i]);
	free(w->at);
	*w = (struct wordset){ 0 };
}

static int wrong(const struct settings *from, const char *path, struct complaint *c, const char *what)
{
	settings_complain(from, path, c, "wrong_value", "%s", what);
	return E_CONFIG;
}

int wordset_read(const struct settings *from, const char *path, const json_t *array, struct wordset *ret, struct complaint *c)
{
	size_t n = json_array_size(array);
	if (array && !json_is_array(array))
		return wrong(from, path, c, "a list of words is wanted here");
	ret->at = calloc(n + 1, sizeof(*ret->at));
	if (!ret->at)
		return E_NOMEM;
	for (size_t i = 0; i < n; i++) {
		const char *text = json_string_value(json_array_get(array, i));
		char *folded = text ? fold(text) : NULL;
		if (!folded)
			return text ? E_NOMEM : wrong(from, path, c, "a list of words is wanted here");
		ret->at[ret->n++] = folded;
		if (!*folded || strlen(folded) >= WORDSET_BYTES)
			return wrong(from, path, c, "a word has 1 to 63 letters");
	}
	qsort(ret->at, ret->n, sizeof(*ret->at), compare);
	return 0;
}
