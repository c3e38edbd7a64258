/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts with holes of a provider profile. Called by what reads a profile and by what fills requests. Pure: no I/O, no
 * clock; values are copied through filters into the output and never read again. */
#include "config/stencil.h"

#include <stdlib.h>
#include <string.h>

#include "config/filter.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

#define PIECES_MAX 128
#define FILTERS_MAX 4

struct stencil_piece {
	char *literal; /* NULL = a hole */
	size_t literal_bytes;
	enum hole hole;
	char *secret; /* HOLE_SECRET: its name */
	struct filter filters[FILTERS_MAX];
	size_t n_filters;
};

static const char *const hole_names[HOLE_COUNT] = {
	[HOLE_TO] = "to",
	[HOLE_TO_NATIONAL] = "to_national",
	[HOLE_TO_DIGITS] = "to_digits",
	[HOLE_TEXT] = "text",
	[HOLE_SENDER] = "sender",
	[HOLE_KEY] = "key",
	[HOLE_ATTEMPT] = "attempt",
	[HOLE_PARTS] = "parts",
	[HOLE_UNICODE] = "unicode",
	[HOLE_RECEIPT_URL] = "receipt_url",
	[HOLE_VALIDITY_S] = "validity_s",
	[HOLE_NOW] = "now",
	[HOLE_NOW_MS] = "now_ms",
	[HOLE_NOW_ISO] = "now_iso",
	[HOLE_NOW_HTTP] = "now_http",
	[HOLE_EXPIRES] = "expires",
	[HOLE_AUTH] = "auth",
	[HOLE_RECIPIENTS] = "recipients",
	[HOLE_TEMPLATE] = "template",
	[HOLE_PARAMETERS] = "parameters",
	[HOLE_NUMBER] = "number",
	[HOLE_VALUE] = "value",
	[HOLE_REFERENCE] = "reference",
	[HOLE_PATH] = "path",
	[HOLE_BODY] = "body",
	[HOLE_SIGN] = "sign",
	[HOLE_SECRET] = "secret.NAME",
};

/* ---- reading ---- */

void stencil_done(struct stencil *s)
{
	for (size_t i = 0; i < s->n_pieces; i++) {
		struct stencil_piece *p = &s->pieces[i];
		free(p->literal);
		free(p->secret);
		for (size_t k = 0; k < p->n_filters; k++)
			filter_done(&p->filters[k]);
	}
	free(s->pieces);
	*s = (struct stencil){ 0 };
}

static struct stencil_piece *add_piece(struct stencil *s)
{
	struct stencil_piece *grown = realloc(s->pieces, (s->n_pieces + 1) * sizeof(*grown));
	if (!grown)
		return NULL;
	s->pieces = grown;
	grown[s->n_pieces] = (struct stencil_piece){ 0 };
	return &grown[s->n_pieces++];
}

static int add_literal(struct stencil *s, const char *text, size_t n_bytes)
{
	struct stencil_piece *p = n_bytes ? add_piece(s) : NULL;
	if (!n_bytes)
		return 0;
	if (!p || !(p->literal = strndup(text, n_bytes)))
		return E_NOMEM;
	p->literal_bytes = n_bytes;
	return 0;
}

static int parse_hole(struct stencil_piece *p, const char *name, const char **ret_why)
{
	if (!strncmp(name, "secret.", 7) && name[7]) {
		p->hole = HOLE_SECRET;
		p->secret = strdup(name + 7);
		return p->secret ? 0 : E_NOMEM;
	}
	for (size_t i = 0; i < HOLE_SECRET; i++)
		if (!strcmp(name, hole_names[i])) {
			p->hole = (enum hole)i;
			return 0;
		}
	*ret_why = "names a value that does not exist (to, to_national, to_digits, text, sender, key, attempt, parts, "
		   "unicode, receipt_url, validity_s, now, now_ms, now_iso, now_http, auth, recipients, template, parameters, sign, secret.NAME)";
	return E_INVALID;
}

/* The last filter, if:A:B, may hold any character, a bar too. */
static int parse_filters(struct stencil_piece *p, char *names, const char **ret_why)
{
	for (char *next; names; names = next) {
		next = strncmp(names, "if:", 3) ? strchr(names, '|') : NULL;
		if (next)
			*next++ = '\0';
		if (p->n_filters == FILTERS_MAX) {
			*ret_why = "has more than 4 filters behind one value";
			return E_INVALID;
		}
		int r = filter_parse(names, &p->filters[p->n_filters], ret_why);
		if (r)
			return r;
		p->n_filters++;
	}
	return 0;
}

static int add_hole(struct stencil *s, const char *text, size_t n_bytes, const char **ret_why)
{
	OWN(mem) char *inner = strndup(text, n_bytes);
	struct stencil_piece *p = add_piece(s);
	if (!p || !inner)
		return E_NOMEM;
	if (strstr(inner, "{{")) {
		*ret_why = "has a {{value}} inside another; behind a filter's : stands the name of a secret, or a text as it is";
		return E_INVALID;
	}
	char *bar = strchr(inner, '|');
	if (bar)
		*bar = '\0';
	int r = parse_hole(p, inner, ret_why);
	if (!r && bar)
		r = parse_filters(p, bar + 1, ret_why);
	s->holes |= HOLE_BIT(p->hole);
	s->bare |= p->n_filters ? 0 : HOLE_BIT(p->hole);
	if (!r && p->hole != HOLE_SECRET)
		s->fixed = false;
	return r;
}

static int parse(const char *text, struct stencil *s, const char **ret_why)
{
	for (const char *at = text; *at;) {
		const char *open = strstr(at, "{{");
		int r = add_literal(s, at, open ? (size_t)(open - at) : strlen(at));
		if (r || !open)
			return r;
		const char *end = strstr(open, "}}");
		if (!end || s->n_pieces >= PIECES_MAX) {
			*ret_why = end ? "has too many {{values}}" : "has a {{ without }}";
			return E_INVALID;
		}
		r = add_hole(s, open + 2, (size_t)(end - open - 2), ret_why);
		if (r)
			return r;
		at = end + 2;
	}
	return 0;
}

int stencil_parse(const char *text, struct stencil *ret, const char **ret_why)
{
	struct stencil s = { .fixed = true };
	int r = parse(text, &s, ret_why);
	if (r) {
		stencil_done(&s);
		return r;
	}
	*ret = s;
	return 0;
}

/* ---- filling ---- */

static bool is_plain(const char *value)
{
	return value[strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+._-")] == '\0';
}

static bool is_visible(const char *value)
{
	while (*value >= ' ' && *value <= '~')
		value++;
	return !*value;
}

static bool is_safe(enum hole hole, const char *value, enum stencil_place place)
{
	const unsigned made = HOLE_BIT(HOLE_RECIPIENTS) | HOLE_BIT(HOLE_PARAMETERS) | HOLE_BIT(HOLE_PATH) | HOLE_BIT(HOLE_BODY);
	const unsigned ours = HOLE_BIT(HOLE_SECRET) | HOLE_BIT(HOLE_AUTH) | HOLE_BIT(HOLE_SIGN) | (HOLES_NEVER_PLAIN & ~HOLE_BIT(HOLE_TEXT));
	if (made & HOLE_BIT(hole) || place == STENCIL_SIGN)
		return true;
	return is_plain(value) || (place == STENCIL_HEADER && (ours & HOLE_BIT(hole)) && is_visible(value));
}

static int put_filtered(const struct stencil_piece *p, const char *value, const json_t *secrets, struct buffer *out)
{
	struct buffer between[2] = { 0 };
	int r = 0;
	for (size_t i = 0; !r && i < p->n_filters; i++) {
		struct buffer *to = i + 1 == p->n_filters ? out : &between[i % 2];
		if (to != out) {
			buffer_cut(to, 0);
			r = buffer_puts(to, "");
		}
		r = r ? r : filter_put(&p->filters[i], value, secrets, to);
		value = r || to == out ? NULL : buffer_text(to);
	}
	buffer_done(&between[0]);
	buffer_done(&between[1]);
	return r;
}

static int refuse(const char **ret_rule, const char *rule)
{
	*ret_rule = rule;
	return E_INVALID;
}

static int put_hole(const struct stencil_piece *p, const struct stencil_values *v, enum stencil_place place, struct buffer *out,
		    const char **ret_rule)
{
	const char *value = p->secret ? json_str(v->secrets, p->secret, NULL) : v->value[p->hole];
	if (!value)
		return refuse(ret_rule, p->secret ? "no_secret" : "no_value");
	if (!p->n_filters)
		return is_safe(p->hole, value, place) ? buffer_puts(out, value) : refuse(ret_rule, "unsafe_value");
	int r = put_filtered(p, value, v->secrets, out);
	return r == E_NOT_FOUND ? refuse(ret_rule, "no_secret") : r;
}

int stencil_fill(const struct stencil *s, const struct stencil_values *v, enum stencil_place place, struct buffer *out,
		 const char **ret_rule)
{
	size_t before = buffer_left(out);
	for (size_t i = 0; i < s->n_pieces; i++) {
		const struct stencil_piece *p = &s->pieces[i];
		int r = p->literal ? buffer_put(out, p->literal, p->literal_bytes) : put_hole(p, v, place, out, ret_rule);
		if (r == E_TOO_BIG || (!r && buffer_left(out) - before > STENCIL_BYTES_MAX))
			return refuse(ret_rule, "too_big");
		if (r)
			return r;
	}
	return 0;
}

static const char *missing(const char *name, const json_t *secrets)
{
	return name && !json_str(secrets, name, NULL) ? name : NULL;
}

const char *stencil_missing_secret(const struct stencil *s, const json_t *secrets)
{
	for (size_t i = 0; i < s->n_pieces; i++) {
		const struct stencil_piece *p = &s->pieces[i];
		const char *name = missing(p->secret, secrets);
		for (size_t k = 0; !name && k < p->n_filters; k++)
			name = missing(p->filters[k].key, secrets);
		if (name)
			return name;
	}
	return NULL;
}

const char *stencil_hole_name(unsigned holes)
{
	for (size_t i = 0; i < HOLE_COUNT; i++)
		if (holes & HOLE_BIT(i))
			return hole_names[i];
	return "";
}
