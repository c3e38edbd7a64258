/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts with holes of a provider profile. Called by profile.c (reading) and provider.c (filling). Pure: no I/O, no
 * clock; values are copied through a filter into the output and never read again. */
#include "config/stencil.h"

#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"

#define PIECES_MAX 128

enum filter { FILTER_NONE, FILTER_JSON, FILTER_URL, FILTER_XML, FILTER_BASE64, FILTER_HMAC, FILTER_IF };

struct stencil_piece {
	char *literal; /* NULL = a hole */
	size_t literal_bytes;
	enum hole hole;
	enum filter filter;
	char *secret;	   /* HOLE_SECRET: its name */
	char *key;	   /* FILTER_HMAC: name of the secret that keys it */
	char *yes, *no; /* FILTER_IF */
};

static const char *const hole_names[] = {
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
};

void stencil_done(struct stencil *s)
{
	for (size_t i = 0; i < s->n_pieces; i++) {
		struct stencil_piece *p = &s->pieces[i];
		free(p->literal);
		free(p->secret);
		free(p->key);
		free(p->yes);
		free(p->no);
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
	for (size_t i = 0; i < COUNT_OF(hole_names); i++)
		if (hole_names[i] && !strcmp(name, hole_names[i])) {
			p->hole = (enum hole)i;
			return 0;
		}
	*ret_why = "names a value that does not exist (to, to_national, to_digits, text, sender, key, attempt, parts, "
		   "unicode, receipt_url, secret.NAME)";
	return E_INVALID;
}

static int parse_if(struct stencil_piece *p, const char *arguments, const char **ret_why)
{
	const char *colon = strchr(arguments, ':');
	p->filter = FILTER_IF;
	if (!colon) {
		*ret_why = "has a filter if without its two values (|if:A:B)";
		return E_INVALID;
	}
	p->yes = strndup(arguments, (size_t)(colon - arguments));
	p->no = strdup(colon + 1);
	return p->yes && p->no ? 0 : E_NOMEM;
}

static int parse_filter(struct stencil_piece *p, const char *name, const char **ret_why)
{
	static const struct {
		const char *name;
		enum filter filter;
	} plain[] = { { "json", FILTER_JSON }, { "url", FILTER_URL }, { "xml", FILTER_XML }, { "base64", FILTER_BASE64 } };
	for (size_t i = 0; i < COUNT_OF(plain); i++)
		if (!strcmp(name, plain[i].name)) {
			p->filter = plain[i].filter;
			return 0;
		}
	if (!strncmp(name, "if:", 3))
		return parse_if(p, name + 3, ret_why);
	if (!strncmp(name, "hmac_sha256:", 12) && name[12]) {
		p->filter = FILTER_HMAC;
		p->key = strdup(name + 12);
		return p->key ? 0 : E_NOMEM;
	}
	*ret_why = "has an unknown filter (json, url, xml, base64, hmac_sha256:NAME, if:A:B)";
	return E_INVALID;
}

static int add_hole(struct stencil *s, const char *text, size_t n_bytes, const char **ret_why)
{
	OWN(mem) char *inner = strndup(text, n_bytes);
	struct stencil_piece *p = add_piece(s);
	if (!p || !inner)
		return E_NOMEM;
	char *bar = strchr(inner, '|');
	if (bar)
		*bar = '\0';
	int r = parse_hole(p, inner, ret_why);
	if (!r && bar)
		r = parse_filter(p, bar + 1, ret_why);
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

static bool is_unreserved(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
	       c == '_' || c == '~';
}

static bool is_plain(const char *value, bool visible_too)
{
	for (const char *p = value; *p; p++) {
		bool safe = (is_unreserved((unsigned char)*p) && *p != '~') || *p == '+';
		if (!safe && !(visible_too && *p >= ' ' && *p <= '~'))
			return false;
	}
	return true;
}

static int put_json(struct buffer *out, const char *value)
{
	int r = buffer_put(out, "\"", 1);
	for (const char *p = value; !r && *p;) {
		size_t run = 0;
		while ((unsigned char)p[run] >= 0x20 && p[run] != '"' && p[run] != '\\' && p[run] != 0x7F)
			run++;
		r = buffer_put(out, p, run);
		p += run;
		if (r || !*p)
			continue;
		if (*p == '"' || *p == '\\')
			r = buffer_put(out, (char[]){ '\\', *p }, 2);
		else
			r = buffer_printf(out, "\\u%04x", (unsigned char)*p);
		p++;
	}
	return r ? r : buffer_put(out, "\"", 1);
}

static int put_url(struct buffer *out, const char *value)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t n = strlen(value);
	int r = n < STENCIL_BYTES_MAX ? buffer_reserve(out, 3 * n) : E_TOO_BIG;
	for (const char *p = value; !r && *p; p++) {
		unsigned char c = (unsigned char)*p;
		if (is_unreserved(c))
			r = buffer_put(out, p, 1);
		else
			r = buffer_put(out, (char[]){ '%', hex[c >> 4], hex[c & 15] }, 3);
	}
	return r;
}

static const char *xml_escape(unsigned char c)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '\r':
		return "&#13;";
	case '\n':
		return "&#10;";
	case '\t':
		return "&#9;";
	default: /* XML 1.0 cannot hold other control characters at all */
		return c < 0x20 ? "\xEF\xBF\xBD" : NULL;
	}
}

static int put_xml(struct buffer *out, const char *value)
{
	int r = 0;
	for (const char *p = value; !r && *p; p++) {
		const char *escape = xml_escape((unsigned char)*p);
		r = escape ? buffer_puts(out, escape) : buffer_put(out, p, 1);
	}
	return r;
}

static int put_base64(struct buffer *out, const char *value)
{
	size_t n = strlen(value);
	size_t room = sodium_base64_ENCODED_LEN(n, sodium_base64_VARIANT_ORIGINAL);
	int r = buffer_reserve(out, room);
	if (r)
		return r;
	sodium_bin2base64(out->data + out->n_bytes, room, (const unsigned char *)value, n, sodium_base64_VARIANT_ORIGINAL);
	out->n_bytes += strlen(out->data + out->n_bytes);
	return 0;
}

static int put_hmac(struct buffer *out, const char *value, const char *key)
{
	unsigned char mac[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state state;
	crypto_auth_hmacsha256_init(&state, (const unsigned char *)key, strlen(key));
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)value, strlen(value));
	crypto_auth_hmacsha256_final(&state, mac);
	OWN(mem) char *hex = text_hex(mac, sizeof(mac));
	return hex ? buffer_puts(out, hex) : E_NOMEM;
}

static int refuse(const char **ret_rule, const char *rule)
{
	*ret_rule = rule;
	return E_INVALID;
}

static int put_hole(const struct stencil_piece *p, const struct stencil_values *v, bool in_header, struct buffer *out,
		    const char **ret_rule)
{
	const char *value = p->secret ? json_str(v->secrets, p->secret, NULL) : v->value[p->hole];
	const char *key = p->key ? json_str(v->secrets, p->key, NULL) : NULL;
	if (!value)
		return refuse(ret_rule, p->secret ? "no_secret" : "no_value");
	switch (p->filter) {
	case FILTER_NONE:
		if (!is_plain(value, p->secret && in_header))
			return refuse(ret_rule, "unsafe_value");
		return buffer_puts(out, value);
	case FILTER_JSON:
		return put_json(out, value);
	case FILTER_URL:
		return put_url(out, value);
	case FILTER_XML:
		return put_xml(out, value);
	case FILTER_BASE64:
		return put_base64(out, value);
	case FILTER_HMAC:
		return key ? put_hmac(out, value, key) : refuse(ret_rule, "no_secret");
	case FILTER_IF:
		return buffer_puts(out, *value && strcmp(value, "0") ? p->yes : p->no);
	}
	return E_INVALID;
}

int stencil_fill(const struct stencil *s, const struct stencil_values *v, bool in_header, struct buffer *out,
		 const char **ret_rule)
{
	size_t before = buffer_left(out);
	for (size_t i = 0; i < s->n_pieces; i++) {
		const struct stencil_piece *p = &s->pieces[i];
		int r = p->literal ? buffer_put(out, p->literal, p->literal_bytes) : put_hole(p, v, in_header, out, ret_rule);
		if (r == E_TOO_BIG || (!r && buffer_left(out) - before > STENCIL_BYTES_MAX))
			return refuse(ret_rule, "too_big");
		if (r)
			return r;
	}
	return 0;
}

const char *stencil_missing_secret(const struct stencil *s, const json_t *secrets)
{
	for (size_t i = 0; i < s->n_pieces; i++) {
		const struct stencil_piece *p = &s->pieces[i];
		if (p->secret && !json_str(secrets, p->secret, NULL))
			return p->secret;
		if (p->key && !json_str(secrets, p->key, NULL))
			return p->key;
	}
	return NULL;
}
