/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compares the forms of all commands, sorted by text. Keeps nothing. */
#include "handlers/collision.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lists whose phrases are commands: they must not mean two things. */
static const enum list commands[] = { LIST_OPTOUT_WHOLE,  LIST_OPTOUT_ALONE, LIST_OPTIN_WHOLE, LIST_OPTIN_RESUME,  LIST_HELP_WHOLE, LIST_STATUS_PREFIX,
				      LIST_NUDGE_PREFIX, LIST_CASE_PREFIX,  LIST_SIGNUP_PREFIX, LIST_YES, LIST_NO };

static enum holds state_of(const struct keywords *k, int action)
{
	return action < LIST_COUNT ? k->holds[action] : HOLDS_ALWAYS;
}

static const char *name_of(const struct keywords *k, int action)
{
	return action < LIST_COUNT ? keywords_list_name((enum list)action) : k->topics[action - LIST_COUNT].code;
}

static bool is_listed(char *const *list, const char *text)
{
	for (; list && *list; list++)
		if (strcmp(*list, text) == 0)
			return true;
	return false;
}

/* Do both forms match some one writing? Marked words of two spellings do, where neither insists on its marks. */
static bool same_text(const struct form *a, const struct form *b)
{
	if (strcmp(a->text, b->text) != 0)
		return false;
	return (!a->exact && !b->exact) || strcmp(a->key, b->key) == 0;
}

static int compare_forms(const void *x, const void *y)
{
	const struct form *a = x, *b = y;
	int r = strcmp(a->text, b->text);
	if (r)
		return r;
	if (a->action != b->action)
		return a->action < b->action ? -1 : 1;
	return a->phrase < b->phrase ? -1 : a->phrase > b->phrase;
}

static int complain(const struct form *f, struct collision *ret)
{
	ret->action = f->action;
	ret->phrase = f->phrase;
	return 1;
}

static int compare_two(const struct keywords *k, const struct form *a, const struct form *b, struct collision *ret)
{
	if (!same_text(a, b))
		return 0;
	if (a->action == b->action) {
		/* two spellings of one text are two words; the plain one stands for both */
		bool twice = a->phrase != b->phrase && (strcmp(a->key, b->key) == 0 || strcmp(a->key, a->text) == 0 || strcmp(b->key, b->text) == 0);
		if (!twice)
			return 0;
		snprintf(ret->text, sizeof(ret->text), "'%s' stands here twice, accents aside; keep one", a->text);
		return complain(b, ret);
	}
	if (state_of(k, a->action) != state_of(k, b->action))
		return 0;
	snprintf(ret->text, sizeof(ret->text), "'%s' is a command of %s already, and both hold in the same state; keep one", a->text,
		 name_of(k, a->action));
	return complain(b, ret);
}

static int ambiguous(const struct keywords *k, const struct form *f, struct collision *ret)
{
	if (f->exact || state_of(k, f->action) != HOLDS_ALWAYS || !is_listed(k->ambiguous, f->text) || is_listed(k->always, f->text))
		return 0;
	snprintf(ret->text, sizeof(ret->text),
		 "'%s' is another word without accents: say in which state it holds (a list of holds), write !%s with accents, or name it in always", f->text,
		 f->text);
	return complain(f, ret);
}

/* A short form is written out before anything is compared: a command of the same letters would never be met. */
static int hidden(const struct keywords *k, const struct form *f, struct collision *ret)
{
	const char *full = abbreviations_full(&k->abbreviations, f->text);
	if (!full || strcmp(full, f->text) == 0)
		return 0;
	snprintf(ret->text, sizeof(ret->text), "'%s' is a short form of '%s' and never met as a command; keep one", f->text, full);
	return complain(f, ret);
}

static int gather(const struct keywords *k, struct forms *all)
{
	int r = 0;
	for (size_t i = 0; i < COUNT_OF(commands) && !r; i++)
		r = forms_add(all, &k->lists[commands[i]], (int)commands[i]);
	for (size_t i = 0; i < k->n_topics && !r; i++)
		r = forms_add(all, &k->topics[i].commands, LIST_COUNT + (int)i);
	return r;
}

int collision_find(const struct keywords *k, struct collision *ret)
{
	struct forms all = { 0 };
	int r = gather(k, &all);
	if (!r && all.n)
		qsort(all.at, all.n, sizeof(all.at[0]), compare_forms);
	for (size_t i = 0; i < all.n && !r; i++) {
		r = ambiguous(k, &all.at[i], ret);
		r = r ? r : hidden(k, &all.at[i], ret);
		for (size_t j = i + 1; j < all.n && !r && strcmp(all.at[i].text, all.at[j].text) == 0; j++)
			r = compare_two(k, &all.at[i], &all.at[j], ret);
	}
	forms_done(&all);
	return r;
}
