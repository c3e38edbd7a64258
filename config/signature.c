/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signatures of callbacks. Called by provider.c. Comparisons take the same time wherever they differ; nothing is logged. */
#include "config/signature.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "gateway/base/buffer.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"

static const char *const kind_names[] = {
	[SIGNATURE_NONE] = "none",
	[SIGNATURE_BASIC] = "basic",
	[SIGNATURE_HMAC_SHA256_BODY] = "hmac_sha256_body",
	[SIGNATURE_TWILIO] = "twilio",
};

int signature_kind_parse(const char *name, enum signature_kind *ret)
{
	for (size_t i = 0; i < COUNT_OF(kind_names); i++)
		if (!strcmp(name, kind_names[i])) {
			*ret = (enum signature_kind)i;
			return 0;
		}
	return E_INVALID;
}

/* Lengths of expected values are public; only their content is secret. */
static bool same(const char *a, const char *b)
{
	size_t n = strlen(a);
	return n == strlen(b) && !CRYPTO_memcmp(a, b, n);
}

static char *base64(const unsigned char *bytes, size_t n_bytes)
{
	char *text = malloc(4 * ((n_bytes + 2) / 3) + 1);
	if (text)
		EVP_EncodeBlock((unsigned char *)text, bytes, (int)n_bytes);
	return text;
}

static int check_basic(const char *secret, const struct received *in)
{
	const char *given = received_header(in, "Authorization");
	OWN(mem) char *expected = base64((const unsigned char *)secret, strlen(secret));
	if (!expected)
		return E_NOMEM;
	return given && !strncasecmp(given, "Basic ", 6) && same(given + 6, expected) ? 0 : E_DENIED;
}

static int check_hmac(const char *secret, const char *header, const struct received *in)
{
	const char *given = received_header(in, header ? header : "X-Signature");
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned int n = 0;
	if (!given)
		return E_DENIED;
	if (!HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)(in->body ? in->body : ""),
		  in->body ? in->body_bytes : 0, mac, &n))
		return E_NOMEM;
	OWN(mem) char *hex = text_hex(mac, n);
	OWN(mem) char *base = base64(mac, n);
	OWN(mem) char *copy = strdup(strncasecmp(given, "sha256=", 7) ? given : given + 7);
	if (!hex || !base || !copy)
		return E_NOMEM;
	if (same(copy, base))
		return 0;
	for (char *p = copy; *p; p++)
		*p = *p >= 'A' && *p <= 'F' ? (char)(*p - 'A' + 'a') : *p;
	return same(copy, hex) ? 0 : E_DENIED;
}

static bool is_form(const struct received *in)
{
	const char *type = in->content_type ? in->content_type : "";
	return !in->body_bytes || !strncasecmp(type, "application/x-www-form-urlencoded", 33);
}

static int by_name_and_value(const void *a, const void *b)
{
	const struct field *x = a, *y = b;
	int r = strcmp(x->name, y->name);
	return r ? r : strcmp(x->value, y->value);
}

/* A form is signed with its fields; any other body only through a hash in the signed URL. */
static int put_signed_body(const struct received *in, struct buffer *out)
{
	struct field *fields = NULL;
	size_t n = 0;
	int r = fields_parse(in->body ? in->body : "", in->body_bytes, &fields, &n);
	if (r)
		return r;
	qsort(fields, n, sizeof(*fields), by_name_and_value);
	for (size_t i = 0; !r && i < n; i++) {
		r = buffer_puts(out, fields[i].name);
		r = r ? r : buffer_puts(out, fields[i].value);
	}
	fields_free(fields, n);
	return r;
}

static int check_body_hash(const struct received *in)
{
	struct field *fields = NULL;
	size_t n = 0;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int digest_bytes = 0;
	int r = fields_parse(in->query ? in->query : "", in->query ? strlen(in->query) : 0, &fields, &n);
	if (r)
		return r;
	if (!EVP_Digest(in->body, in->body_bytes, digest, &digest_bytes, EVP_sha256(), NULL)) {
		fields_free(fields, n);
		return E_NOMEM;
	}
	OWN(mem) char *hex = text_hex(digest, digest_bytes);
	size_t n_named = 0;
	bool good = false;
	for (size_t i = 0; hex && i < n; i++)
		if (!strcmp(fields[i].name, "bodySHA256")) {
			n_named++;
			good = same(fields[i].value, hex);
		}
	fields_free(fields, n);
	return n_named == 1 && good ? 0 : E_DENIED;
}

static int check_twilio(const char *secret, const char *header, const struct received *in)
{
	const char *given = received_header(in, header ? header : "X-Twilio-Signature");
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned int n = 0;
	struct buffer signed_text = { 0 };
	if (!given || !in->url)
		return E_DENIED;
	int r = buffer_puts(&signed_text, in->url);
	if (!r)
		r = is_form(in) ? put_signed_body(in, &signed_text) : check_body_hash(in);
	if (!r && !HMAC(EVP_sha1(), secret, (int)strlen(secret), (const unsigned char *)buffer_text(&signed_text),
			buffer_left(&signed_text), mac, &n))
		r = E_NOMEM;
	buffer_done(&signed_text);
	if (r)
		return r == E_NOMEM ? r : E_DENIED;
	OWN(mem) char *expected = base64(mac, n);
	if (!expected)
		return E_NOMEM;
	return same(given, expected) ? 0 : E_DENIED;
}

int signature_check(enum signature_kind kind, const char *secret, const char *header, const struct received *in)
{
	if (kind != SIGNATURE_NONE && (!secret || !*secret))
		return E_DENIED;
	switch (kind) {
	case SIGNATURE_NONE:
		return 0;
	case SIGNATURE_BASIC:
		return check_basic(secret, in);
	case SIGNATURE_HMAC_SHA256_BODY:
		return check_hmac(secret, header, in);
	case SIGNATURE_TWILIO:
		return check_twilio(secret, header, in);
	}
	return E_DENIED;
}
