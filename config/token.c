/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cuts a settings file into tokens and rewrites its numbers: libconfig 1.5 wraps integers beyond 32
 * bits without a word and reads 1e5 as 1. Called by scan.c; knows nothing of what may follow what.
 */
#include "config/token.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "gateway/base/own.h"
#include "gateway/base/text.h"

void scan_path(const struct scan *s, char out[SCAN_PATH_BYTES])
{
	size_t n = 0;
	out[0] = '\0';
	for (int i = 0; i <= s->depth && n < SCAN_PATH_BYTES; i++) {
		const struct frame *f = &s->frames[i];
		int more = 0;
		if (f->kind != '{')
			more = snprintf(out + n, SCAN_PATH_BYTES - n, ".[%d]", f->index);
		else if (f->key[0])
			more = snprintf(out + n, SCAN_PATH_BYTES - n, "%s%s", n ? "." : "", f->key);
		n += more > 0 ? (size_t)more : 0;
	}
}

int scan_column(const struct scan *s)
{
	const char *text = source_text(s->source);
	int n = 1;
	if (!s->at)
		return 0;
	for (const char *p = s->at; p > text && p[-1] != '\n'; p--)
		n += ((unsigned char)p[-1] & 0xC0) != 0x80;
	return n;
}

int scan_fail(struct scan *s, int line, const char *rule, const char *fmt, ...)
{
	char path[SCAN_PATH_BYTES], text[400];
	scan_path(s, path);
	if (s->open_string && s->open_string < line) {
		source_mark(s->source, s->open_string, s->c);
		s->c->column = s->open_column;
		return complaint_set(s->c, s->open_path, "unterminated_string",
				     "the string that begins in this line has no closing quote");
	}
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	source_mark(s->source, line, s->c);
	if (line == s->at_line)
		s->c->column = scan_column(s);
	return complaint_set(s->c, path, rule, "%s", text);
}

/* ---- tokens ---- */

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
	return scan_fail(s, began, "unterminated_comment",
			 "the comment that begins here has no closing */");
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
				s->open_column = scan_column(s);
				scan_path(s, s->open_path);
			}
			first = false;
			s->line++;
		} else if (*s->p == '\\' && s->p[1]) {
			if (!strncasecmp(s->p + 1, "x00", 3))
				return scan_fail(s, s->line, "nul_byte",
						 "\\x00 cannot stand in a text");
			s->p++;
			s->line += *s->p == '\n';
		}
	}
	if (!*s->p) {
		return scan_fail(s, s->at_line, "unterminated_string",
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
	if (c == 0x201C || c == 0x201D || c == 0x201E || c == 0x2018 || c == 0x2019 || c == 0xAB ||
	    c == 0xBB || c == '\'')
		return scan_fail(s, s->line, "stray_character",
				 "%.*s is not a quote here; use the straight \"", n, s->p);
	if (c == '@')
		return scan_fail(
			s, s->line, "stray_character",
			"@ belongs only at the start of a line, as in: @include \"local.conf\"");
	if (c < 0x20 || c == 0x7F || c == 0xA0 || c == 0xFEFF || (c >= 0x2000 && c <= 0x200F))
		return scan_fail(s, s->line, "stray_character",
				 "an invisible character (U+%04X) stands here; remove it", c);
	return scan_fail(s, s->line, "stray_character",
			 "the character %.*s cannot stand here; texts stand in quotes", n, s->p);
}

int token_next(struct scan *s)
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

/* ---- numbers ---- */

static int put_integer(struct scan *s, const char *digits, int base)
{
	char *end;
	errno = 0;
	long long value = strtoll(digits, &end, base);
	if (end == digits ||
	    (strcmp(end, "") != 0 && strcmp(end, "L") != 0 && strcmp(end, "LL") != 0))
		return E_INVALID;
	if (errno == ERANGE)
		return scan_fail(s, s->at_line, "integer_range",
				 "%s is beyond 64 bits; no setting is that large", digits);
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
		return scan_fail(s, s->at_line, "number_range", "%s is too large for a number",
				 digits);
	size_t whole = strcspn(digits, "eE");
	if (memchr(digits, '.', whole))
		return buffer_puts(s->out, digits);
	return buffer_printf(s->out, "%.*s.0%s", (int)whole, digits, digits + whole);
}

int token_put_number(struct scan *s)
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
		return scan_fail(s, s->at_line, "not_a_number",
				 "%.40s is not a number; texts stand in quotes", digits);
	return r;
}
