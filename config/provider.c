/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A provider's profile: what it says, and callbacks by it. Called by drivers/http and console/web. Pure: the one read of
 * the profile file apart, no I/O, no clock, no state. */
#include "config/provider.h"

#include <stdlib.h>
#include <string.h>

#include "config/events.h"
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

bool provider_charges_vnd(const struct provider *p)
{
	return p->profile.vnd;
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
	missing = missing ? missing : stencil_missing_secret(&f->recipient, secrets);
	missing = missing ? missing : stencil_missing_secret(&f->parameter, secrets);
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

void provider_event_done(struct provider_event *e)
{
	provider_inbound_done(&e->inbound);
	provider_receipt_done(&e->receipt);
	free(MOVE(e->malformed));
}

void provider_events_done(struct provider_events *e)
{
	for (size_t i = 0; i < e->n; i++)
		provider_event_done(&e->at[i]);
	free(e->at);
	*e = (struct provider_events){ 0 };
}

int provider_events(const struct provider *p, bool is_receipt, const struct received *in, struct provider_events *ret, const char **ret_why)
{
	return events_read(&p->profile.inbound, &p->profile.receipt, is_receipt, in, ret, ret_why);
}

int provider_inbound(const struct provider *p, const struct received *in, struct provider_inbound *ret)
{
	struct provider_events events = { 0 };
	const char *why;
	int r = provider_events(p, false, in, &events, &why);
	if (!r && (events.n != 1 || events.at[0].is_receipt))
		r = E_INVALID;
	if (!r) {
		*ret = events.at[0].inbound;
		events.at[0].inbound = (struct provider_inbound){ 0 };
	}
	provider_events_done(&events);
	return r;
}

int provider_receipt(const struct provider *p, const struct received *in, struct provider_receipt *ret)
{
	struct provider_events events = { 0 };
	const char *why;
	int r = provider_events(p, true, in, &events, &why);
	if (!r && (events.n != 1 || !events.at[0].is_receipt))
		r = E_INVALID;
	if (!r) {
		*ret = events.at[0].receipt;
		events.at[0].receipt = (struct provider_receipt){ 0 };
	}
	provider_events_done(&events);
	return r;
}

const char *provider_inbound_reply(const struct provider *p)
{
	return p->profile.inbound.reply ? p->profile.inbound.reply : "";
}

const char *provider_receipt_reply(const struct provider *p)
{
	return p->profile.receipt.reply ? p->profile.receipt.reply : "";
}

int provider_signature(const struct provider *p, bool is_receipt, const json_t *secrets, const struct received *in, int64_t *ret_skew_s)
{
	const struct signature_plan *plan = &p->profile.signature;
	const json_t *secret = plan->secret ? json_object_get(secrets, plan->secret) : NULL;
	*ret_skew_s = 0;
	if (plan->on && strcmp(plan->on, is_receipt ? "receipt" : "inbound") != 0)
		return 0;
	return signature_check(plan, json_string_value(secret), in, ret_skew_s);
}
