/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may follow what in a settings file. libconfig 1.5 says "syntax error" for most mistakes:
 * this walk names line, key and remedy before the text is handed over, and notes the line of every
 * setting. Called by settings.c; builds no values. */
#include "config/scan.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "config/token.h"

static struct frame *top(struct scan *s)
{
	return &s->frames[s->depth];
}

/* ---- grammar ---- */

static int remember(struct scan *s, int line)
{
	char path[SCAN_PATH_BYTES];
	scan_path(s, path);
	return json_object_set_new(s->lines, path, json_integer(scan_spot(line, scan_column(s)))) ? E_NOMEM : 0;
}

static int missing(struct scan *s)
{
	struct frame *f = top(s);
	if (f->expect == EXPECT_EQUALS)
		return scan_fail(s, f->key_line, "missing_equals", "behind %s an = is missing",
				 f->key);
	if (f->expect == EXPECT_VALUE && f->kind == '{')
		return scan_fail(s, f->key_line, "missing_value", "%s has no value", f->key);
	if (f->expect == EXPECT_END && f->kind != '{')
		return scan_fail(s, s->at_line, "missing_comma", "a comma is missing before %.*s",
				 (int)(s->n_bytes > 40 ? 40 : s->n_bytes), s->at);
	return scan_fail(s, s->at_line, "missing_key",
			 "%.*s stands here without a key; write: key = value",
			 (int)(s->n_bytes > 40 ? 40 : s->n_bytes), s->at);
}

/* A value may begin here; notes its line when it is an element of a list. */
static int begin_value(struct scan *s)
{
	struct frame *f = top(s);
	if (f->expect != EXPECT_VALUE)
		return missing(s);
	f->expect = EXPECT_END;
	return f->kind == '{' ? 0 : remember(s, s->at_line);
}

static int on_key(struct scan *s)
{
	struct frame *f = top(s);
	if (s->n_bytes > SCAN_NAME_CHARS_MAX)
		return scan_fail(s, s->at_line, "name_too_long", "a key has at most %d characters",
				 SCAN_NAME_CHARS_MAX);
	memcpy(f->key, s->at, s->n_bytes);
	f->key[s->n_bytes] = '\0';
	f->key_line = s->at_line;
	f->expect = EXPECT_EQUALS;
	json_t *first = json_object_get(f->names, f->key);
	if (first) {
		const char *file;
		int line;
		source_where(s->source, (int)json_integer_value(first), &file, &line);
		return scan_fail(s, s->at_line, "duplicate_key",
				 "%s is set a second time (first in line %d of %s); keep one",
				 f->key, line, file);
	}
	if (json_object_set_new(f->names, f->key, json_integer(s->at_line)))
		return E_NOMEM;
	return remember(s, s->at_line);
}

static int on_name(struct scan *s)
{
	struct frame *f = top(s);
	if (f->kind == '{' && (f->expect == EXPECT_KEY || f->expect == EXPECT_END))
		return on_key(s);
	bool flag = (s->n_bytes == 4 && !strncasecmp(s->at, "true", 4)) ||
		    (s->n_bytes == 5 && !strncasecmp(s->at, "false", 5));
	if (f->expect == EXPECT_VALUE && !flag)
		return scan_fail(s, s->at_line, "unquoted_text",
				 "%.*s needs quotes; only numbers, true and false go without",
				 (int)(s->n_bytes > 40 ? 40 : s->n_bytes), s->at);
	return begin_value(s);
}

static int on_scalar(struct scan *s)
{
	/* libconfig joins neighbouring strings */
	if (s->token == TOKEN_STRING && s->before == TOKEN_STRING)
		return 0;
	return begin_value(s);
}

static int on_open(struct scan *s)
{
	int r = begin_value(s);
	if (r)
		return r;
	if (top(s)->kind == '[')
		return scan_fail(s, s->at_line, "nested_array",
				 "a [ ] array holds plain values only; use ( ) here");
	if (s->depth + 1 >= SCAN_DEPTH_MAX)
		return scan_fail(s, s->at_line, "too_deep", "brackets stand more than %d deep",
				 SCAN_DEPTH_MAX);
	s->frames[++s->depth] = (struct frame){ .kind = *s->at, .line = s->at_line };
	struct frame *f = top(s);
	f->expect = f->kind == '{' ? EXPECT_KEY : EXPECT_VALUE;
	if (f->kind == '{' && !(f->names = json_object()))
		return E_NOMEM;
	return 0;
}

static int on_close(struct scan *s)
{
	struct frame *f = top(s);
	char want = f->kind == '{' ? '}' : f->kind == '(' ? ')' : ']';
	if (!s->depth)
		return scan_fail(s, s->at_line, "unbalanced",
				 "%c closes a bracket that was never opened", *s->at);
	if (f->kind == '{' && (f->expect == EXPECT_EQUALS || f->expect == EXPECT_VALUE))
		return missing(s);
	if (*s->at != want) {
		const char *file;
		int line;
		source_where(s->source, f->line, &file, &line);
		return scan_fail(s, s->at_line, "unbalanced",
				 "%c stands here, but the %c of line %d needs its %c first", *s->at,
				 f->kind, line, want);
	}
	if (f->kind != '{' && s->sign_before == ',')
		return scan_fail(s, s->at_line, "trailing_comma",
				 "remove the comma before %c: no element follows it", *s->at);
	json_decref(f->names);
	s->depth--;
	return 0;
}

static int on_separator(struct scan *s)
{
	struct frame *f = top(s);
	if (f->expect == EXPECT_END && f->kind == '{') {
		f->expect = EXPECT_KEY;
		f->key[0] = '\0';
		return 0;
	}
	if (f->expect == EXPECT_END && *s->at == ',') {
		f->expect = EXPECT_VALUE;
		f->index++;
		return 0;
	}
	if (f->kind == '{' && (f->expect == EXPECT_EQUALS || f->expect == EXPECT_VALUE))
		return missing(s);
	return scan_fail(s, s->at_line, "stray_character", "the %c is one too many here; remove it",
			 *s->at);
}

static int on_sign(struct scan *s)
{
	struct frame *f = top(s);
	switch (*s->at) {
	case '{':
	case '(':
	case '[':
		return on_open(s);
	case '}':
	case ')':
	case ']':
		return on_close(s);
	case ';':
	case ',':
		return on_separator(s);
	case '=':
	case ':':
		break;
	}
	if (f->expect != EXPECT_EQUALS)
		return scan_fail(s, s->at_line, "stray_character",
				 "the %c cannot stand here; write: key = value;", *s->at);
	f->expect = EXPECT_VALUE;
	return 0;
}

static int on_end(struct scan *s)
{
	struct frame *f = top(s);
	if (f->expect == EXPECT_EQUALS || (f->kind == '{' && f->expect == EXPECT_VALUE))
		return missing(s);
	if (s->depth)
		return scan_fail(s, f->line, "unbalanced", "the %c of this line is never closed",
				 f->kind);
	return 0;
}

static int on_token(struct scan *s)
{
	switch (s->token) {
	case TOKEN_END:
		return on_end(s);
	case TOKEN_NAME:
		return on_name(s);
	case TOKEN_NUMBER:
	case TOKEN_STRING:
		return on_scalar(s);
	case TOKEN_SIGN:
		return on_sign(s);
	}
	return E_INVALID;
}

static int walk(struct scan *s)
{
	do {
		const char *from = s->p;
		int r = token_next(s);
		if (!r)
			r = on_token(s);
		if (!r)
			r = buffer_put(s->out, from, (size_t)(s->at - from));
		if (!r)
			r = s->token == TOKEN_NUMBER ? token_put_number(s)
						     : buffer_put(s->out, s->at, s->n_bytes);
		if (r)
			return r;
	} while (s->token != TOKEN_END);
	return 0;
}

int scan_source(const struct source *source, struct buffer *text, json_t *lines,
		struct complaint *c)
{
	struct scan s = { .source = source,
			  .p = source_text(source),
			  .line = 1,
			  .out = text,
			  .lines = lines,
			  .c = c };
	s.frames[0] = (struct frame){
		.kind = '{', .line = 1, .expect = EXPECT_KEY, .names = json_object()
	};
	int r = s.frames[0].names ? walk(&s) : E_NOMEM;
	for (int i = 0; i <= s.depth; i++)
		json_decref(s.frames[i].names);
	return r;
}
