/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Twilio's way of signing requests. Called by signature.c; knows no secret. */
#include "config/twilio.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/fields.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"

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
			good = strcmp(fields[i].value, hex) == 0; /* neither is a secret */
		}
	fields_free(fields, n);
	return n_named == 1 && good ? 0 : E_DENIED;
}

int twilio_signed_text(const struct received *in, struct buffer *out)
{
	int r = in->url ? buffer_puts(out, in->url) : E_DENIED;
	if (!r)
		r = is_form(in) ? put_signed_body(in, out) : check_body_hash(in);
	return r && r != E_NOMEM ? E_DENIED : r;
}
