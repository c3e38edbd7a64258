/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Merge fields. One scanner, used to check, to list and to merge. Called by lint, preview and planner. Pure. */
#include "campaigns/template.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "campaigns/column.h"
#include "gateway/base/buffer.h"
#include "gateway/base/own.h"

#define NAME_BYTES_MAX 100

/* The next piece of text at *p: plain bytes, or a field whose key goes to key. Result: 0 the end, 1 plain, 2 field. */
static int next_piece(const char **p, const char **ret_plain, size_t *ret_bytes, char key[TEMPLATE_KEY_BYTES])
{
	const char *at = *p;
	if (!*at)
		return 0;
	const char *open = strstr(at, "{{");
	if (open != at) {
		*ret_plain = at;
		*ret_bytes = open ? (size_t)(open - at) : strlen(at);
		*p = at + *ret_bytes;
		return 1;
	}
	const char *close = strstr(at + 2, "}}");
	size_t n = close ? (size_t)(close - at - 2) : 0;
	if (!n || n > NAME_BYTES_MAX || memchr(at + 2, '{', n))
		return E_INVALID;
	char name[NAME_BYTES_MAX + 1];
	memcpy(name, at + 2, n);
	name[n] = '\0';
	OWN(mem) char *folded = column_key(name);
	if (!folded)
		return E_NOMEM;
	if (!*folded || strlen(folded) >= TEMPLATE_KEY_BYTES)
		return E_INVALID;
	snprintf(key, TEMPLATE_KEY_BYTES, "%s", folded);
	*p = close + 2;
	return 2;
}

int template_check(const char *text, struct complaint *c)
{
	const char *plain;
	size_t n;
	char key[TEMPLATE_KEY_BYTES];
	int r;
	for (const char *p = text; (r = next_piece(&p, &plain, &n, key)) > 0;)
		;
	if (r == E_INVALID)
		complaint_set(c, "text", "bad_field", "A merge field must be closed and have a name, such as {{name}}.");
	return r;
}

bool template_has_fields(const char *text)
{
	return strstr(text, "{{") != NULL;
}

bool template_is_plain(const char *text)
{
	const char *plain;
	size_t n;
	char key[TEMPLATE_KEY_BYTES];
	int kind;
	for (const char *p = text; (kind = next_piece(&p, &plain, &n, key)) > 0;)
		for (size_t i = 0; kind == 1 && i < n; i++)
			if ((unsigned char)plain[i] >= 0x80)
				return false;
	return kind == 0;
}

int template_each(const char *text, int (*fn)(void *arg, const char *key), void *arg)
{
	const char *plain;
	size_t n;
	char key[TEMPLATE_KEY_BYTES];
	int kind;
	for (const char *p = text; (kind = next_piece(&p, &plain, &n, key)) > 0;) {
		int r = kind == 2 ? fn(arg, key) : 0;
		if (r)
			return r;
	}
	return kind;
}

int template_merge(const char *text, template_value_fn value, void *arg, char **ret, char missing[TEMPLATE_KEY_BYTES])
{
	OWN(buffer) struct buffer out = { 0 };
	const char *plain;
	size_t n;
	char key[TEMPLATE_KEY_BYTES];
	int kind, r = buffer_reserve(&out, strlen(text) + 1);
	const char *p = text;
	while (!r && (kind = next_piece(&p, &plain, &n, key)) != 0) {
		if (kind < 0)
			return kind;
		if (kind == 1) {
			r = buffer_put(&out, plain, n);
			continue;
		}
		const char *v = value(arg, key);
		if (!v || !*v) {
			snprintf(missing, TEMPLATE_KEY_BYTES, "%s", key);
			return E_NOT_FOUND;
		}
		r = buffer_puts(&out, v);
	}
	if (!r)
		r = buffer_puts(&out, "");
	if (r)
		return r;
	*ret = MOVE(out.data);
	return *ret ? 0 : E_NOMEM;
}
