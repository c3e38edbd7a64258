/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cuts paths. Called by site.c for each request, behind the guard. */
#include "console/web/target.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/text.h"

static int hex_of(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* In place; what is no escape stays. */
static size_t decode(char *text, size_t n)
{
	size_t out = 0;
	for (size_t i = 0; i < n; i++)
		if (text[i] == '%' && i + 2 < n && hex_of(text[i + 1]) >= 0 && hex_of(text[i + 2]) >= 0) {
			text[out++] = (char)(hex_of(text[i + 1]) * 16 + hex_of(text[i + 2]));
			i += 2;
		} else {
			text[out++] = text[i];
		}
	text[out] = '\0';
	return out;
}

static int cut(struct target *t, size_t n_path)
{
	char *at = t->space + 1, *end = t->space + n_path;
	while (at < end) {
		char *slash = memchr(at, '/', (size_t)(end - at));
		char *stop = slash ? slash : end;
		if (t->n == TARGET_SEGMENTS_MAX)
			return E_NOT_FOUND;
		*stop = '\0';
		if (!text_is_valid(at, decode(at, (size_t)(stop - at))))
			return E_NOT_FOUND;
		t->segments[t->n++] = at;
		at = stop + 1;
	}
	return 0;
}

int target_parse(const char *raw, struct target *ret)
{
	struct target t = { .raw = strdup(raw), .space = strdup(raw) };
	int r = t.raw && t.space ? 0 : E_NOMEM;
	if (!r && *raw != '/')
		r = E_NOT_FOUND;
	if (!r) {
		size_t n = strcspn(raw, "?");
		t.query = raw[n] ? t.raw + n + 1 : "";
		r = cut(&t, n);
	}
	if (r)
		target_done(&t);
	else
		*ret = t;
	return r;
}

void target_done(struct target *t)
{
	free(t->raw);
	free(t->space);
	*t = (struct target){ 0 };
}
