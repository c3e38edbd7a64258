/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Encodings and digests of template values. Called by stencil.c. Pure; nothing that was printed is read again. */
#include "config/filter.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"

#define VALUE_BYTES_MAX (256 * 1024)

enum filter_kind {
	FILTER_JSON,
	FILTER_URL,
	FILTER_XML,
	FILTER_BASE64,
	FILTER_BASE64URL,
	FILTER_UCS2HEX,
	FILTER_UPPER,
	FILTER_LOWER,
	FILTER_MD5,
	FILTER_SHA1,
	FILTER_SHA256,
	FILTER_SHA512,
	FILTER_HMAC_SHA1,
	FILTER_HMAC_SHA1_BASE64,
	FILTER_HMAC_SHA256,
	FILTER_HMAC_SHA256_BASE64,
	FILTER_HMAC_SHA512,
	FILTER_HMAC_SHA512_BASE64,
	FILTER_IF,
};

static const struct {
	const char *name;
	bool argument;
} kinds[] = {
	[FILTER_JSON] = { "json", false },
	[FILTER_URL] = { "url", false },
	[FILTER_XML] = { "xml", false },
	[FILTER_BASE64] = { "base64", false },
	[FILTER_BASE64URL] = { "base64url", false },
	[FILTER_UCS2HEX] = { "ucs2hex", false },
	[FILTER_UPPER] = { "upper", false },
	[FILTER_LOWER] = { "lower", false },
	[FILTER_MD5] = { "md5", false },
	[FILTER_SHA1] = { "sha1", false },
	[FILTER_SHA256] = { "sha256", false },
	[FILTER_SHA512] = { "sha512", false },
	[FILTER_HMAC_SHA1] = { "hmac_sha1", true },
	[FILTER_HMAC_SHA1_BASE64] = { "hmac_sha1_base64", true },
	[FILTER_HMAC_SHA256] = { "hmac_sha256", true },
	[FILTER_HMAC_SHA256_BASE64] = { "hmac_sha256_base64", true },
	[FILTER_HMAC_SHA512] = { "hmac_sha512", true },
	[FILTER_HMAC_SHA512_BASE64] = { "hmac_sha512_base64", true },
	[FILTER_IF] = { "if", true },
};

/* ---- reading ---- */

void filter_done(struct filter *f)
{
	free(f->key);
	free(f->yes);
	free(f->no);
	*f = (struct filter){ 0 };
}

static int parse_if(const char *argument, struct filter *f, const char **ret_why)
{
	const char *colon = strchr(argument, ':');
	if (!colon) {
		*ret_why = "has a filter if without its two values (|if:A:B)";
		return E_INVALID;
	}
	f->yes = strndup(argument, (size_t)(colon - argument));
	f->no = strdup(colon + 1);
	return f->yes && f->no ? 0 : E_NOMEM;
}

static int parse_argument(const char *argument, struct filter *f, const char **ret_why)
{
	if (f->kind == FILTER_IF)
		return parse_if(argument, f, ret_why);
	if (!*argument) {
		*ret_why = "has a filter without the name of its secret (|hmac_sha256:NAME)";
		return E_INVALID;
	}
	f->key = strdup(argument);
	return f->key ? 0 : E_NOMEM;
}

int filter_parse(const char *text, struct filter *ret, const char **ret_why)
{
	const char *colon = strchr(text, ':');
	size_t n = colon ? (size_t)(colon - text) : strlen(text);
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		struct filter f = { .kind = (int)i };
		if (strlen(kinds[i].name) != n || strncmp(kinds[i].name, text, n) != 0 || kinds[i].argument != (colon != NULL))
			continue;
		int r = colon ? parse_argument(colon + 1, &f, ret_why) : 0;
		if (r)
			filter_done(&f);
		else
			*ret = f;
		return r;
	}
	*ret_why = "has an unknown filter (json, url, xml, base64, base64url, ucs2hex, upper, lower, md5, sha1, sha256, "
		   "sha512, hmac_sha1:NAME, hmac_sha256:NAME, hmac_sha512:NAME, hmac_sha256_base64:NAME and so on, if:A:B)";
	return E_INVALID;
}

/* ---- writing ---- */

static bool is_unreserved(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
	       c == '_' || c == '~';
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
	int r = buffer_reserve(out, 3 * strlen(value));
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

static int put_base64(struct buffer *out, const void *bytes, size_t n_bytes, int variant)
{
	size_t room = sodium_base64_encoded_len(n_bytes, variant);
	int r = buffer_reserve(out, room);
	if (r)
		return r;
	sodium_bin2base64(out->data + out->n_bytes, room, bytes, n_bytes, variant);
	out->n_bytes += strlen(out->data + out->n_bytes);
	return 0;
}

int filter_put_base64url(struct buffer *out, const void *bytes, size_t n_bytes)
{
	return put_base64(out, bytes, n_bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

int filter_put_base64(struct buffer *out, const void *bytes, size_t n_bytes)
{
	return put_base64(out, bytes, n_bytes, sodium_base64_VARIANT_ORIGINAL);
}

static int put_ucs2hex(struct buffer *out, const char *value)
{
	int r = 0;
	for (const char *p = value; !r && *p;) {
		uint32_t c = text_next(&p);
		if (c < 0x10000)
			r = buffer_printf(out, "%04X", c);
		else
			r = buffer_printf(out, "%04X%04X", 0xD800 + ((c - 0x10000) >> 10), 0xDC00 + ((c - 0x10000) & 0x3FF));
	}
	return r;
}

static int put_case(struct buffer *out, const char *value, char from, char to)
{
	int r = 0;
	for (const char *p = value; !r && *p; p++) {
		char c = *p >= from && *p < from + 26 ? (char)(*p - from + to) : *p;
		r = buffer_put(out, &c, 1);
	}
	return r;
}

static int put_digest(struct buffer *out, const char *value, const EVP_MD *kind)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int n = 0;
	if (!EVP_Digest(value, strlen(value), digest, &n, kind, NULL))
		return E_NOMEM;
	OWN(mem) char *hex = text_hex(digest, n);
	return hex ? buffer_puts(out, hex) : E_NOMEM;
}

static int put_hmac(struct buffer *out, const char *value, const EVP_MD *kind, const char *key, bool in_base64)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned int n = 0;
	if (!HMAC(kind, key, (int)strlen(key), (const unsigned char *)value, strlen(value), mac, &n))
		return E_NOMEM;
	if (in_base64)
		return filter_put_base64(out, mac, n);
	OWN(mem) char *hex = text_hex(mac, n);
	return hex ? buffer_puts(out, hex) : E_NOMEM;
}

int filter_put(const struct filter *f, const char *value, const json_t *secrets, struct buffer *out)
{
	const char *key = f->key ? json_str(secrets, f->key, NULL) : NULL;
	size_t n = strlen(value);
	if (n > VALUE_BYTES_MAX)
		return E_TOO_BIG;
	if (f->key && !key)
		return E_NOT_FOUND;
	switch ((enum filter_kind)f->kind) {
	case FILTER_JSON:
		return put_json(out, value);
	case FILTER_URL:
		return put_url(out, value);
	case FILTER_XML:
		return put_xml(out, value);
	case FILTER_BASE64:
		return filter_put_base64(out, value, n);
	case FILTER_BASE64URL:
		return filter_put_base64url(out, value, n);
	case FILTER_UCS2HEX:
		return put_ucs2hex(out, value);
	case FILTER_UPPER:
		return put_case(out, value, 'a', 'A');
	case FILTER_LOWER:
		return put_case(out, value, 'A', 'a');
	case FILTER_MD5:
		return put_digest(out, value, EVP_md5());
	case FILTER_SHA1:
		return put_digest(out, value, EVP_sha1());
	case FILTER_SHA256:
		return put_digest(out, value, EVP_sha256());
	case FILTER_SHA512:
		return put_digest(out, value, EVP_sha512());
	case FILTER_HMAC_SHA1:
	case FILTER_HMAC_SHA1_BASE64:
		return put_hmac(out, value, EVP_sha1(), key, f->kind == FILTER_HMAC_SHA1_BASE64);
	case FILTER_HMAC_SHA256:
	case FILTER_HMAC_SHA256_BASE64:
		return put_hmac(out, value, EVP_sha256(), key, f->kind == FILTER_HMAC_SHA256_BASE64);
	case FILTER_HMAC_SHA512:
	case FILTER_HMAC_SHA512_BASE64:
		return put_hmac(out, value, EVP_sha512(), key, f->kind == FILTER_HMAC_SHA512_BASE64);
	case FILTER_IF:
		return buffer_puts(out, *value && strcmp(value, "0") ? f->yes : f->no);
	}
	return E_INVALID;
}
