/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Line by line through a request's head; every byte is looked at a bounded number of times however it arrives. Called by
 * guest.c for each request before one byte of it goes further. Never repairs anything. */
#include "console/web/head.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "gateway/base/own.h"

enum { SEEN_LENGTH = 1, SEEN_ENCODING = 2, SEEN_HOST = 4, SEEN_AUTHORIZATION = 8, SEEN_TYPE = 16, SEEN_KEY = 32, SEEN_EXPECT = 64 };

void head_init(struct head *h)
{
	*h = (struct head){ .content_length = -1 };
}

static int no(struct head *h, int status, const char *why)
{
	h->status = status;
	h->why = why;
	return E_REFUSED;
}

static bool is_token_char(unsigned char c)
{
	return isalnum(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static int hex_of(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The path's next character with %XX read; -1 at its end, -2 when the escape is none. */
static int next_char(const char **at, const char *end)
{
	if (*at == end)
		return -1;
	char c = *(*at)++;
	if (c != '%')
		return (unsigned char)c;
	if (end - *at < 2 || hex_of((*at)[0]) < 0 || hex_of((*at)[1]) < 0)
		return -2;
	c = (char)(hex_of((*at)[0]) * 16 + hex_of((*at)[1]));
	*at += 2;
	return (unsigned char)c;
}

static bool is_dots(size_t n, bool only_dots)
{
	return only_dots && (n == 1 || n == 2);
}

/* "//" is malformed; NUL, backslash and dot segments, however written, lead nowhere. */
static int check_path(struct head *h, const char *at, const char *end)
{
	size_t n = 0;
	bool only_dots = true;
	if (memmem(at, (size_t)(end - at), "//", 2))
		return no(h, 400, "empty path segment");
	for (at++;;) {
		int c = next_char(&at, end);
		if (c == -2)
			return no(h, 400, "malformed escape in the path");
		if (c == -1 || c == '/' || c == '\\') {
			if (is_dots(n, only_dots) || c == '\\')
				return no(h, 404, "no such path");
			if (c == -1)
				return 0;
			n = 0;
			only_dots = true;
			continue;
		}
		if (c < 0x20 || c == 0x7f)
			return no(h, 404, "no such path");
		n++;
		only_dots = only_dots && c == '.';
	}
}

static int check_target(struct head *h, const char *from, const char *end)
{
	if (from == end || *from != '/')
		return no(h, 400, "the target must be a path");
	for (const char *at = from; at < end; at++)
		if ((unsigned char)*at <= 0x20 || (unsigned char)*at >= 0x7f || strchr("\"<>\\^`{|}#", *at))
			return no(h, 400, "character not allowed in the target");
	const char *query = memchr(from, '?', (size_t)(end - from));
	return check_path(h, from, query ? query : end);
}

static int check_method(struct head *h, const char *line, size_t n)
{
	static const char *const known[] = { "GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS" };
	for (size_t i = 0; i < COUNT_OF(known); i++)
		if (strlen(known[i]) == n && !memcmp(line, known[i], n)) {
			memcpy(h->method, line, n);
			h->method[n] = '\0';
			return 0;
		}
	return no(h, 400, "method not known here");
}

static int check_version(struct head *h, const char *version, size_t n)
{
	if (n != 8 || memcmp(version, "HTTP/", 5))
		return no(h, 400, "malformed request line");
	if (memcmp(version, "HTTP/1.1", 8) && memcmp(version, "HTTP/1.0", 8))
		return no(h, 505, "HTTP version not supported");
	h->http10 = version[7] == '0';
	return 0;
}

static int request_line(struct head *h, const char *line, size_t n, size_t offset)
{
	const char *first = memchr(line, ' ', n), *end = line + n;
	const char *second = first ? memchr(first + 1, ' ', (size_t)(end - first - 1)) : NULL;
	if (!second || first == line)
		return no(h, 400, "malformed request line");
	int r = check_method(h, line, (size_t)(first - line));
	if (!r)
		r = check_version(h, second + 1, (size_t)(end - second - 1));
	if (!r)
		r = check_target(h, first + 1, second);
	h->target_from = offset + (size_t)(first + 1 - line);
	h->target_bytes = (size_t)(second - first - 1);
	h->has_line = true;
	return r;
}

static bool is_named(const char *name, size_t n, const char *want)
{
	return strlen(want) == n && !strncasecmp(name, want, n);
}

static int once(struct head *h, unsigned which)
{
	if (h->seen & which)
		return no(h, 400, "a field that may come once came twice");
	h->seen |= which;
	return 0;
}

static int length_field(struct head *h, const char *value, size_t n)
{
	if (once(h, SEEN_LENGTH))
		return E_REFUSED;
	if (n == 0 || n > 15)
		return no(h, 400, "malformed Content-Length");
	h->content_length = 0;
	for (size_t i = 0; i < n; i++) {
		if (value[i] < '0' || value[i] > '9')
			return no(h, 400, "malformed Content-Length");
		h->content_length = h->content_length * 10 + (value[i] - '0');
	}
	return 0;
}

static int encoding_field(struct head *h, const char *value, size_t n)
{
	if (once(h, SEEN_ENCODING))
		return E_REFUSED;
	if (!is_named(value, n, "chunked"))
		return no(h, 501, "only the transfer coding chunked is known");
	h->chunked = true;
	return 0;
}

static int known_field(struct head *h, const char *name, size_t n, const char *value, size_t n_value)
{
	if (is_named(name, n, "Content-Length"))
		return length_field(h, value, n_value);
	if (is_named(name, n, "Transfer-Encoding"))
		return encoding_field(h, value, n_value);
	if (is_named(name, n, "Host"))
		return n_value ? once(h, SEEN_HOST) : no(h, 400, "empty Host");
	if (is_named(name, n, "Authorization"))
		return once(h, SEEN_AUTHORIZATION);
	if (is_named(name, n, "Content-Type"))
		return once(h, SEEN_TYPE);
	if (is_named(name, n, "Idempotency-Key"))
		return once(h, SEEN_KEY);
	if (is_named(name, n, "Expect"))
		return is_named(value, n_value, "100-continue") ? once(h, SEEN_EXPECT) : no(h, 417, "unknown expectation");
	return 0;
}

static int field_line(struct head *h, const char *line, size_t n)
{
	if (++h->n_fields > HEAD_FIELDS_MAX)
		return no(h, 431, "too many header fields");
	if (*line == ' ' || *line == '\t')
		return no(h, 400, "folded header field");
	size_t name = 0;
	while (name < n && is_token_char((unsigned char)line[name]))
		name++;
	if (name == 0 || name == n || line[name] != ':')
		return no(h, 400, "malformed header field");
	const char *value = line + name + 1, *end = line + n;
	for (const char *at = value; at < end; at++)
		if (((unsigned char)*at < 0x20 && *at != '\t') || *at == 0x7f)
			return no(h, 400, "control character in a header field");
	while (value < end && (*value == ' ' || *value == '\t'))
		value++;
	while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	return known_field(h, line, name, value, (size_t)(end - value));
}

static int complete(struct head *h)
{
	if (!h->http10 && !(h->seen & SEEN_HOST))
		return no(h, 400, "Host is missing");
	if (h->chunked && (h->http10 || h->seen & SEEN_LENGTH))
		return no(h, 400, "ambiguous length");
	return 0;
}

/* A whole line without its CR LF. 0 = that was the empty one. */
static int one_line(struct head *h, const char *line, size_t n, size_t offset)
{
	int r;
	if (!h->has_line)
		r = request_line(h, line, n, offset);
	else if (n == 0)
		return complete(h);
	else
		r = field_line(h, line, n);
	return r ? r : E_AGAIN;
}

int head_feed(struct head *h, const char *data, size_t n_bytes)
{
	if (h->status)
		return E_REFUSED;
	size_t n = n_bytes < HEAD_BYTES_MAX ? n_bytes : HEAD_BYTES_MAX;
	while (h->scanned < n) {
		const char *lf = memchr(data + h->scanned, '\n', n - h->scanned);
		if (!lf) {
			h->scanned = n;
			break;
		}
		size_t end = (size_t)(lf - data);
		if (end == h->line || data[end - 1] != '\r')
			return no(h, 400, "line feed without carriage return");
		size_t from = h->line;
		h->line = h->scanned = end + 1;
		int r = one_line(h, data + from, end - 1 - from, from);
		if (r == 0)
			h->n_bytes = end + 1;
		if (r != E_AGAIN)
			return r;
	}
	return n_bytes >= HEAD_BYTES_MAX ? no(h, 431, "the head is too long") : E_AGAIN;
}
