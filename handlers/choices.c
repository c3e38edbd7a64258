/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes out classes, makes words of each piece, packs them. Keeps nothing besides. */
#include "handlers/choices.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/buffer.h"
#include "handlers/words.h"

#define FIRST_ROOM 64

/* Choices under the text that they were made of. */
struct shared_choices {
	char *text; /* NULL: free */
	struct choices *of;
};

/* One of them before it is packed. */
struct piece {
	struct words *words;
	bool exact;
};
struct pieces {
	struct piece *at;
	size_t n, n_words, n_bytes; /* words and bytes of all */
};

void choices_drop(struct choices *c)
{
	if (c && !--c->n_holders)
		free(c);
}

void word_classes_done(struct word_classes *c)
{
	for (size_t i = 0; i < c->n; i++) {
		for (size_t k = 0; k < c->at[i].n; k++)
			free(c->at[i].members[k]);
		free(c->at[i].members);
		free(c->at[i].name);
	}
	free(c->at);
	for (size_t i = 0; i < c->room; i++) {
		free(c->shared[i].text);
		choices_drop(c->shared[i].of);
	}
	free(c->shared);
	*c = (struct word_classes){ 0 };
}

/* ---- text ---- */

static int put_piece(struct buffer *out, const char *text, size_t n_bytes)
{
	int r = buffer_put(out, text, n_bytes);
	return r ? r : buffer_put(out, "\n", 1);
}

static int put_class(struct buffer *out, const char *name, size_t n_bytes, const struct word_classes *classes)
{
	for (size_t i = 0; classes && i < classes->n; i++) {
		const struct word_class *c = &classes->at[i];
		int r = 0;
		if (strlen(c->name) != n_bytes || strncmp(c->name, name, n_bytes) != 0)
			continue;
		for (size_t k = 0; k < c->n && !r; k++)
			r = put_piece(out, c->members[k], strlen(c->members[k]));
		return r;
	}
	return E_INVALID;
}

/* Every choice, a line each. */
static int write_out(const char *text, size_t n, const struct word_classes *classes, struct buffer *out)
{
	int r = 0;
	for (size_t from = 0, to; from < n && !r; from = to + 1) {
		for (to = from; to < n && text[to] != '|';)
			to++;
		r = text[from] == '@' ? put_class(out, text + from + 1, to - from - 1, classes) : put_piece(out, text + from, to - from);
	}
	return r ? r : out->n_bytes ? 0 : E_INVALID;
}

/* ---- words ---- */

static void pieces_done(struct pieces *p)
{
	for (size_t i = 0; i < p->n; i++)
		words_free(p->at[i].words);
	free(p->at);
}

/* A phrase says what it means: nothing of it is residue. */
static const char *fold_of(const struct word *w)
{
	return w->marked ? w->fold : w->raw;
}

/* "tin_nhan". */
static int add_piece(struct pieces *p, const char *text, size_t n_bytes)
{
	OWN(mem) char *copy = strndup(text, n_bytes);
	struct piece *to = &p->at[p->n];
	if (!copy)
		return E_NOMEM;
	for (char *c = copy; *c; c++)
		*c = *c == '_' ? ' ' : *c;
	int r = words_new(copy, NULL, &to->words);
	if (r)
		return r;
	p->n++;
	to->exact = text[0] == '!';
	p->n_words += to->words->n;
	for (size_t i = 0; i < to->words->n; i++) {
		const struct word *w = &to->words->at[i];
		p->n_bytes += strlen(fold_of(w)) + 1 + (w->marked ? strlen(w->key) + 1 : 0);
	}
	return to->words->n ? 0 : E_INVALID;
}

static int read_pieces(const char *lines, struct pieces *ret)
{
	size_t n = 0;
	int r = 0;
	for (const char *p = lines; *p; p++)
		n += *p == '\n';
	ret->at = calloc(n, sizeof(*ret->at));
	for (const char *end; ret->at && *lines && !r; lines = end + 1) {
		end = strchr(lines, '\n');
		r = add_piece(ret, lines, (size_t)(end - lines));
	}
	return ret->at ? r : E_NOMEM;
}

/* ---- one piece of memory ---- */

static char *put_text(char **room, const char *text)
{
	char *to = *room;
	size_t n = strlen(text) + 1;
	memcpy(to, text, n);
	*room += n;
	return to;
}

static void pack_words(const struct piece *from, struct choice *to, char **room)
{
	for (; to->n < from->words->n; to->n++) {
		const struct word *w = &from->words->at[to->n];
		struct choice_word *word = &to->words[to->n];
		*word = (struct choice_word){ .fold = put_text(room, fold_of(w)), .marked = w->marked, .exact = from->exact && w->marked };
		word->key = w->marked ? put_text(room, w->key) : word->fold;
		word->hash = word_hash(word->fold);
	}
	to->hash = to->words[0].hash;
	to->plain = to->n == 1 && !to->words[0].marked;
}

static void note_word(uint64_t set[4], uint32_t hash)
{
	set[hash >> 30] |= UINT64_C(1) << (hash >> 24) % 64;
}

static void note_choice(struct choices *c, const struct choice *one)
{
	c->begins |= word_bit(one->hash);
	note_word(c->starts, one->hash);
	note_word(c->ends, one->words[one->n - 1].hash);
	c->least = (uint16_t)(!c->least || one->n < c->least ? one->n : c->least);
	c->most = (uint16_t)(one->n > c->most ? one->n : c->most);
}

static void sort(struct choices *c)
{
	for (size_t i = 1; i < c->n; i++)
		for (size_t k = i; k > 0 && c->at[k].hash < c->at[k - 1].hash; k--) {
			struct choice one = c->at[k];
			c->at[k] = c->at[k - 1];
			c->at[k - 1] = one;
		}
}

static struct choices *pack(const struct pieces *p)
{
	struct choices *c = malloc(sizeof(*c) + p->n * sizeof(c->at[0]) + p->n_words * sizeof(struct choice_word) + p->n_bytes);
	if (!c)
		return NULL;
	*c = (struct choices){ .n_holders = 1 };
	struct choice_word *words = (struct choice_word *)&c->at[p->n];
	char *room = (char *)&words[p->n_words];
	for (; c->n < p->n; c->n++) {
		struct choice *to = &c->at[c->n];
		*to = (struct choice){ .words = words };
		pack_words(&p->at[c->n], to, &room);
		note_choice(c, to);
		words += to->n;
	}
	sort(c);
	return c;
}

static int make(const char *lines, struct choices **ret)
{
	struct pieces p = { 0 };
	int r = read_pieces(lines, &p);
	struct choices *c = r ? NULL : pack(&p);
	pieces_done(&p);
	if (!c)
		return r ? r : E_NOMEM;
	*ret = c;
	return 0;
}

/* ---- sharing ---- */

static struct shared_choices *find(const struct word_classes *classes, const char *lines)
{
	size_t i = word_hash(lines) & (classes->room - 1);
	while (classes->shared[i].text && strcmp(classes->shared[i].text, lines) != 0)
		i = (i + 1) & (classes->room - 1);
	return &classes->shared[i];
}

/* Room for one more, half of it free. */
static int make_room(struct word_classes *c)
{
	const struct word_classes before = *c;
	if (2 * (c->n_shared + 1) <= c->room)
		return 0;
	size_t room = c->room ? 2 * c->room : FIRST_ROOM;
	struct shared_choices *shared = calloc(room, sizeof(*shared));
	if (!shared)
		return E_NOMEM;
	c->shared = shared;
	c->room = room;
	for (size_t i = 0; i < before.room; i++)
		if (before.shared[i].text)
			*find(c, before.shared[i].text) = before.shared[i];
	free(before.shared);
	return 0;
}

static int share(struct word_classes *classes, struct buffer *lines, struct choices **ret)
{
	int r = make_room(classes);
	if (r)
		return r;
	struct shared_choices *s = find(classes, lines->data);
	if (!s->text) {
		r = make(lines->data, &s->of);
		if (r)
			return r;
		s->text = MOVE(lines->data);
		classes->n_shared++;
	}
	s->of->n_holders++;
	*ret = s->of;
	return 0;
}

int choices_parse(const char *text, size_t n_bytes, struct word_classes *classes, struct choices **ret)
{
	OWN(buffer) struct buffer lines = { 0 };
	int r = write_out(text, n_bytes, classes, &lines);
	if (r)
		return r;
	return classes ? share(classes, &lines, ret) : make(lines.data, ret);
}
