/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signatures of callbacks. Called by profile.c and provider.c. Comparisons take the same time wherever they differ; nothing is logged. */
#include "config/signature.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/ed25519.h"
#include "config/fields.h"
#include "config/signed.h"
#include "config/twilio.h"
#include "gateway/base/buffer.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"

#define MS_FROM INT64_C(100000000000) /* beyond: no seconds of this age */

static const char *const kind_names[] = {
	[SIGNATURE_NONE] = "none",
	[SIGNATURE_BASIC] = "basic",
	[SIGNATURE_HMAC_SHA256_BODY] = "hmac_sha256_body",
	[SIGNATURE_HMAC_SHA256_TIMESTAMP] = "hmac_sha256_timestamp",
	[SIGNATURE_ED25519_TIMESTAMP] = "ed25519_timestamp",
	[SIGNATURE_TWILIO] = "twilio",
	[SIGNATURE_MD5_FIELDS] = "md5_fields",
	[SIGNATURE_SHA1_FIELDS] = "sha1_fields",
	[SIGNATURE_SHA256_FIELDS] = "sha256_fields",
	[SIGNATURE_VONAGE_MD5] = "vonage_md5",
	[SIGNATURE_VONAGE_SHA256] = "vonage_sha256",
};

/* ---- reading the profile ---- */

static int read_kind(const struct reader *g, enum signature_kind *ret)
{
	const char *name = reader_peek(g, "kind");
	for (size_t i = 0; name && i < COUNT_OF(kind_names); i++)
		if (!strcmp(name, kind_names[i])) {
			*ret = (enum signature_kind)i;
			return 0;
		}
	return reader_wrong(g, "kind", "unknown_value",
			    "must be none, basic, hmac_sha256_body, hmac_sha256_timestamp, ed25519_timestamp, twilio, md5_fields, sha1_fields, "
			    "sha256_fields, vonage_md5 or vonage_sha256");
}

static bool is_of_fields(enum signature_kind kind)
{
	return kind == SIGNATURE_MD5_FIELDS || kind == SIGNATURE_SHA1_FIELDS || kind == SIGNATURE_SHA256_FIELDS;
}

static int read_fields(const struct reader *g, struct signature_plan *p)
{
	size_t n;
	int r = reader_list(g, "fields", is_of_fields(p->kind), &n);
	if (!r && is_of_fields(p->kind) && (!n || n > SIGNATURE_FIELDS_MAX))
		r = reader_wrong(g, "fields", "out_of_range", "must name 1 to 16 fields");
	for (size_t i = 0; !r && i < n; i++) {
		const char *name = json_string_value(json_array_get(json_object_get(g->values, "fields"), i));
		if (!name)
			return reader_wrong(g, "fields", "type", "must hold names of fields");
		p->fields[i] = strdup(name);
		p->n_fields += p->fields[i] != NULL;
		r = p->fields[i] ? 0 : E_NOMEM;
	}
	return r;
}

/* What an HMAC stands over: by itself the body, and the moment behind it where there is one. */
static int read_signed(const struct reader *g, struct signature_plan *p)
{
	bool with_moment = p->kind == SIGNATURE_HMAC_SHA256_TIMESTAMP;
	if (!with_moment && p->kind != SIGNATURE_HMAC_SHA256_BODY)
		return json_object_get(g->values, "signed") ? reader_wrong(g, "signed", "unused", "is for hmac_sha256_body and hmac_sha256_timestamp") : 0;
	int r = reader_text(g, "signed", with_moment ? "{{body}}{{timestamp}}" : "{{body}}", &p->signed_text);
	const char *fault = r ? NULL : signed_fault(p->signed_text, with_moment);
	return fault ? reader_wrong(g, "signed", "template", fault) : r;
}

static int read_on(const struct reader *g, struct signature_plan *p)
{
	int r = reader_text(g, "on", NULL, &p->on);
	if (!r && p->on && strcmp(p->on, "inbound") != 0 && strcmp(p->on, "receipt") != 0)
		r = reader_wrong(g, "on", "unknown_value", "must be inbound or receipt");
	return r;
}

int signature_read(const struct reader *top, struct signature_plan *ret)
{
	static const char *const keys[] = { "kind", "secret", "header", "timestamp", "window_s", "signed", "on", "field", "fields", NULL };
	struct reader g;
	ret->window_s = 300;
	int r = reader_group(top, "signature", false, keys, &g);
	if (r || !g.values)
		return r;
	r = read_kind(&g, &ret->kind);
	if (r || ret->kind == SIGNATURE_NONE)
		return r;
	r = reader_required(&g, "secret", &ret->secret);
	r = r ? r : reader_text(&g, "header", NULL, &ret->header);
	r = r ? r : reader_text(&g, "timestamp", NULL, &ret->timestamp);
	r = r ? r : reader_whole(&g, "window_s", 1, 86400, &ret->window_s);
	r = r ? r : read_signed(&g, ret);
	r = r ? r : read_on(&g, ret);
	r = r ? r : is_of_fields(ret->kind) ? reader_required(&g, "field", &ret->field) : reader_text(&g, "field", NULL, &ret->field);
	return r ? r : read_fields(&g, ret);
}

void signature_done(struct signature_plan *p)
{
	free(p->secret);
	free(p->header);
	free(p->timestamp);
	free(p->signed_text);
	free(p->on);
	free(p->field);
	for (size_t i = 0; i < p->n_fields; i++)
		free(p->fields[i]);
}

/* ---- checking ---- */

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

/* given in hex of either case, or in base64. */
static int compare(const char *given, const unsigned char *digest, size_t n)
{
	OWN(mem) char *hex = text_hex(digest, n);
	OWN(mem) char *base = base64(digest, n);
	OWN(mem) char *copy = strdup(given);
	if (!hex || !base || !copy)
		return E_NOMEM;
	if (same(copy, base))
		return 0;
	for (char *p = copy; *p; p++)
		*p = *p >= 'A' && *p <= 'F' ? (char)(*p - 'A' + 'a') : *p;
	return same(copy, hex) ? 0 : E_DENIED;
}

/* Behind the mark that some put before it. */
static const char *unmarked(const char *given)
{
	static const char *const marks[] = { "sha256=", "v1=", "v1," };
	for (size_t i = 0; i < COUNT_OF(marks); i++)
		if (!strncasecmp(given, marks[i], strlen(marks[i])))
			return given + strlen(marks[i]);
	return given;
}

static int compare_hmac(const char *given, const EVP_MD *hash, const char *secret, const void *text, size_t n_bytes)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned int n = 0;
	if (!HMAC(hash, secret, (int)strlen(secret), text, n_bytes, mac, &n))
		return E_NOMEM;
	return compare(unmarked(given), mac, n);
}

/* Is a moment in Unix seconds, or milliseconds, within the window? The signature was good. */
static int check_moment(const struct signature_plan *p, const char *text, const struct received *in, int64_t *ret_skew_s)
{
	char *end;
	long long at_s = strtoll(text, &end, 10);
	at_s = at_s > MS_FROM ? at_s / 1000 : at_s;
	if (end == text || *end || at_s < 0 || at_s > INT64_C(4102444800))
		return E_DENIED;
	int64_t skew = in->now_ms / 1000 - at_s;
	if (skew <= p->window_s && -skew <= p->window_s)
		return 0;
	*ret_skew_s = skew;
	return E_DENIED;
}

static int check_hmac(const struct signature_plan *p, const char *secret, const struct received *in, int64_t *ret_skew_s)
{
	bool with_moment = p->kind == SIGNATURE_HMAC_SHA256_TIMESTAMP;
	const char *given = received_header(in, p->header ? p->header : "X-Signature");
	const char *moment = with_moment ? received_header(in, p->timestamp ? p->timestamp : "X-Timestamp") : NULL;
	OWN(buffer) struct buffer text = { 0 };
	if (!given || (with_moment && !moment))
		return E_DENIED;
	int r = signed_put(p->signed_text, in, moment, &text);
	r = r ? r : compare_hmac(given, EVP_sha256(), secret, buffer_text(&text), buffer_left(&text));
	return r || !with_moment ? r : check_moment(p, moment, in, ret_skew_s);
}

static int check_ed25519(const struct signature_plan *p, const char *secret, const struct received *in, int64_t *ret_skew_s)
{
	const char *given = received_header(in, p->header ? p->header : "X-Signature");
	const char *moment = received_header(in, p->timestamp ? p->timestamp : "X-Timestamp");
	OWN(buffer) struct buffer text = { 0 };
	if (!given || !moment)
		return E_DENIED;
	int r = buffer_printf(&text, "%s|", moment);
	r = r ? r : buffer_put(&text, in->body ? in->body : "", in->body ? in->body_bytes : 0);
	r = r ? r : ed25519_check(secret, given, buffer_text(&text), buffer_left(&text));
	return r ? r : check_moment(p, moment, in, ret_skew_s);
}

/* ---- fields ---- */

/* Those of the form, or of the query where there is no body. */
static int received_fields(const struct received *in, struct field **ret, size_t *ret_n)
{
	if (in->body && in->body_bytes)
		return fields_parse(in->body, in->body_bytes, ret, ret_n);
	return fields_parse(in->query ? in->query : "", in->query ? strlen(in->query) : 0, ret, ret_n);
}

/* NULL when it is absent or there twice: what was signed must be what is read. */
static const char *single(const struct field *fields, size_t n, const char *name)
{
	const char *found = NULL;
	for (size_t i = 0; i < n; i++)
		if (!strcmp(fields[i].name, name)) {
			if (found)
				return NULL;
			found = fields[i].value;
		}
	return found;
}

static const EVP_MD *hash_of(enum signature_kind kind)
{
	return kind == SIGNATURE_MD5_FIELDS || kind == SIGNATURE_VONAGE_MD5 ? EVP_md5() :
	       kind == SIGNATURE_SHA1_FIELDS				    ? EVP_sha1() :
									      EVP_sha256();
}

static int compare_hash(const char *given, const EVP_MD *hash, const struct buffer *text)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int n = 0;
	if (!EVP_Digest(buffer_text(text), buffer_left(text), digest, &n, hash, NULL))
		return E_NOMEM;
	return compare(given, digest, n);
}

static int check_named_fields(const struct signature_plan *p, const char *secret, const struct field *fields, size_t n)
{
	OWN(buffer) struct buffer text = { 0 };
	const char *given = single(fields, n, p->field);
	int r = given ? 0 : E_DENIED;
	for (size_t i = 0; !r && i < p->n_fields; i++) {
		const char *value = single(fields, n, p->fields[i]);
		r = value ? buffer_puts(&text, value) : E_DENIED;
	}
	r = r ? r : buffer_puts(&text, secret);
	return r ? r : compare_hash(given, hash_of(p->kind), &text);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct field *)a)->name, ((const struct field *)b)->name);
}

static int put_vonage(struct buffer *out, const struct field *f)
{
	int r = buffer_printf(out, "&%s=", f->name);
	for (const char *c = f->value; !r && *c; c++)
		r = buffer_put(out, *c == '&' || *c == '=' ? "_" : c, 1);
	return r;
}

static int check_vonage(const struct signature_plan *p, const char *secret, struct field *fields, size_t n, const struct received *in,
			int64_t *ret_skew_s)
{
	OWN(buffer) struct buffer text = { 0 };
	const char *given = single(fields, n, "sig"), *moment = single(fields, n, "timestamp");
	int r = given && moment ? 0 : E_DENIED;
	qsort(fields, n, sizeof(*fields), by_name);
	for (size_t i = 0; !r && i < n; i++) {
		if (i && !strcmp(fields[i].name, fields[i - 1].name))
			return E_DENIED;
		if (strcmp(fields[i].name, "sig") != 0)
			r = put_vonage(&text, &fields[i]);
	}
	if (!r && p->kind == SIGNATURE_VONAGE_MD5) {
		r = buffer_puts(&text, secret);
		r = r ? r : compare_hash(given, EVP_md5(), &text);
	} else if (!r) {
		r = compare_hmac(given, EVP_sha256(), secret, buffer_text(&text), buffer_left(&text));
	}
	return r ? r : check_moment(p, moment, in, ret_skew_s);
}

static int check_fields(const struct signature_plan *p, const char *secret, const struct received *in, int64_t *ret_skew_s)
{
	struct field *fields = NULL;
	size_t n = 0;
	int r = received_fields(in, &fields, &n);
	if (r)
		return r == E_NOMEM ? r : E_DENIED;
	r = is_of_fields(p->kind) ? check_named_fields(p, secret, fields, n) : check_vonage(p, secret, fields, n, in, ret_skew_s);
	fields_free(fields, n);
	return r;
}

static int check_twilio(const char *secret, const char *header, const struct received *in)
{
	const char *given = received_header(in, header ? header : "X-Twilio-Signature");
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned int n = 0;
	OWN(buffer) struct buffer text = { 0 };
	int r = given ? twilio_signed_text(in, &text) : E_DENIED;
	if (!r && !HMAC(EVP_sha1(), secret, (int)strlen(secret), (const unsigned char *)buffer_text(&text), buffer_left(&text), mac, &n))
		r = E_NOMEM;
	if (r)
		return r;
	OWN(mem) char *expected = base64(mac, n);
	if (!expected)
		return E_NOMEM;
	return same(given, expected) ? 0 : E_DENIED;
}

int signature_check(const struct signature_plan *p, const char *secret, const struct received *in, int64_t *ret_skew_s)
{
	if (p->kind != SIGNATURE_NONE && (!secret || !*secret))
		return E_DENIED;
	switch (p->kind) {
	case SIGNATURE_NONE:
		return 0;
	case SIGNATURE_BASIC:
		return check_basic(secret, in);
	case SIGNATURE_HMAC_SHA256_BODY:
	case SIGNATURE_HMAC_SHA256_TIMESTAMP:
		return check_hmac(p, secret, in, ret_skew_s);
	case SIGNATURE_ED25519_TIMESTAMP:
		return check_ed25519(p, secret, in, ret_skew_s);
	case SIGNATURE_TWILIO:
		return check_twilio(secret, p->header, in);
	case SIGNATURE_MD5_FIELDS:
	case SIGNATURE_SHA1_FIELDS:
	case SIGNATURE_SHA256_FIELDS:
	case SIGNATURE_VONAGE_MD5:
	case SIGNATURE_VONAGE_SHA256:
		return check_fields(p, secret, in, ret_skew_s);
	}
	return E_DENIED;
}
