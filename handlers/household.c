/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A household out of a line: the longest hamlet at one of its ends, exact before a slip, what remains is the name. Keeps nothing. */
#include "handlers/household.h"

#include <stdio.h>
#include <string.h>

#include "handlers/nameline.h"
#include "handlers/nearword.h"

#define NEAR_CHARS_MIN 3   /* of a word that may be misspelt */
#define ALONE_CHARS_MIN 5  /* of a hamlet of one word that may be, where nothing says that it is a hamlet */
#define GLUED_CHARS_MIN 6  /* of one that is written without its spaces and misspelt */

struct part {
	size_t from, to;
};

/* ---- one hamlet against some words ---- */

/* How many words say what a place is. */
static size_t kind_words(const struct nameline *l, struct part p)
{
	char text[HAMLET_BYTES * 2];
	size_t words = 0;
	if (!nameline_join(l, p.from, p.to, " ", text, sizeof(text)))
		return 0;
	for (const char *at = text, *end = text + hamlet_kind_bytes(text); at < end; at++)
		words += *at == ' ';
	return words;
}

static void without_spaces(const char *text, char *out, size_t room)
{
	size_t n = 0;
	for (; *text && n + 1 < room; text++)
		if (*text != ' ')
			out[n++] = *text;
	out[n] = '\0';
}

static const char *number_of(const char *fold)
{
	static const char *const spelled[][2] = { { "mot", "1" }, { "hai", "2" }, { "ba", "3" }, { "bon", "4" }, { "tu", "4" }, { "nam", "5" },
						  { "sau", "6" }, { "bay", "7" }, { "tam", "8" }, { "chin", "9" }, { "muoi", "10" } };
	for (size_t i = 0; i < COUNT_OF(spelled); i++)
		if (strcmp(spelled[i][0], fold) == 0)
			return spelled[i][1];
	return fold;
}

/* "thon 05", "thon nam" are hamlet 5. */
static bool same_number(const struct nameline *l, struct part p, const char *bare, bool said)
{
	if (p.to != p.from + 1 || strspn(bare, "0123456789") != strlen(bare))
		return false;
	const char *word = l->at[p.from].fold;
	word = said ? number_of(word) : word;
	while (*word == '0' && word[1])
		word++;
	return strcmp(word, bare) == 0;
}

static bool same(const struct nameline *l, struct part p, const char *bare, bool said)
{
	char text[HAMLET_BYTES], glued[HAMLET_BYTES], other[HAMLET_BYTES];
	if (same_number(l, p, bare, said))
		return true;
	if (!nameline_join(l, p.from, p.to, "", text, sizeof(text)))
		return false;
	without_spaces(bare, other, sizeof(other));
	without_spaces(text, glued, sizeof(glued));
	return strcmp(glued, other) == 0;
}

/* As it sounds where these are not told apart: tr ch, x s, gi r d, l n. */
static void sound(const char *word, char out[NAMELINE_WORD_BYTES])
{
	static const char *const alike[][2] = { { "tr", "ch" }, { "gi", "d" }, { "ngh", "ng" }, { "gh", "g" }, { "x", "s" }, { "r", "d" }, { "l", "n" } };
	const char *begin = "";
	for (size_t i = 0; i < COUNT_OF(alike); i++) {
		size_t n = strlen(alike[i][0]);
		if (strncmp(word, alike[i][0], n) == 0 && word[n]) {
			begin = alike[i][1];
			word += n;
			break;
		}
	}
	snprintf(out, NAMELINE_WORD_BYTES, "%s%s", begin, word);
	size_t n = strlen(out);
	if (n > 1 && out[n - 1] == 'y')
		out[n - 1] = 'i';
}

static bool has_digit(const char *text)
{
	return strcspn(text, "0123456789") != strlen(text);
}

/* 0 other words, 1 the same sound, 2 one letter beside. */
static int likeness(const char *written, const char *meant)
{
	char a[NAMELINE_WORD_BYTES], b[NAMELINE_WORD_BYTES];
	sound(written, a);
	sound(meant, b);
	if (strcmp(a, b) == 0)
		return 1;
	bool long_enough = strlen(written) >= NEAR_CHARS_MIN && strlen(meant) >= NEAR_CHARS_MIN;
	return long_enough && !has_digit(written) && !has_digit(meant) && nearword_differs_by_one(written, meant) ? 2 : 0;
}

/* Word by word, one of them misspelt; or glued and misspelt. */
static bool near(const struct nameline *l, struct part p, const char *bare)
{
	size_t slips = 0, i = p.from;
	for (const char *at = bare; *at && i < p.to; i++) {
		char word[NAMELINE_WORD_BYTES];
		size_t n = strcspn(at, " ");
		snprintf(word, sizeof(word), "%.*s", (int)n, at);
		int like = likeness(l->at[i].fold, word);
		if (!like)
			break;
		slips += like == 2;
		at += n + (at[n] == ' ');
		if (!*at && i + 1 == p.to)
			return slips <= 1;
	}
	char text[HAMLET_BYTES], other[HAMLET_BYTES];
	without_spaces(bare, other, sizeof(other));
	return p.to == p.from + 1 && nameline_join(l, p.from, p.to, "", text, sizeof(text)) && strlen(other) >= GLUED_CHARS_MIN && !has_digit(other) && nearword_differs_by_one(text, other);
}

/* ---- all hamlets against some words ---- */

struct search {
	const struct nameline *l;
	const struct hamlets *h;
	bool slips; /* also past one */
	struct household *out;
};

static bool may_be_near(const struct search *s, struct part p, const char *bare, bool said)
{
	bool alone = p.to == p.from + 1 && !said && !s->l->at[p.from].apart;
	return !alone || strlen(bare) >= ALONE_CHARS_MIN;
}

/* Which hamlets these words are, all of them. What they say it is decides between those of one name. */
static bool fits(struct search *s, struct part p)
{
	size_t kind = kind_words(s->l, p), n = 0;
	const struct part bare = { p.from + kind, p.to };
	char said[HAMLET_BYTES];
	for (int strict = kind > 0; strict >= 0 && !n; strict--)
		for (size_t i = 0; i < s->h->n && n < HOUSEHOLD_FITS; i++) {
			const struct hamlet *h = &s->h->at[i];
			bool right = nameline_join(s->l, p.from, bare.from, " ", said, sizeof(said)) && strcmp(said, h->kind) == 0;
			if ((!strict || right) && (same(s->l, bare, h->bare, kind > 0) || (s->slips && may_be_near(s, bare, h->bare, kind > 0) && near(s->l, bare, h->bare))))
				s->out->fits[n++] = i;
		}
	s->out->n_fits = n;
	s->out->near = n && s->slips;
	return n > 0;
}

/* ---- where the name ends ---- */

/* No name ends with these: what follows belongs to it. */
static bool ends_midway(const struct nameline *l, struct part head)
{
	static const char *const middles[] = { "van", "thi", "a" };
	for (size_t i = 0; head.to > head.from + 1 && i < COUNT_OF(middles); i++)
		if (strcmp(l->at[head.to - 1].fold, middles[i]) == 0)
			return true;
	return false;
}

/* "lo van ban na lang": Lò Văn Bản of Nà Lang, not Lò Văn of bản Nà Lang. False: these words are no hamlet after all. */
static bool settle(const struct nameline *l, struct part *place, struct part *head)
{
	if (place->from > l->from)
		*head = (struct part){ l->from, place->from };
	else
		*head = (struct part){ place->to, l->n };
	if (!ends_midway(l, *head))
		return true;
	if (head->to != place->from || kind_words(l, *place) != 1)
		return false;
	head->to = ++place->from;
	return true;
}

/* The parts between marks first, then ever shorter ends of the line. */
static bool find_apart(struct search *s, struct part *ret)
{
	const struct nameline *l = s->l;
	for (size_t to = l->n, from; to > l->from; to = from) {
		from = to - 1;
		while (from > l->from && !l->at[from].apart)
			from--;
		*ret = (struct part){ from, to };
		if ((from > l->from || to < l->n) && fits(s, *ret))
			return true;
	}
	return false;
}

static bool find_at_ends(struct search *s, struct part *ret, struct part *ret_head)
{
	const struct nameline *l = s->l;
	for (size_t n = l->n - l->from; n > 0; n--) {
		const struct part ends[] = { { l->n - n, l->n }, { l->from, l->from + n } };
		for (size_t i = 0; i < COUNT_OF(ends); i++) {
			bool number = n == 1 && i == 1 && has_digit(l->at[l->from].fold);
			*ret = ends[i];
			if (!number && fits(s, *ret) && settle(l, ret, ret_head))
				return true;
		}
	}
	s->out->n_fits = 0;
	return false;
}

static bool find(struct search *s, struct part *head)
{
	struct part place;
	if (find_apart(s, &place)) {
		*head = place.from > s->l->from ? (struct part){ s->l->from, place.from } : (struct part){ place.to, s->l->n };
		for (size_t i = head->from + 1; i < head->to; i++) /* "Giang A Pao, 1980, Na Lang" */
			if (s->l->at[i].apart)
				head->to = i;
		return true;
	}
	return find_at_ends(s, &place, head);
}

/* "… xa Thuong Lam": where the commune is told behind the hamlet. */
static size_t commune_at(const struct nameline *l)
{
	static const char *const above[] = { "xa", "phuong", "huyen", "tinh" };
	for (size_t i = l->from + 1; i + 1 < l->n; i++)
		for (size_t k = 0; k < COUNT_OF(above); k++)
			if (strcmp(l->at[i].fold, above[k]) == 0)
				return i;
	return l->n;
}

/* ---- results ---- */

/* Titles go; digits are no name. */
static int put_head(const struct nameline *l, struct part head, struct household *out)
{
	static const char *const titles[] = { "ong", "ba", "nha", "ten", "la", "o", "tai" };
	struct nameline own = *l;
	own.from = head.from;
	own.n = head.to;
	int r = head.to > head.from ? nameline_strip(&own, NULL) : 0;
	for (size_t i = 0; own.n > own.from + 1 && i < COUNT_OF(titles); i++) {
		own.from += strcmp(own.at[own.from].fold, titles[i]) == 0;
		own.n -= own.n > own.from + 1 && i >= 4 && strcmp(own.at[own.n - 1].fold, titles[i]) == 0;
	}
	while (own.n > own.from && has_digit(own.at[own.n - 1].fold))
		own.n--;
	nameline_title(&own, own.from, own.n, out->head, sizeof(out->head));
	if (!nameline_join(&own, own.from, own.n, " ", out->fold, sizeof(out->fold)))
		out->fold[0] = out->head[0] = '\0';
	return r;
}

static void put_written(const struct nameline *l, struct part p, struct household *out)
{
	size_t kind = kind_words(l, p);
	char said[24] = "thôn", name[HAMLET_BYTES - 24];
	if (kind && !nameline_join(l, p.from, p.from + kind, " ", said, sizeof(said)))
		return;
	nameline_title(l, p.from + kind, p.to, name, sizeof(name));
	if (*name)
		snprintf(out->written, sizeof(out->written), "%s %s", said, name);
}

/* Where a name ends that no list helps with: at a mark, else at a word for a place. */
static size_t end_of_name(const struct nameline *l)
{
	for (size_t i = l->from + 1; i < l->n; i++)
		if (l->at[i].apart)
			return i;
	for (size_t i = l->from + 1; i < l->n; i++) {
		const struct part rest = { i, l->n }, before = { l->from, i };
		if (kind_words(l, rest) && !ends_midway(l, before))
			return i;
	}
	return l->n;
}

/* No hamlet of the table: "thon X" or what stands apart is one all the same. */
static int take_written(const struct nameline *l, struct household *out)
{
	struct part head = { l->from, end_of_name(l) };
	if (head.to < l->n) {
		struct part place = { head.to, head.to + 1 };
		while (place.to < l->n && !l->at[place.to].apart)
			place.to++;
		if (kind_words(l, head) && !kind_words(l, place)) { /* "thon X, Giang A Pao" */
			const struct part swapped = head;
			head = place;
			place = swapped;
		}
		put_written(l, place, out);
	}
	return put_head(l, head, out);
}

int household_read(const char *words, const json_t *programme, const struct hamlets *h, struct household *ret)
{
	struct nameline l;
	struct household out = { .n_fits = 0 };
	struct part head = { 0 };
	int r = nameline_read(words, &l);
	r = r ? r : nameline_strip(&l, programme);
	if (r)
		return r;
	const size_t all = l.n;
	bool found = false;
	for (int slips = 0; slips < 2 && !found; slips++)
		for (int cut = 0; cut < 2 && !found; cut++) {
			struct search s = { &l, h, slips > 0, &out };
			l.n = cut ? commune_at(&l) : all;
			found = l.n > l.from && find(&s, &head);
			l.n = found ? l.n : all;
		}
	if (!found)
		l.n = commune_at(&l);
	r = found ? put_head(&l, head, &out) : take_written(&l, &out);
	if (!r)
		*ret = out;
	return r;
}

int household_read_hamlet(const char *words, const struct hamlets *h, struct household *ret)
{
	struct nameline l;
	struct household out = { .n_fits = 0 };
	struct part head;
	int r = nameline_read(words, &l);
	if (r)
		return r;
	nameline_strip_place(&l);
	bool found = false;
	for (int slips = 0; slips < 2 && !found && l.n > l.from; slips++) {
		struct search s = { &l, h, slips > 0, &out };
		found = fits(&s, (struct part){ l.from, l.n }) || find(&s, &head);
	}
	if (!found)
		put_written(&l, (struct part){ l.from, commune_at(&l) }, &out);
	*ret = out;
	return 0;
}

int household_read_head(const char *words, struct household *ret)
{
	struct nameline l;
	struct household out = { .n_fits = 0 };
	int r = nameline_read(words, &l);
	r = r ? r : nameline_strip(&l, NULL);
	if (r)
		return r;
	r = put_head(&l, (struct part){ l.from, l.n }, &out);
	if (!r)
		*ret = out;
	return r;
}
