/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every way through a phrase, written out. What is too long for a command is left out. */
#include "handlers/forms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint32_t form_letters(const char *text)
{
	uint32_t letters = 0;
	for (; *text; text++)
		letters |= *text >= 'a' && *text <= 'z' ? UINT32_C(1) << (*text - 'a') : 0;
	return letters;
}

static int add_form(struct forms *list, const struct form *f)
{
	if (!f->text[0])
		return 0;
	struct form *grown = realloc(list->at, (list->n + 1) * sizeof(*grown));
	if (grown)
		list->at = grown;
	struct form_sketch *more = realloc(list->sketches, (list->n + 1) * sizeof(*more));
	if (more)
		list->sketches = more;
	if (!grown || !more)
		return E_NOMEM;
	struct form *to = &list->at[list->n];
	*to = *f;
	to->n_bytes = strlen(f->text);
	list->longest = to->n_bytes > list->longest ? to->n_bytes : list->longest;
	to->single = !strchr(f->text, ' ');
	list->sketches[list->n++] = (struct form_sketch){ .letters = form_letters(f->text), .n_bytes = (uint16_t)to->n_bytes, .single = to->single };
	return 0;
}

static bool add_word(char *to, size_t room, const char *word)
{
	size_t n = strlen(to);
	int more = snprintf(to + n, room - n, "%s%s", n ? " " : "", word);
	return more > 0 && n + (size_t)more < room;
}

static bool add_choice(struct form *f, const struct choice *c)
{
	for (size_t i = 0; i < c->n; i++) {
		f->exact = f->exact || c->words[i].exact;
		if (!add_word(f->text, sizeof(f->text), c->words[i].fold) ||
		    !add_word(f->key, sizeof(f->key), c->words[i].marked ? c->words[i].key : c->words[i].fold))
			return false;
	}
	return true;
}

/* Every way through the elements from i on. */
static int add_from(struct forms *list, const struct pattern *p, size_t i, const struct form *before)
{
	if (i == p->n)
		return add_form(list, before);
	const struct pattern_element *e = &p->at[i];
	if (e->kind != ELEMENT_CHOICE)
		return 0;
	int r = e->optional ? add_from(list, p, i + 1, before) : 0;
	for (size_t k = 0; k < e->choices->n && !r; k++) {
		struct form f = *before;
		if (add_choice(&f, &e->choices->at[k]))
			r = add_from(list, p, i + 1, &f);
	}
	return r;
}

int forms_add(struct forms *list, const struct patterns *phrases, int action)
{
	int r = 0;
	for (size_t i = 0; i < phrases->n && !r; i++)
		r = add_from(list, &phrases->at[i], 0, &(struct form){ .action = action, .phrase = i });
	return r;
}

void forms_done(struct forms *list)
{
	free(list->at);
	free(list->sketches);
	*list = (struct forms){ 0 };
}
