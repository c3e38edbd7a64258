/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A parser of one function a level, into a table of nodes without pointers: a rule can be copied and needs no end. Called by audience.c. */
#include "campaigns/rule.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/calendar.h"
#include "gateway/base/fold.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"

#define DEPTH_MAX 16
#define DAYS_MAX 3660

struct parser {
	const char *text, *p;
	struct rule *rule;
	struct complaint *c;
	int depth;
};

static bool within_units(const struct rule *r, int at)
{
	const struct rule_node *n = &r->nodes[at];
	if (n->kind == RULE_OR)
		return within_units(r, n->left) && within_units(r, n->right);
	return n->kind == RULE_UNIT || (n->kind == RULE_AND && (within_units(r, n->left) || within_units(r, n->right)));
}

bool rule_is_within_units(const struct rule *r)
{
	return within_units(r, r->root);
}

const char *rule_text(const struct rule *r, uint16_t at)
{
	return r->texts + at;
}

/* ---- words ---- */

static int place_of(const struct parser *k, const char *p)
{
	char before[RULE_BYTES_MAX + 1];
	size_t n = (size_t)(p - k->text);
	memcpy(before, k->text, n);
	before[n] = '\0';
	return (int)text_chars(before) + 1;
}

static int refuse(struct parser *k, const char *what)
{
	k->c->column = place_of(k, k->p);
	return complaint_set(k->c, "audience", "bad_rule", "The rule cannot be read at character %d: %s.", k->c->column, what);
}

static void skip_blanks(struct parser *k)
{
	k->p += strspn(k->p, " \t\r\n");
}

/* Is a word at p, whole, in any case? */
static bool is_word(const char *p, const char *word)
{
	size_t n = strlen(word);
	return !strncasecmp(p, word, n) && !isalnum((unsigned char)p[n]) && (unsigned char)p[n] < 0x80 && p[n] != '_' && p[n] != ':';
}

static bool take_word(struct parser *k, const char *word)
{
	skip_blanks(k);
	if (!is_word(k->p, word))
		return false;
	k->p += strlen(word);
	return true;
}

static bool take_char(struct parser *k, char c)
{
	skip_blanks(k);
	if (*k->p != c)
		return false;
	k->p++;
	return true;
}

static int keep_text(struct parser *k, const char *from, size_t n, uint16_t *ret)
{
	struct rule *r = k->rule;
	if (!n || r->n_texts + n + 1 > sizeof(r->texts))
		return refuse(k, n ? "it is too long" : "a name is missing");
	memcpy(r->texts + r->n_texts, from, n);
	r->texts[r->n_texts + n] = '\0';
	*ret = (uint16_t)r->n_texts;
	r->n_texts += n + 1;
	return 0;
}

static bool ends_name(const char *p)
{
	if (!*p || strchr(")(<>=!\"", *p))
		return true;
	return *p == ' ' && (is_word(p + 1, "and") || is_word(p + 1, "or") || is_word(p + 1, "within") || is_word(p + 1, "is"));
}

/* Quoted, or up to what ends it. */
static int take_name(struct parser *k, uint16_t *ret)
{
	skip_blanks(k);
	const char *from = k->p, *end;
	if (*from == '"') {
		end = strchr(++from, '"');
		if (!end)
			return refuse(k, "a quote is not closed");
		k->p = end + 1;
		return keep_text(k, from, (size_t)(end - from), ret);
	}
	for (end = from; !ends_name(end); end++)
		;
	k->p = end;
	while (end > from && end[-1] == ' ')
		end--;
	return keep_text(k, from, (size_t)(end - from), ret);
}

static int take_number(struct parser *k, int64_t least, int64_t most, int64_t *ret)
{
	char *end;
	skip_blanks(k);
	long long n = strtoll(k->p, &end, 10);
	if (end == k->p || n < least || n > most)
		return refuse(k, "a number belongs here");
	k->p = end;
	*ret = n;
	return 0;
}

static int new_node(struct parser *k, const struct rule_node *n, int *ret)
{
	if (k->rule->n_nodes == RULE_NODES_MAX)
		return refuse(k, "it has too many parts");
	*ret = k->rule->n_nodes++;
	k->rule->nodes[*ret] = *n;
	return 0;
}

/* ---- terms ---- */

static bool take_sign(struct parser *k, enum rule_sign *ret)
{
	static const struct {
		const char *text;
		enum rule_sign sign;
	} signs[] = { { "!=", RULE_UNEQUAL }, { "<=", RULE_LESS_EQUAL }, { ">=", RULE_MORE_EQUAL }, { "=", RULE_EQUAL }, { "<", RULE_LESS },
		      { ">", RULE_MORE } };
	skip_blanks(k);
	for (size_t i = 0; i < COUNT_OF(signs); i++)
		if (!strncmp(k->p, signs[i].text, strlen(signs[i].text))) {
			k->p += strlen(signs[i].text);
			*ret = signs[i].sign;
			return true;
		}
	return false;
}

static int parse_field(struct parser *k, struct rule_node *n, int *ret)
{
	int r = take_name(k, &n->name);
	if (r)
		return r;
	if (take_sign(k, &n->sign)) {
		n->kind = RULE_COMPARE;
		r = take_name(k, &n->value);
	} else if (take_word(k, "within")) {
		n->kind = RULE_WITHIN;
		r = take_number(k, -DAYS_MAX, DAYS_MAX, &n->number);
		if (!r && !take_word(k, "days") && !take_word(k, "day"))
			r = refuse(k, "\"days\" belongs here");
	} else if (take_word(k, "is") && take_word(k, "empty")) {
		n->kind = RULE_EMPTY;
	} else {
		r = refuse(k, "=, !=, <, >, \"within N days\" or \"is empty\" belongs here");
	}
	return r ? r : new_node(k, n, ret);
}

static int parse_term(struct parser *k, int *ret)
{
	static const struct {
		const char *prefix;
		enum rule_kind kind;
		bool number;
	} named[] = { { "group:", RULE_GROUP, false }, { "unit:", RULE_UNIT, false }, { "target:", RULE_TARGET, false },
		      { "answered:", RULE_ANSWERED, true }, { "sent:", RULE_SENT, true } };
	skip_blanks(k);
	struct rule_node n = { .at = place_of(k, k->p) };
	if (!*k->p)
		return refuse(k, "something is missing");
	for (size_t i = 0; i < COUNT_OF(named); i++) {
		if (strncasecmp(k->p, named[i].prefix, strlen(named[i].prefix)))
			continue;
		k->p += strlen(named[i].prefix);
		n.kind = named[i].kind;
		int r = named[i].number ? take_number(k, 1, INT64_MAX, &n.number) : take_name(k, &n.name);
		return r ? r : new_node(k, &n, ret);
	}
	if (take_word(k, "all")) {
		n.kind = RULE_ALL;
		return new_node(k, &n, ret);
	}
	return parse_field(k, &n, ret);
}

static int parse_or(struct parser *k, int *ret);

static int parse_not(struct parser *k, int *ret)
{
	struct rule_node n = { .kind = RULE_NOT };
	int r = ++k->depth > DEPTH_MAX ? refuse(k, "it is too deep") : 0;
	if (!r && take_word(k, "not")) {
		r = parse_not(k, &n.left);
		if (!r)
			r = new_node(k, &n, ret);
	} else if (!r && take_char(k, '(')) {
		r = parse_or(k, ret);
		if (!r && !take_char(k, ')'))
			r = refuse(k, "a \")\" is missing");
	} else if (!r) {
		r = parse_term(k, ret);
	}
	k->depth--;
	return r;
}

static int parse_and(struct parser *k, int *ret)
{
	int r = parse_not(k, ret);
	while (!r && take_word(k, "and")) {
		struct rule_node n = { .kind = RULE_AND, .left = *ret };
		r = parse_not(k, &n.right);
		if (!r)
			r = new_node(k, &n, ret);
	}
	return r;
}

static int parse_or(struct parser *k, int *ret)
{
	int r = parse_and(k, ret);
	while (!r && take_word(k, "or")) {
		struct rule_node n = { .kind = RULE_OR, .left = *ret };
		r = parse_and(k, &n.right);
		if (!r)
			r = new_node(k, &n, ret);
	}
	return r;
}

int rule_parse(const char *text, struct rule *ret, struct complaint *c)
{
	ret->n_nodes = 0;
	ret->n_texts = 0;
	struct parser k = { .text = text, .p = text, .rule = ret, .c = c };
	if (strlen(text) > RULE_BYTES_MAX)
		return complaint_set(c, "audience", "bad_rule", "The rule has more than %d bytes.", RULE_BYTES_MAX);
	int r = parse_or(&k, &ret->root);
	skip_blanks(&k);
	return r ? r : *k.p ? refuse(&k, "\"and\" or \"or\" belongs here") : 0;
}

/* ---- values ---- */

int rule_date(const char *text, int64_t *ret_day)
{
	int a, b, c, n = 0;
	bool iso = sscanf(text, "%4d-%2d-%2d%n", &a, &b, &c, &n) == 3 && a > 999;
	if (!iso) {
		int swap;
		n = 0;
		if (sscanf(text, "%2d/%2d/%4d%n", &swap, &b, &a, &n) != 3 && sscanf(text, "%2d-%2d-%4d%n", &swap, &b, &a, &n) != 3)
			return E_INVALID;
		c = swap;
	}
	bool ended = n && (!text[n] || (iso && strchr("T ", text[n])));
	if (!ended || a < 1000 || !calendar_date_exists(a, b, c))
		return E_INVALID;
	*ret_day = calendar_day_number(a, b, c);
	return 0;
}

static bool number_of(const char *text, double *ret)
{
	char *end;
	*ret = strtod(text, &end);
	return end != text && !*end && strspn(text, "0123456789.+-") == strlen(text);
}

int rule_compare(const char *a, const char *b, int *ret)
{
	int64_t day_a, day_b;
	double x, y;
	if (!rule_date(a, &day_a) && !rule_date(b, &day_b)) {
		*ret = (day_a > day_b) - (day_a < day_b);
		return 0;
	}
	/* codes begin with a zero and are no numbers */
	if (a[0] != '0' && b[0] != '0' && number_of(a, &x) && number_of(b, &y)) {
		*ret = (x > y) - (x < y);
		return 0;
	}
	OWN(mem) char *p = fold(a), *q = fold(b);
	if (!p || !q)
		return E_NOMEM;
	int d = strcmp(p, q);
	*ret = (d > 0) - (d < 0);
	return 0;
}
