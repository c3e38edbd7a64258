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

const struct form *nearword_find(const struct forms *list, const char *text, bool single)
{
	size_t n = strlen(text);
	for (size_t i = 0; n >= NEARWORD_CHARS_MIN && i < list->n; i++) {
		const struct form *f = &list->at[i];
		bool near = f->n_bytes >= NEARWORD_CHARS_MIN && f->n_bytes + 1 >= n && f->n_bytes <= n + 1;
		if (near && (!single || f->single) && nearword_differs_by_one(f->text, text))
			return f;
	}
	return NULL;
}
