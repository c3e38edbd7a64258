/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text under a callback's signature, by the profile. Called by signature.c. Each value is put once and never read again. */
#include "config/signed.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/own.h"

#define HEADER "header."
#define HEADER_CHARS_MAX 64

/* The next "{{name}}" of text; NULL = none. *ret_end behind it. */
static const char *next_hole(const char *text, size_t *ret_chars, const char **ret_end)
{
	const char *open = strstr(text, "{{"), *close = open ? strstr(open, "}}") : NULL;
	if (!close)
		return NULL;
	*ret_chars = (size_t)(close - open - 2);
	*ret_end = close + 2;
	return open + 2;
}

static bool is(const char *name, size_t n, const char *word)
{
	return n == strlen(word) && !strncmp(name, word, n);
}

static bool is_header(const char *name, size_t n)
{
	return n > strlen(HEADER) && n < HEADER_CHARS_MAX && !strncmp(name, HEADER, strlen(HEADER));
}

const char *signed_fault(const char *text, bool with_moment)
{
	bool body = false, moment = false;
	size_t n;
	const char *end = text;
	for (const char *name; (name = next_hole(end, &n, &end));) {
		body |= is(name, n, "body");
		moment |= is(name, n, "timestamp");
		if (!is(name, n, "body") && !is(name, n, "timestamp") && !is(name, n, "url") && !is_header(name, n))
			return "may name {{body}}, {{timestamp}}, {{url}} and {{header.NAME}}";
	}
	if (!body)
		return "must name {{body}}: what is not signed may be anybody's";
	return moment == with_moment ? NULL : with_moment ? "must name {{timestamp}}" : "names {{timestamp}}: that is kind hmac_sha256_timestamp";
}

static int put_hole(const char *name, size_t n, const struct received *in, const char *moment, struct buffer *out)
{
	char header[HEADER_CHARS_MAX];
	if (is(name, n, "body"))
		return buffer_put(out, in->body ? in->body : "", in->body ? in->body_bytes : 0);
	if (is(name, n, "timestamp"))
		return buffer_puts(out, moment ? moment : "");
	if (is(name, n, "url"))
		return buffer_puts(out, in->url ? in->url : "");
	snprintf(header, sizeof(header), "%.*s", (int)(n - strlen(HEADER)), name + strlen(HEADER));
	const char *value = received_header(in, header);
	return value ? buffer_puts(out, value) : E_DENIED;
}

int signed_put(const char *text, const struct received *in, const char *moment, struct buffer *out)
{
	int r = 0;
	size_t n;
	const char *at = text, *end = text;
	for (const char *name; !r && (name = next_hole(at, &n, &end)); at = end) {
		r = buffer_put(out, at, (size_t)(name - 2 - at));
		r = r ? r : put_hole(name, n, in, moment, out);
	}
	return r ? r : buffer_puts(out, at);
}
