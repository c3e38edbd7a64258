/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the list and walks a text word by word; a word is compared with its accents, its neighbours without. Keeps nothing
 * besides. */
#include "gateway/sense.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/shelf.h"
#include "config/wordset.h"
#include "gateway/base/fold.h"
#include "gateway/base/json.h"
#include "gateway/base/text.h"

#define FILE_NAME "keywords/sense.conf"

/* One word and what it may be taken for. */
struct reading_of {
	char *word, *plain; /* lower case NFC; its fold */
	json_t *reads;
	struct wordset behind, before; /* beside one of these it is clear; "#" a number */
};
struct sense {
	struct reading_of *at;
	size_t n;
};

OWN_DEFINE(settings, struct settings *, settings_free)

void sense_free(struct sense *s)
{
	for (size_t i = 0; s && i < s->n; i++) {
		free(s->at[i].word);
		free(s->at[i].plain);
		json_decref(s->at[i].reads);
		wordset_done(&s->at[i].behind);
		wordset_done(&s->at[i].before);
	}
	if (s)
		free(s->at);
	free(s);
}

static char *lower_nfc(const char *text)
{
	OWN(mem) char *nfc = text_nfc(text);
	return nfc ? text_lower(nfc) : NULL;
}

static int read_row(const struct settings *from, const char *path, const json_t *row, struct reading_of *ret, struct complaint *c)
{
	const char *word = json_str(row, "word", "");
	json_t *reads = json_object_get(row, "reads");
	if (!*word || !json_array_size(reads)) {
		settings_complain(from, path, c, "wrong_value", "a row needs a word and a list of what it may be taken for");
		return E_CONFIG;
	}
	ret->word = lower_nfc(word);
	ret->plain = fold(word);
	ret->reads = json_incref(reads);
	if (!ret->word || !ret->plain)
		return E_NOMEM;
	int r = wordset_read(from, path, json_object_get(row, "behind"), &ret->behind, c);
	return r ? r : wordset_read(from, path, json_object_get(row, "before"), &ret->before, c);
}

static int read_rows(const struct settings *from, struct sense *s, struct complaint *c)
{
	const json_t *rows = json_object_get(settings_root(from), "words");
	size_t n = json_array_size(rows);
	s->at = calloc(n + 1, sizeof(*s->at));
	if (!s->at)
		return E_NOMEM;
	for (size_t i = 0; i < n; i++) {
		char path[64];
		snprintf(path, sizeof(path), "words.[%zu]", i);
		int r = read_row(from, path, json_array_get(rows, i), &s->at[s->n++], c);
		if (r)
			return r;
	}
	return 0;
}

int sense_load(const struct shelf *shelf, struct sense **ret, struct complaint *c)
{
	OWN(settings) struct settings *from = NULL;
	OWN(sense) struct sense *s = calloc(1, sizeof(*s));
	int r = s ? shelf_read(shelf, FILE_NAME, &from, c) : E_NOMEM;
	if (r)
		return r == E_NOMEM || r == E_NOT_FOUND ? r : E_CONFIG;
	r = read_rows(from, s, c);
	if (!r)
		*ret = MOVE(s);
	return r;
}

/* ---- looking ---- */

/* Words of a text as they stand: lower case with accents, and folds. */
struct token {
	char word[WORDSET_BYTES], plain[WORDSET_BYTES];
};

static bool is_letter(uint32_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 0xC0 && c < 0x2000 && c != 0xD7 && c != 0xF7);
}

/* The next word at or behind *p; false at the end. A word that is too long is empty. */
static bool next_token(const char **p, struct token *ret)
{
	const char *from = NULL, *end = *p;
	for (const char *here = *p; *here; here = end) {
		end = here;
		if (is_letter(text_next(&end)))
			from = from ? from : here;
		else if (from) {
			end = here;
			break;
		}
	}
	*p = end;
	if (!from)
		return false;
	size_t n = (size_t)(end - from);
	*ret = (struct token){ .word = "" };
	if (n < sizeof(ret->word) && fold_word(from, n, ret->plain, sizeof(ret->plain)) > 0)
		memcpy(ret->word, from, n);
	return true;
}

static bool has(const struct wordset *w, const char *plain)
{
	return wordset_has(w, plain) || (*plain >= '0' && *plain <= '9' && wordset_has(w, "#"));
}

/* Takes the row of this word unless a neighbour makes it clear; bits: rows told already. */
static int look(const struct sense *s, const struct token at[3], bool *told, json_t *list)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct reading_of *r = &s->at[i];
		if (told[i] || strcmp(r->plain, at[1].plain) != 0 || strcmp(r->word, at[1].word) != 0)
			continue;
		if (has(&r->behind, at[0].plain) || has(&r->before, at[2].plain))
			continue;
		told[i] = true;
		json_t *row = json_pack("{s:s, s:s, s:O}", "word", r->word, "plain", r->plain, "reads", r->reads);
		if (!row || json_array_append_new(list, row))
			return E_NOMEM;
	}
	return 0;
}

int sense_find(const struct sense *s, const char *text, json_t **ret)
{
	OWN(mem) char *lower = lower_nfc(text);
	OWN(mem) bool *told = calloc(s->n + 1, sizeof(*told));
	OWN(json) json_t *list = json_array();
	struct token at[3] = { { .word = "" } }; /* before, the word, behind */
	int r = lower && told && list ? 0 : E_NOMEM;
	const char *p = lower;
	bool more = !r && next_token(&p, &at[1]);
	while (!r && more) {
		more = next_token(&p, &at[2]);
		if (!more)
			at[2] = (struct token){ .word = "" };
		r = look(s, at, told, list);
		at[0] = at[1];
		at[1] = at[2];
	}
	if (!r)
		*ret = MOVE(list);
	return r;
}

int sense_tell(const char *config_file, const char *text, json_t **ret, struct complaint *c)
{
	OWN(sense) struct sense *s = NULL;
	int r = sense_load(&(const struct shelf){ .config_file = config_file }, &s, c);
	if (r == E_NOT_FOUND) {
		*ret = json_array();
		return *ret ? 0 : E_NOMEM;
	}
	return r ? r : sense_find(s, text, ret);
}
