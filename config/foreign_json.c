/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes what strangers call JSON into what the strict reader takes, without changing a value. Called by document.c. Pure. */
#include "config/foreign_json.h"

#include <stdbool.h>
#include <string.h>

#include "gateway/base/buffer.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"

#define MARK "\xEF\xBB\xBF"
#define PLAIN_DIGITS 15 /* of a whole number: it prints again as it came */

static size_t digits(const char *p)
{
	return strspn(p, "0123456789");
}

/* Bytes of the number that begins at p, by the grammar of JSON; 0 = none does. */
static size_t number_bytes(const char *p)
{
	const char *at = p + (*p == '-');
	size_t n = *at == '0' ? 1 : digits(at);
	if (!n)
		return 0;
	at += n;
	if (*at == '.') {
		if (!(n = digits(at + 1)))
			return 0;
		at += 1 + n;
	}
	if (*at == 'e' || *at == 'E') {
		const char *exponent = at + 1 + (at[1] == '+' || at[1] == '-');
		if (!(n = digits(exponent)))
			return 0;
		at = exponent + n;
	}
	return (size_t)(at - p);
}

/* A whole number of few digits stays one: it prints again as it came. -0 does not. */
static bool is_plain(const char *p, size_t n)
{
	return n <= PLAIN_DIGITS && (p[0] != '-' || p[1] != '0') && digits(p + (*p == '-')) + (*p == '-') == n;
}

/* Bytes of the string that begins at p, with its quotes, or of what is left of it. */
static size_t string_bytes(const char *p)
{
	size_t n = 1;
	while (p[n] && p[n] != '"')
		n += p[n] == '\\' && p[n + 1] ? 2 : 1;
	return n + (p[n] == '"');
}

static int put_quoted(struct buffer *out, const char *p, size_t n)
{
	int r = buffer_put(out, "\"", 1);
	r = r ? r : buffer_put(out, p, n);
	return r ? r : buffer_put(out, "\"", 1);
}

/* Copies text with its odd numbers in quotes. */
static int quote_numbers(const char *text, struct buffer *out)
{
	int r = 0;
	for (const char *p = text; !r && *p;) {
		size_t n = *p == '"' ? string_bytes(p) : strcspn(p, "\"-0123456789"), number = n ? 0 : number_bytes(p);
		bool ends = number && strchr(",]} \t\r\n", p[number]); /* else it is no number, and no JSON */
		if (ends && !is_plain(p, number)) {
			r = put_quoted(out, p, number);
			n = number;
		} else {
			n = n ? n : number ? number : 1;
			r = buffer_put(out, p, n);
		}
		p += n;
	}
	return r;
}

int foreign_json_parse(const char *text, size_t n_bytes, json_t **ret)
{
	size_t skip = n_bytes >= strlen(MARK) && !memcmp(text, MARK, strlen(MARK)) ? strlen(MARK) : 0;
	OWN(mem) char *valid = text_valid(text + skip, n_bytes - skip);
	OWN(buffer) struct buffer out = { 0 };
	if (!valid)
		return E_NOMEM;
	int r = quote_numbers(valid, &out);
	return r ? r : json_parse(buffer_text(&out), buffer_left(&out), ret);
}
