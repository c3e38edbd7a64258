/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tokens and brackets of a settings file. libconfig 1.5 says "syntax error" for most mistakes, wraps integers beyond
 * 32 bits without a word and reads 1e5 as 1: this walk refuses or repairs each before the text is handed over. Called
 * by settings.c; builds no values. */
#include "config/scan.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "gateway/base/own.h"
#include "gateway/base/text.h"

#define DEPTH_MAX 24
#define NAME_CHARS_MAX 64
#define PATH_BYTES 512

enum expect { EXPECT_KEY, EXPECT_EQUALS, EXPECT_VALUE, EXPECT_END };
enum token { TOKEN_END, TOKEN_NAME, TOKEN_NUMBER, TOKEN_STRING, TOKEN_SIGN };

struct frame {
	char kind; /* '{' '(' '[', and '{' for the file itself */
	int line;
	enum expect expect;
	json_t *names; /* of a group: name → flat line */
	char key[NAME_CHARS_MAX + 1];
	int key_line;
	int index; /* of a list: elements before this one */
};

struct scan {
	const struct source *source;
	const char *p;
	int line;
	struct frame frames[DEPTH_MAX];
	int depth;
	struct buffer *out;
	json_t *lines;
	struct complaint *c;
	/* the token under the eye */
	enum token token, before;
	const char *at;
	size_t n_bytes;
	int at_line;
	char sign_before;
	int open_string; /* line where a string began that looks as if its end was forgotten; 0 = none */
	char open_path[PATH_BYTES];
};

static struct frame *top(struct scan *s)
{
	return &s->frames[s->depth];
}

static void path_of(const struct scan *s, char out[PATH_BYTES])
{
	size_t n = 0;
	out[0] = '\0';
	for (int i = 0; i <= s->depth && n < PATH_BYTES; i++) {
		const struct frame *f = &s->frames[i];
		int more = 0;
		if (f->kind != '{')
			more = snprintf(out + n, PATH_BYTES - n, ".[%d]", f->index);
		else if (f->key[0])
			more = snprintf(out + n, PATH_BYTES - n, "%s%s", n ? "." : "", f->key);
		n += more > 0 ? (size_t)more : 0;
	}
}

__attribute__((format(printf, 4, 5))) static int fail(struct scan *s, int line, const char *rule, const char *fmt, ...)
{
	char path[PATH_BYTES], text[400];
	path_of(s, path);
	if (s->open_string && s->open_string < line) {
		source_mark(s->source, s->open_string, s->c);
		return complaint_set(s->c, s->open_path, "unterminated_string",
				     "the string that begins in this line has no closing quote");
	}
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	source_mark(s->source, line, s->c);
	return complaint_set(s->c, path, rule, "%s", text);
}

/* ---- tokens ---------------------------------------------------------------------------------------------------- */

static int skip_comment(struct scan *s)
{
	int began = s->line;
	for (s->p += 2; *s->p; s->p++) {
		s->line += *s->p == '\n';
		if (s->p[0] == '*' && s->p[1] == '/') {
			s->p += 2;
			return 0;
		}
	}
	return fail(s, began, "unterminated_comment", "the comment that begins here has no closing */");
}

static int skip_space(struct scan *s)
{
	for (;;) {
		if (*s->p == '#' || (s->p[0] == '/' && s->p[1] == '/'))
			s->p += strcspn(s->p, "\n");
		if (s->p[0] == '/' && s->p[1] == '*') {
			int r = skip_comment(s);
			if (r)
				return r;
			continue;
		}
		if (!*s->p || !strchr(" \t\r\n\f", *s->p))
			return 0;
		s->line += *s->p++ == '\n';
	}
}

/* A string that runs over its line's end behind a separator was most likely never closed. */
static bool looks_open(const char *begin, const char *newline)
{
	while (newline > begin && strchr(" \t\r", newline[-1]))
		newline--;
	return newline > begin && strchr(";,)}]{", newline[-1]);
}

static int take_string(struct scan *s)
{
	const char *begin = s->p++;
	bool first = true;
	for (; *s->p && *s->p != '"'; s->p++) {
		if (*s->p == '\n') {
			if (first && looks_open(begin, s->p) && !s->open_string) {
				s->open_string = s->at_line;
				path_of(s, s->open_path);
			}
			first = false;
			s->line++;
		} else if (*s->p == '\\' && s->p[1]) {
			if (!strncasecmp(s->p + 1, "x00", 3))
				return fail(s, s->line, "nul_byte", "\\x00 cannot stand in a text");
			s->p++;
			s->line += *s->p == '\n';
		}
	}
	if (!*s->p) {
		return fail(s, s->at_line, "unterminated_string",
			    "the string that begins in this line has no closing quote");
	}
	s->p++;
	return 0;
}

static int stray(struct scan *s)
{
	const char *next = s->p;
	uint32_t c = text_next(&next);
	int n = (int)(next - s->p);
	if (c == 0x201C || c == 0x201D || c == 0x201E || c == 0x2018 || c == 0x2019 || c == 0xAB || c == 0xBB || c == '\'')
		return fail(s, s->line, "stray_character", "%.*s is not a quote here; use the straight \"", n, s->p);
	if (c == '@')
		return fail(s, s->line, "stray_character",
			    "@ belongs only at the start of a line, as in: @include \"local.conf\"");
	if (c < 0x20 || c == 0x7F || c == 0xA0 || c == 0xFEFF || (c >= 0x2000 && c <= 0x200F))
		return fail(s, s->line, "stray_character", "an invisible character (U+%04X) stands here; remove it", c);
	return fail(s, s->line, "stray_character", "the character %.*s cannot stand here; texts stand in quotes", n, s->p);
}

static int next_token(struct scan *s)
{
	int r = skip_space(s);
	if (r)
		return r;
	s->before = s->token;
	s->sign_before = s->before == TOKEN_SIGN ? *s->at : '\0';
	s->at = s->p;
	s->at_line = s->line;
	unsigned char c = (unsigned char)*s->p;
	if (!c) {
		s->token = TOKEN_END;
	} else if (isalpha(c)) {
		s->token = TOKEN_NAME;
		while (isalnum((unsigned char)*s->p) || *s->p == '_' || *s->p == '-')
			s->p++;
	} else if (isdigit(c) || strchr("+-.", c)) {
		s->token = TOKEN_NUMBER;
		for (s->p++; isalnum((unsigned char)*s->p) || *s->p == '.' || *s->p == '_' ||
			     ((*s->p == '-' || *s->p == '+') && strchr("eE", s->p[-1]));)
			s->p++;
	} else if (c == '"') {
		s->token = TOKEN_STRING;
		r = take_string(s);
	} else if (strchr("{}()[]=:;,", c)) {
		s->token = TOKEN_SIGN;
		s->p++;
	} else {
		return stray(s);
	}
	s->n_bytes = (size_t)(s->p - s->at);
	return r;
}

/* ---- numbers --------------------------------------------------------------------------------------------------- */

static int put_integer(struct scan *s, const char *digits, int base)
{
	char *end;
	errno = 0;
	long long value = strtoll(digits, &end, base);
	if (end == digits || (strcmp(end, "") != 0 && strcmp(end, "L") != 0 && strcmp(end, "LL") != 0))
		return E_INVALID;
	if (errno == ERANGE)
		return fail(s, s->at_line, "integer_range", "%s is beyond 64 bits; no setting is that large", digits);
	/* Written in decimal and as 64 bits always: the type of an array's elements stays one. */
	return buffer_printf(s->out, "%lldL", value);
}

static int put_fraction(struct scan *s, const char *digits)
{
	char *end;
	double value = strtod(digits, &end);
	if (*end || end == digits)
		return E_INVALID;
	if (!isfinite(value))
		return fail(s, s->at_line, "number_range", "%s is too large for a number", digits);
	size_t whole = strcspn(digits, "eE");
	if (memchr(digits, '.', whole))
		return buffer_puts(s->out, digits);
	return buffer_printf(s->out, "%.*s.0%s", (int)whole, digits, digits + whole);
}

static int put_number(struct scan *s)
{
	OWN(mem) char *digits = strndup(s->at, s->n_bytes);
	if (!digits)
		return E_NOMEM;
	s->c->rule[0] = '\0';
	int r;
	if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X'))
		r = put_integer(s, digits, 16);
	else if (strspn(digits, "0123456789.eE+-") < s->n_bytes || !strpbrk(digits, ".eE"))
		r = put_integer(s, digits, 10);
	else
		r = put_fraction(s, digits);
	if (r == E_INVALID && !s->c->rule[0])
		return fail(s, s->at_line, "not_a_number", "%.40s is not a number; texts stand in quotes", digits);
	return r;
}

/* ---- grammar --------------------------------------------------------------------------------------------------- */

static int remember(struct scan *s, int line)
{
	char path[PATH_BYTES];
	path_of(s, path);
	return json_object_set_new(s->lines, path, json_integer(line)) ? E_NOMEM : 0;
}

static int missing(struct scan *s)
{
	struct frame *f = top(s);
	if (f->expect == EXPECT_EQUALS)
		return fail(s, f->key_line, "missing_equals", "behind %s an = is missing", f->key);
	if (f->expect == EXPECT_VALUE && f->kind == '{')
		return fail(s, f->key_line, "missing_value", "%s has no value", f->key);
	if (f->expect == EXPECT_END && f->kind != '{')
		return fail(s, s->at_line, "missing_comma", "a comma is missing before %.*s", (int)(s->n_bytes > 40 ? 40 : s->n_bytes),
			    s->at);
	return fail(s, s->at_line, "missing_key", "%.*s stands here without a key; write: key = value",
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
	if (s->n_bytes > NAME_CHARS_MAX)
		return fail(s, s->at_line, "name_too_long", "a key has at most %d characters", NAME_CHARS_MAX);
	memcpy(f->key, s->at, s->n_bytes);
	f->key[s->n_bytes] = '\0';
	f->key_line = s->at_line;
	f->expect = EXPECT_EQUALS;
	json_t *first = json_object_get(f->names, f->key);
	if (first) {
		const char *file;
		int line;
		source_where(s->source, (int)json_integer_value(first), &file, &line);
		return fail(s, s->at_line, "duplicate_key", "%s is set a second time (first in line %d of %s); keep one",
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
	bool flag = (s->n_bytes == 4 && !strncasecmp(s->at, "true", 4)) || (s->n_bytes == 5 && !strncasecmp(s->at, "false", 5));
	if (f->expect == EXPECT_VALUE && !flag)
		return fail(s, s->at_line, "unquoted_text", "%.*s needs quotes; only numbers, true and false go without",
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
		return fail(s, s->at_line, "nested_array", "a [ ] array holds plain values only; use ( ) here");
	if (s->depth + 1 >= DEPTH_MAX)
		return fail(s, s->at_line, "too_deep", "brackets stand more than %d deep", DEPTH_MAX);
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
		return fail(s, s->at_line, "unbalanced", "%c closes a bracket that was never opened", *s->at);
	if (f->kind == '{' && (f->expect == EXPECT_EQUALS || f->expect == EXPECT_VALUE))
		return missing(s);
	if (*s->at != want) {
		const char *file;
		int line;
		source_where(s->source, f->line, &file, &line);
		return fail(s, s->at_line, "unbalanced", "%c stands here, but the %c of line %d needs its %c first", *s->at, f->kind,
			    line, want);
	}
	if (f->kind != '{' && s->sign_before == ',')
		return fail(s, s->at_line, "trailing_comma", "remove the comma before %c: no element follows it", *s->at);
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
	return fail(s, s->at_line, "stray_character", "the %c is one too many here; remove it", *s->at);
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
		return fail(s, s->at_line, "stray_character", "the %c cannot stand here; write: key = value;", *s->at);
	f->expect = EXPECT_VALUE;
	return 0;
}

static int on_end(struct scan *s)
{
	struct frame *f = top(s);
	if (f->expect == EXPECT_EQUALS || (f->kind == '{' && f->expect == EXPECT_VALUE))
		return missing(s);
	if (s->depth)
		return fail(s, f->line, "unbalanced", "the %c of this line is never closed", f->kind);
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
		int r = next_token(s);
		if (!r)
			r = on_token(s);
		if (!r)
			r = buffer_put(s->out, from, (size_t)(s->at - from));
		if (!r)
			r = s->token == TOKEN_NUMBER ? put_number(s) : buffer_put(s->out, s->at, s->n_bytes);
		if (r)
			return r;
	} while (s->token != TOKEN_END);
	return 0;
}

int scan_source(const struct source *source, struct buffer *text, json_t *lines, struct complaint *c)
{
	struct scan s = { .source = source, .p = source_text(source), .line = 1, .out = text, .lines = lines, .c = c };
	s.frames[0] = (struct frame){ .kind = '{', .line = 1, .expect = EXPECT_KEY, .names = json_object() };
	int r = s.frames[0].names ? walk(&s) : E_NOMEM;
	for (int i = 0; i <= s.depth; i++)
		json_decref(s.frames[i].names);
	return r;
}
