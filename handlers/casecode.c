/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A code of a case out of words. Keeps nothing. */
#include "handlers/casecode.h"

#include <string.h>

#include "handlers/damm.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool all_digits(const char *text)
{
	const char *p = text;
	while (is_digit(*p))
		p++;
	return p > text && !*p;
}

static bool is_one_of(const char *word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (word[0] == list[i][0] && strcmp(word, list[i]) == 0)
			return true;
	return false;
}

/* The digits of "pa482918"; NULL when letters and digits are mixed otherwise. */
static const char *behind_letters(const char *raw)
{
	static const char glued[][2] = { "pa", "nt", "ma", "so" };
	for (size_t i = 0; i < COUNT_OF(glued); i++)
		if (raw[0] == glued[i][0] && raw[1] == glued[i][1])
			return all_digits(raw + 2) ? raw + 2 : NULL;
	return NULL;
}

/* Adds the digits of one word; false when it holds something else. */
static bool add_digits(struct casecode *c, const char *raw)
{
	if (!all_digits(raw))
		return false;
	size_t n = strlen(c->digits), more = strlen(raw);
	if (n + more >= sizeof(c->digits))
		return false;
	memcpy(c->digits + n, raw, more + 1);
	return true;
}

bool casecode_read(const struct words *w, size_t from, struct casecode *ret)
{
	static const char *const names[] = { "pa", "nt", "ma", "so", "code" };
	struct casecode c = { .named = false };
	size_t i = from;
	while (i < w->n && is_one_of(w->at[i].raw, names, COUNT_OF(names)))
		i++;
	const char *glued = i < w->n ? behind_letters(w->at[i].raw) : NULL;
	if (i == w->n || (!glued && !is_digit(w->at[i].raw[0])))
		return false; /* as nearly all messages */
	c.named = i > from || glued;
	if (glued && add_digits(&c, glued))
		i++;
	while (i < w->n && strlen(c.digits) < CASECODE_DIGITS_MAX && (!c.digits[0] || w->at[i].before != MARK_STRONG) &&
	       add_digits(&c, w->at[i].raw))
		i++;
	size_t n = strlen(c.digits);
	if (n < CASECODE_DIGITS_MIN - 1 || n > CASECODE_DIGITS_MAX)
		return false;
	c.valid = n >= CASECODE_DIGITS_MIN && damm_valid(c.digits);
	c.to = i;
	*ret = c;
	return true;
}
