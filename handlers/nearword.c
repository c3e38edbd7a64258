/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distance 1 between short texts. Keeps nothing. */
#include "handlers/nearword.h"

#include <string.h>

bool nearword_differs_by_one(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b), same = 0;
	if (na < nb)
		return nearword_differs_by_one(b, a);
	while (same < nb && a[same] == b[same])
		same++;
	const char *x = a + same, *y = b + same;
	if (na == nb + 1)
		return strcmp(x + 1, y) == 0;
	if (na != nb || !*x)
		return false;
	return strcmp(x + 1, y + 1) == 0 || (x[1] && x[0] == y[1] && x[1] == y[0] && strcmp(x + 2, y + 2) == 0);
}

/* One letter for another is one lost and one won. */
static inline bool two_at_most(uint32_t letters)
{
	letters &= letters - 1;
	return !(letters & (letters - 1));
}

const struct form *nearword_find(const struct forms *list, const char *text, bool single)
{
	size_t n = strlen(text);
	uint32_t letters = form_letters(text);
	if (n < NEARWORD_CHARS_MIN || n > list->longest + 1)
		return NULL;
	/* from one byte less, but no fewer than four, to one more */
	size_t least = n > NEARWORD_CHARS_MIN ? n - 1 : n, room = n + 1 - least;
	const struct form_sketch *end = list->sketches + list->n;
	for (const struct form_sketch *s = list->sketches; s < end; s++)
		if ((size_t)s->n_bytes - least <= room && two_at_most(s->letters ^ letters) && (!single || s->single)) {
			const struct form *f = &list->at[s - list->sketches];
			if (nearword_differs_by_one(f->text, text))
				return f;
		}
	return NULL;
}
