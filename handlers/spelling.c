/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads keywords/spelling.conf into sorted lists; a mistake names its file and line. Keeps nothing besides. */
#include "handlers/spelling.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/shelf.h"
#include "gateway/base/fold.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

#define FILE_NAME "keywords/spelling.conf"

OWN_DEFINE(settings, struct settings *, settings_free)

void spelling_done(struct spelling *s)
{
	wordset_done(&s->spared);
	wordset_done(&s->abroad);
	wordset_done(&s->numbered);
	for (size_t i = 0; i < s->n_forms; i++) {
		free(s->forms[i].brief);
		free(s->forms[i].full);
		wordset_done(&s->forms[i].behind);
		wordset_done(&s->forms[i].before);
	}
	free(s->forms);
	*s = (struct spelling){ 0 };
}

static int complain(const struct settings *from, const char *path, struct complaint *c, const char *text)
{
	settings_complain(from, path, c, "wrong_value", "%s", text);
	return E_CONFIG;
}

static int read_form(const struct settings *from, const char *path, const json_t *row, struct short_form *ret, struct complaint *c)
{
	const char *brief = json_str(row, "brief", ""), *full = json_str(row, "full", "");
	if (!*brief || !*full)
		return complain(from, path, c, "a short form needs brief and full");
	ret->brief = fold(brief);
	ret->full = fold(full);
	if (!ret->brief || !ret->full)
		return E_NOMEM;
	int r = wordset_read(from, path, json_object_get(row, "behind"), &ret->behind, c);
	r = r ? r : wordset_read(from, path, json_object_get(row, "before"), &ret->before, c);
	return r ? r : ret->behind.n + ret->before.n ? 0 : complain(from, path, c, "a short form needs neighbours: behind, before");
}

static int read_forms(const struct settings *from, const json_t *rows, struct spelling *s, struct complaint *c)
{
	size_t n = json_array_size(rows);
	s->forms = calloc(n + 1, sizeof(*s->forms));
	if (!s->forms)
		return E_NOMEM;
	for (size_t i = 0; i < n; i++) {
		char path[64];
		snprintf(path, sizeof(path), "short_forms.[%zu]", i);
		int r = read_form(from, path, json_array_get(rows, i), &s->forms[s->n_forms++], c);
		if (r)
			return r;
	}
	return 0;
}

/* Every list is there and holds something, and there is no other. */
static int check_lists(const struct settings *from, struct complaint *c)
{
	static const char *const lists[] = { "names", "abroad", "numbered", "short_forms" };
	json_t *root = settings_root(from), *value;
	const char *name;
	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		const json_t *list = json_object_get(root, lists[i]);
		if (json_array_size(list))
			continue;
		complain(from, lists[i], c, list ? "this list holds nothing" : "this list is missing");
		snprintf(c->field, sizeof(c->field), "%s", lists[i]);
		return E_CONFIG;
	}
	json_object_foreach(root, name, value) {
		bool known = false;
		for (size_t i = 0; i < COUNT_OF(lists); i++)
			known = known || strcmp(lists[i], name) == 0;
		if (!known) {
			settings_complain(from, name, c, "unknown_key", "there is no list of this name");
			return E_CONFIG;
		}
	}
	return 0;
}

static int read_file(const struct settings *from, struct spelling *s, struct complaint *c)
{
	const json_t *root = settings_root(from);
	int r = check_lists(from, c);
	r = r ? r : wordset_read(from, "names", json_object_get(root, "names"), &s->spared, c);
	r = r ? r : wordset_read(from, "abroad", json_object_get(root, "abroad"), &s->abroad, c);
	r = r ? r : wordset_read(from, "numbered", json_object_get(root, "numbered"), &s->numbered, c);
	return r ? r : read_forms(from, json_object_get(root, "short_forms"), s, c);
}

int spelling_load(const struct shelf *shelf, struct spelling *ret, struct complaint *c)
{
	OWN(settings) struct settings *from = NULL;
	struct spelling s = { 0 };
	int r = shelf_read(shelf, FILE_NAME, &from, c);
	if (r == E_NOT_FOUND) {
		complaint_set(c, "", "missing_file", "the data file %s is found nowhere", FILE_NAME);
		return E_CONFIG;
	}
	if (r)
		return r == E_NOMEM ? r : E_CONFIG;
	r = read_file(from, &s, c);
	if (r)
		spelling_done(&s);
	else
		*ret = s;
	return r;
}

bool spelling_depends(const struct spelling *s, const char *brief)
{
	for (size_t i = 0; i < s->n_forms; i++)
		if (s->forms[i].brief[0] == brief[0] && strcmp(s->forms[i].brief, brief) == 0)
			return true;
	return false;
}

static bool is_neighbour(const struct wordset *w, const char *word, bool number, const char *end)
{
	return wordset_has(w, word ? word : end) || (number && wordset_has(w, "#"));
}

const char *spelling_full(const struct spelling *s, const char *brief, const struct neighbours *at)
{
	for (size_t i = 0; i < s->n_forms; i++) {
		const struct short_form *f = &s->forms[i];
		if (strcmp(f->brief, brief) == 0 && (is_neighbour(&f->behind, at->behind, at->behind_number, "^") ||
						      is_neighbour(&f->before, at->before, at->before_number, "$")))
			return f->full;
	}
	return NULL;
}

bool spelling_spares(const struct spelling *s, const char *behind, const char *fold)
{
	char two[WORDSET_BYTES];
	if (wordset_has(&s->spared, fold))
		return true;
	size_t first = behind ? strlen(behind) : 0, second = strlen(fold);
	if (!behind || first + second + 2 > sizeof(two))
		return false;
	memcpy(two, behind, first);
	two[first] = ' ';
	memcpy(two + first + 1, fold, second + 1);
	return wordset_has(&s->spared, two);
}

bool spelling_abroad(const struct spelling *s, const char *fold)
{
	return wordset_has(&s->abroad, fold);
}

bool spelling_numbers(const struct spelling *s, const char *letters, size_t n_bytes)
{
	char word[WORDSET_BYTES];
	if (n_bytes >= sizeof(word))
		return false;
	memcpy(word, letters, n_bytes);
	word[n_bytes] = '\0';
	return wordset_has(&s->numbered, word);
}
