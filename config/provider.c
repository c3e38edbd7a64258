/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A provider's profile: what it says, and callbacks by it. Called by drivers/http and console/web. Pure: the one read of
 * the profile file apart, no I/O, no clock, no state. */
#include "config/provider.h"

#include <stdlib.h>
#include <string.h>

#include "config/provider_profile.h"
#include "gateway/base/own.h"


int provider_load(const char *file, struct provider **ret, struct complaint *c)
{
	struct provider *p = calloc(1, sizeof(*p));
	if (!p)
		return E_NOMEM;
	int r = profile_read(file, &p->profile, c);
	if (r) {
		free(p);
		return r;
	}
	*ret = p;
	return 0;
}

void provider_free(struct provider *p)
{
	if (!p)
		return;
	profile_done(&p->profile);
	free(p);
}

const char *provider_name(const struct provider *p)
{
	return p->profile.name;
}

const char *provider_method(const struct provider *p)
{
	return p->profile.submit.method;
}

bool provider_idempotent(const struct provider *p)
{
	return p->profile.idempotent;
}

int provider_lifetime_h(const struct provider *p)
{
	return p->profile.lifetime_h;
}

double provider_timeout_s(const struct provider *p)
{
	return p->profile.submit.timeout_s;
}

const struct provider_limits *provider_limits(const struct provider *p, enum provider_text kind)
{
	return &p->profile.limits[kind];
}

bool provider_unicode(const struct provider *p)
{
	return p->profile.unicode;
}

int provider_max_characters(const struct provider *p)
{
	return p->profile.max_characters;
}

bool provider_takes_text(const struct provider *p, const char *text)
{
	struct wording_match m = { 0 };
	bool takes = !p->profile.templates.n || !wordings_match(&p->profile.templates, text, &m);
	wording_match_done(&m);
	return takes;
}

int provider_batch(const struct provider *p)
{
	return p->profile.batch;
}

bool provider_needs_token(const struct provider *p)
{
	return p->profile.auth.kind == CREDENTIAL_TOKEN;
}

bool provider_has_lookup(const struct provider *p)
{
	return p->profile.lookup.request.there;
}

int provider_lookup_after_s(const struct provider *p, int n)
{
	return provider_has_lookup(p) && n < p->profile.lookup.n ? p->profile.lookup.after_s[n] : -1;
}

bool provider_has_balance(const struct provider *p)
{
	return p->profile.balance.request.there;
}

bool provider_has_inbound(const struct provider *p)
{
	return p->profile.inbound.there;
}

bool provider_has_receipt(const struct provider *p)
{
	return p->profile.receipt.there;
}

bool provider_path_fixed(const struct provider *p)
{
	return p->profile.submit.path.fixed;
}

bool provider_headers_fixed(const struct provider *p)
{
	for (size_t i = 0; i < p->profile.submit.n_headers; i++)
		if (!p->profile.submit.headers[i].fixed)
			return false;
	return true;
}

const char *provider_missing_secret(const struct provider *p, const json_t *secrets)
{
	const struct profile *f = &p->profile;
	const struct request_plan *const requests[] = { &f->submit, &f->lookup.request, &f->balance.request };
	const char *missing = credential_missing_secret(&f->auth, secrets);
	for (size_t i = 0; !missing && i < COUNT_OF(requests); i++)
		missing = request_plan_missing_secret(requests[i], secrets);
	if (!missing && f->signature.secret && !json_is_string(json_object_get(secrets, f->signature.secret)))
		missing = f->signature.secret;
	return missing;
}

/* ---- callbacks ---- */

void provider_inbound_done(struct provider_inbound *i)
{
	free(i->id);
	free(i->from);
	free(i->to);
	free(i->text);
	*i = (struct provider_inbound){ 0 };
}

void provider_receipt_done(struct provider_receipt *r)
{
	free(r->reference);
	free(r->code);
	free(r->to);
	*r = (struct provider_receipt){ 0 };
}

/* A value that must be there and be one line. */
static int get_token(const struct document *d, const struct received *in, const struct place *at, char **ret)
{
	OWN(mem) char *value = NULL;
	int r = document_get(d, in, at, &value);
	if (r)
		return r == E_NOMEM ? r : E_INVALID;
	if (!verdict_is_token(value, VERDICT_ID_BYTES_MAX))
		return E_INVALID;
	*ret = MOVE(value);
	return 0;
}

static int find_token(const struct document *d, const struct received *in, const struct place *at, char **ret)
{
	int r = at->kind == PLACE_NONE ? 0 : get_token(d, in, at, ret);
	return r == E_NOMEM ? r : 0;
}

static int read_inbound(const struct profile_callback *c, const struct document *d, const struct received *in,
			struct provider_inbound *out)
{
	int r = get_token(d, in, &c->id, &out->id);
	r = r ? r : get_token(d, in, &c->from, &out->from);
	r = r ? r : find_token(d, in, &c->to, &out->to);
	r = r ? r : document_get(d, in, &c->text, &out->text);
	return r == E_NOT_FOUND ? E_INVALID : r;
}

int provider_inbound(const struct provider *p, const struct received *in, struct provider_inbound *ret)
{
	const struct profile_callback *c = &p->profile.inbound;
	struct document *d = NULL;
	struct provider_inbound out = { 0 };
	if (!c->there)
		return E_NOT_FOUND;
	int r = document_new(c->format, in, &d);
	r = r ? r : read_inbound(c, d, in, &out);
	document_free(d);
	if (r) {
		provider_inbound_done(&out);
		return r;
	}
	*ret = out;
	return 0;
}

static const char *receipt_status(const struct profile_callback *c, const char *word)
{
	for (size_t i = 0; i < c->n_map; i++)
		if (!strcmp(c->map[i].value, word))
			return c->map[i].status;
	return "buffered"; /* an unknown word proves nothing */
}

static int read_receipt(const struct profile_callback *c, const struct document *d, const struct received *in,
			struct provider_receipt *out)
{
	OWN(mem) char *word = NULL;
	int r = get_token(d, in, &c->id, &out->reference);
	r = r ? r : get_token(d, in, &c->status, &word);
	r = r ? r : find_token(d, in, &c->to, &out->to);
	r = r ? r : find_token(d, in, &c->code, &out->code);
	if (r)
		return r;
	out->status = receipt_status(c, word);
	if (!out->code)
		out->code = MOVE(word);
	return 0;
}

int provider_receipt(const struct provider *p, const struct received *in, struct provider_receipt *ret)
{
	const struct profile_callback *c = &p->profile.receipt;
	struct document *d = NULL;
	struct provider_receipt out = { 0 };
	if (!c->there)
		return E_NOT_FOUND;
	int r = document_new(c->format, in, &d);
	r = r ? r : read_receipt(c, d, in, &out);
	document_free(d);
	if (r) {
		provider_receipt_done(&out);
		return r;
	}
	*ret = out;
	return 0;
}

const char *provider_inbound_reply(const struct provider *p)
{
	return p->profile.inbound.reply ? p->profile.inbound.reply : "";
}

const char *provider_receipt_reply(const struct provider *p)
{
	return p->profile.receipt.reply ? p->profile.receipt.reply : "";
}

int provider_signature(const struct provider *p, const json_t *secrets, const struct received *in)
{
	const struct profile *f = &p->profile;
	const json_t *secret = f->signature.secret ? json_object_get(secrets, f->signature.secret) : NULL;
	return signature_check(f->signature.kind, json_string_value(secret), f->signature.header, in);
}
