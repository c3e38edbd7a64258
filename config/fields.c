/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Forms and query strings, decoded. Called by document.c, signature.c and the web for what strangers send: bounded, no I/O. */
#include "config/fields.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"
#include "gateway/base/text.h"

#define FIELDS_MAX 256

void fields_free(struct field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(fields[i].name);
		free(fields[i].value);
	}
	free(fields);
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static char *decode(const char *text, size_t n_bytes)
{
	OWN(mem) char *plain = malloc(n_bytes + 1);
	size_t n = 0;
	for (size_t i = 0; plain && i < n_bytes; i++) {
		int high = i + 2 < n_bytes && text[i] == '%' ? hex_digit(text[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
		plain[n++] = low >= 0 ? (char)(high * 16 + low) : text[i] == '+' ? ' ' : text[i];
		i += low >= 0 ? 2 : 0;
	}
	return plain ? text_valid(plain, n) : NULL;
}

int fields_parse(const char *text, size_t n_bytes, struct field **ret, size_t *ret_n)
{
	struct field *fields = calloc(FIELDS_MAX, sizeof(*fields));
	size_t n = 0;
	int r = fields ? 0 : E_NOMEM;
	for (size_t at = 0; !r && at < n_bytes;) {
		const char *end = memchr(text + at, '&', n_bytes - at);
		size_t run = end ? (size_t)(end - text) - at : n_bytes - at;
		const char *equals = memchr(text + at, '=', run);
		size_t name = equals ? (size_t)(equals - text) - at : run;
		if (run && n == FIELDS_MAX)
			r = E_INVALID;
		else if (run) {
			fields[n].name = decode(text + at, name);
			fields[n].value = decode(text + at + name + (equals ? 1 : 0), run - name - (equals ? 1 : 0));
			r = fields[n].name && fields[n].value ? 0 : E_NOMEM;
			n++;
		}
		at += run + 1;
	}
	if (r) {
		fields_free(fields, n);
		return r;
	}
	*ret = fields;
	*ret_n = n;
	return 0;
}
