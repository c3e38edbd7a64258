/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Credentials that are made or fetched. Called by profile.c (reading) and provider.c. Never logs; what it makes is wiped
 * by whoever holds the request. */
#include "config/credential.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#include "config/filter.h"
#include "config/verdict.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"

#define TOKEN_BYTES_MAX 8192
#define CODE_BYTES_MAX 40

/* ---- reading ---- */

static int read_basic(const struct reader *g, struct credential *c)
{
	int r = reader_required(g, "user", &c->user);
	return r ? r : reader_required(g, "password", &c->password);
}

static int read_jwt(const struct reader *g, struct credential *c)
{
	const unsigned allowed = HOLES_CLOCK | HOLE_BIT(HOLE_EXPIRES) | HOLE_BIT(HOLE_ATTEMPT) | HOLE_BIT(HOLE_SECRET);
	OWN(mem) char *header = NULL;
	OWN(mem) char *claims = NULL;
	int r = reader_required(g, "secret", &c->secret);
	r = r ? r : reader_text(g, "header", "{\"alg\":\"HS256\",\"typ\":\"JWT\"}", &header);
	r = r ? r : reader_required(g, "claims", &claims);
	r = r ? r : reader_stencil(g, "header", header, allowed, &c->header);
	return r ? r : reader_stencil(g, "claims", claims, allowed, &c->claims);
}

static int read_token(const struct reader *g, struct credential *c)
{
	int r = request_plan_read(g, HOLES_CLOCK | HOLE_BIT(HOLE_SECRET), &c->request);
	r = r ? r : reader_format(g, false, &c->format);
	r = r ? r : reader_place(g, "token", c->format, true, &c->token);
	r = r ? r : reader_place(g, "expires_s", c->format, false, &c->expires_s);
	return r ? r : reader_place(g, "code", c->format, false, &c->code);
}

int credential_read(const struct reader *top, struct credential *c)
{
	static const char *const keys[] = { "kind", "user", "password", "secret", "header", "claims", "lifetime_s", "format", "token",
					    "expires_s", "code", REQUEST_KEYS, NULL };
	static const char *const kinds[] = { "basic", "jwt_hs256", "token", NULL };
	struct reader g;
	const char *kind = NULL;
	int r = reader_group(top, "auth", false, keys, &g);
	if (r || !g.values)
		return r;
	c->lifetime_s = 3600;
	r = reader_name(&g, "kind", kinds, "must be basic, jwt_hs256 or token", &kind);
	r = r ? r : reader_whole(&g, "lifetime_s", 10, 365 * 86400, &c->lifetime_s);
	if (r)
		return r;
	c->kind = kind == kinds[0] ? CREDENTIAL_BASIC : kind == kinds[1] ? CREDENTIAL_JWT_HS256 : CREDENTIAL_TOKEN;
	return c->kind == CREDENTIAL_BASIC ? read_basic(&g, c) : c->kind == CREDENTIAL_JWT_HS256 ? read_jwt(&g, c) : read_token(&g, c);
}

void credential_done(struct credential *c)
{
	free(c->user);
	free(c->password);
	free(c->secret);
	stencil_done(&c->header);
	stencil_done(&c->claims);
	request_plan_done(&c->request);
	place_done(&c->token);
	place_done(&c->expires_s);
	place_done(&c->code);
	*c = (struct credential){ 0 };
}

const char *credential_missing_secret(const struct credential *c, const json_t *secrets)
{
	const char *const names[] = { c->user, c->password, c->secret };
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (names[i] && !json_str(secrets, names[i], NULL))
			return names[i];
	const char *missing = stencil_missing_secret(&c->header, secrets);
	missing = missing ? missing : stencil_missing_secret(&c->claims, secrets);
	return missing ? missing : request_plan_missing_secret(&c->request, secrets);
}

/* ---- making ---- */

static int no_secret(struct provider_refusal *why)
{
	*why = (struct provider_refusal){ .rule = "no_secret", .fault = "channel" };
	return E_REFUSED;
}

static int put_basic(const struct credential *c, const json_t *secrets, struct buffer *out, struct provider_refusal *why)
{
	const char *user = json_str(secrets, c->user, NULL), *password = json_str(secrets, c->password, NULL);
	struct buffer both = { 0 };
	if (!user || !password)
		return no_secret(why);
	int r = buffer_printf(&both, "%s:%s", user, password);
	r = r ? r : filter_put_base64(out, buffer_text(&both), buffer_left(&both));
	if (both.data)
		explicit_bzero(both.data, both.n_bytes);
	buffer_done(&both);
	return r;
}

/* Appends the template's text in base64url. */
static int put_part(const struct stencil *s, const struct stencil_values *v, struct buffer *out, struct provider_refusal *why)
{
	struct buffer text = { 0 };
	int r = request_fill(s, v, STENCIL_OPEN, &text, why);
	r = r ? r : filter_put_base64url(out, buffer_text(&text), buffer_left(&text));
	buffer_done(&text);
	return r;
}

/* RFC 7515 §7.1, RFC 7518 §3.2. */
static int put_jwt(const struct credential *c, const struct stencil_values *values, int64_t now_s, struct buffer *out,
		   struct provider_refusal *why)
{
	char expires[24];
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned int n = 0;
	struct stencil_values v = *values;
	const char *key = json_str(v.secrets, c->secret, NULL);
	size_t from = buffer_left(out);
	if (!key)
		return no_secret(why);
	snprintf(expires, sizeof(expires), "%lld", (long long)(now_s + c->lifetime_s));
	v.value[HOLE_EXPIRES] = expires;
	int r = put_part(&c->header, &v, out, why);
	r = r ? r : buffer_puts(out, ".");
	r = r ? r : put_part(&c->claims, &v, out, why);
	if (r)
		return r;
	if (!HMAC(EVP_sha256(), key, (int)strlen(key), (const unsigned char *)buffer_text(out) + from, buffer_left(out) - from, mac, &n))
		return E_NOMEM;
	r = buffer_puts(out, ".");
	return r ? r : filter_put_base64url(out, mac, n);
}

int credential_put(const struct credential *c, const struct stencil_values *v, int64_t now_s, struct buffer *out,
		   struct provider_refusal *ret_why)
{
	switch (c->kind) {
	case CREDENTIAL_BASIC:
		return put_basic(c, v->secrets, out, ret_why);
	case CREDENTIAL_JWT_HS256:
		return put_jwt(c, v, now_s, out, ret_why);
	case CREDENTIAL_NONE:
	case CREDENTIAL_TOKEN:
		break;
	}
	return 0;
}

/* ---- fetching ---- */

/* Seconds from now, or a moment in Unix seconds or milliseconds. */
static int64_t lifetime_of(const struct credential *c, const char *said, int64_t now_s)
{
	char *end = NULL;
	double number = said ? strtod(said, &end) : 0;
	if (!said || end == said || *end)
		return c->lifetime_s;
	if (number > 1e12)
		number /= 1000;
	if (number > 1e9)
		number -= (double)now_s;
	return number < 1 ? 1 : number > 365.0 * 86400 ? 365 * 86400 : (int64_t)number;
}

static int read_answer(const struct credential *c, const struct document *d, const struct received *in, struct provider_token *t)
{
	OWN(mem) char *expires = NULL;
	int r = document_get(d, in, &c->token, &t->token);
	if (!r && c->expires_s.kind != PLACE_NONE)
		r = document_get(d, in, &c->expires_s, &expires) == E_NOMEM ? E_NOMEM : 0;
	t->lifetime_s = lifetime_of(c, expires, in->now_ms / 1000);
	return r;
}

/* Which of status, code and place was wrong: what to look at differs. The caller's; NULL without memory. */
static char *detail_of(const struct credential *c, const struct received *in, const json_t *secrets)
{
	struct document *d = NULL;
	OWN(mem) char *code = NULL;
	char *out = NULL;
	int r = document_new(c->format, in, &d);
	bool read = !r;
	if (c->code.kind != PLACE_NONE && document_get(d, in, &c->code, &code) == 0 && verdict_is_token(code, CODE_BYTES_MAX)) {
		verdict_hide(code, secrets);
		verdict_mask(code);
	} else {
		free(MOVE(code));
	}
	document_free(d);
	const char *absent = in->status < 200 || in->status > 299 ? "" : read ? ", and no token at its place" : ", and not in the format of the profile";
	return asprintf(&out, "the provider gives no token: HTTP %d%s%s%s", in->status, absent, code ? ", code " : "", code ? code : "") < 0 ? NULL : out;
}

int credential_answer(const struct credential *c, const struct received *in, const json_t *secrets, struct provider_token *ret)
{
	struct provider_token t = { .outcome = "not_sent" };
	struct document *d = NULL;
	bool good = in->status >= 200 && in->status <= 299;
	int r = good ? document_new(c->format, in, &d) : E_INVALID;
	bool read = !r;
	r = r ? r : read_answer(c, d, in, &t);
	document_free(d);
	if (!r && verdict_is_token(t.token, TOKEN_BYTES_MAX)) {
		t.outcome = "accepted";
	} else {
		free(MOVE(t.token));
		/* what it said plainly needs a person; a page of a broken proxy does not */
		if (read || (in->status >= 400 && in->status <= 403))
			t.outcome = "refused";
		t.detail = detail_of(c, in, secrets);
		r = r == E_NOMEM || !t.detail ? E_NOMEM : 0;
	}
	if (r)
		return r;
	*ret = t;
	return 0;
}
