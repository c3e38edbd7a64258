/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distance 1 between short texts, and the texts it is measured to. Keeps nothing besides. */
#include "handlers/nearword.h"

#include <stdio.h>
#include <stdlib.h>
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

static int add_text(struct nearwords *list, const char *text, int action)
{
	if (strlen(text) < NEARWORD_CHARS_MIN)
		return 0;
	struct nearword *grown = realloc(list->at, (list->n + 1) * sizeof(*grown));
	if (!grown)
		return E_NOMEM;
	list->at = grown;
	struct nearword *w = &list->at[list->n++];
	*w = (struct nearword){ .action = action, .single = !strchr(text, ' ') };
	snprintf(w->text, sizeof(w->text), "%s", text);
	return 0;
}

static bool add_choice(char *text, const struct pattern_choice *c)
{
	size_t n = strlen(text);
	for (size_t i = 0; i < c->n; i++) {
		int more = snprintf(text + n, NEARWORD_BYTES - n, "%s%s", n ? " " : "", c->words[i].fold);
		if (more < 0 || n + (size_t)more >= NEARWORD_BYTES)
			return false; /* too long to be a command */
		n += (size_t)more;
	}
	return true;
}

/* Every way through the elements from i on. */
static int add_forms(struct nearwords *list, const struct pattern *p, size_t i, const char *before, int action)
{
	if (i == p->n)
		return add_text(list, before, action);
	const struct pattern_element *e = &p->at[i];
	if (e->kind != ELEMENT_CHOICE)
		return 0;
	int r = e->optional ? add_forms(list, p, i + 1, before, action) : 0;
	for (size_t k = 0; k < e->n && !r; k++) {
		char text[NEARWORD_BYTES];
		snprintf(text, sizeof(text), "%s", before);
		if (add_choice(text, &e->choices[k]))
			r = add_forms(list, p, i + 1, text, action);
	}
	return r;
}

int nearwords_add(struct nearwords *list, const struct patterns *phrases, int action)
{
	int r = 0;
	for (size_t i = 0; i < phrases->n && !r; i++)
		r = add_forms(list, &phrases->at[i], 0, "", action);
	return r;
}

void nearwords_done(struct nearwords *list)
{
	free(list->at);
	*list = (struct nearwords){ 0 };
}

const struct nearword *nearwords_find(const struct nearwords *list, const char *text, bool single)
{
	size_t n = strlen(text);
	for (size_t i = 0; n >= NEARWORD_CHARS_MIN && i < list->n; i++) {
		const struct nearword *w = &list->at[i];
		if ((!single || w->single) && nearword_differs_by_one(w->text, text))
			return w;
	}
	return NULL;
}
