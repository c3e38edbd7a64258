/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages become requests by a provider's profile. Called by drivers/http and by the terminal's dry run. Pure: no I/O, no
 * clock, no state; every value is checked for the place where it goes. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "config/provider_profile.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"

/* What is written out for one request; the values point into it. */
struct written {
	char parts[16], national[32], validity_s[24], now[24], now_ms[24], now_iso[32], now_http[40];
	struct buffer recipients, parameters, auth;
};

void provider_request_done(struct provider_request *r)
{
	buffer_done(&r->path);
	buffer_done(&r->headers);
	buffer_done(&r->body);
	*r = (struct provider_request){ 0 };
}

static int refuse(struct provider_refusal *why, const char *rule, const char *fault)
{
	*why = (struct provider_refusal){ .rule = rule, .fault = fault };
	return E_REFUSED;
}

static void written_done(struct written *w)
{
	if (w->auth.data)
		explicit_bzero(w->auth.data, w->auth.n_bytes);
	buffer_done(&w->auth);
	buffer_done(&w->recipients);
	buffer_done(&w->parameters);
}

/* "+84912345678" → "0912345678"; NULL for a number of another country. */
static const char *national(const struct profile *f, const char *digits, char *out, size_t room)
{
	size_t n = strlen(f->country_code);
	if (strncmp(digits, f->country_code, n) || strlen(digits) > 20)
		return NULL;
	snprintf(out, room, "%s%s", f->trunk, digits + n);
	return out;
}

static void set_clock(struct stencil_values *v, int64_t now_ms, struct written *w)
{
	time_t now_s = (time_t)(now_ms / 1000);
	struct tm tm;
	gmtime_r(&now_s, &tm);
	snprintf(w->now, sizeof(w->now), "%lld", (long long)now_s);
	snprintf(w->now_ms, sizeof(w->now_ms), "%lld", (long long)now_ms);
	strftime(w->now_iso, sizeof(w->now_iso), "%Y-%m-%dT%H:%M:%SZ", &tm);
	strftime(w->now_http, sizeof(w->now_http), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	v->value[HOLE_NOW] = w->now;
	v->value[HOLE_NOW_MS] = w->now_ms;
	v->value[HOLE_NOW_ISO] = w->now_iso;
	v->value[HOLE_NOW_HTTP] = w->now_http;
}

static void set_recipient(const struct profile *f, struct stencil_values *v, const struct provider_message *m, struct written *w)
{
	const char *digits = m->to[0] == '+' ? m->to + 1 : m->to;
	v->value[HOLE_TO] = m->to;
	v->value[HOLE_TO_DIGITS] = digits;
	v->value[HOLE_TO_NATIONAL] = national(f, digits, w->national, sizeof(w->national));
	v->value[HOLE_KEY] = m->key;
	v->value[HOLE_ATTEMPT] = m->attempt;
}

static void set_message(const struct profile *f, struct stencil_values *v, const struct provider_message *m, struct written *w)
{
	set_recipient(f, v, m, w);
	set_clock(v, m->now_ms, w);
	snprintf(w->parts, sizeof(w->parts), "%d", m->parts);
	snprintf(w->validity_s, sizeof(w->validity_s), "%lld", (long long)m->validity_s);
	v->value[HOLE_TEXT] = m->text;
	v->value[HOLE_SENDER] = m->sender ? m->sender : "";
	v->value[HOLE_PARTS] = w->parts;
	v->value[HOLE_UNICODE] = m->unicode ? "1" : "0";
	v->value[HOLE_RECEIPT_URL] = m->receipt_url ? m->receipt_url : "";
	v->value[HOLE_VALIDITY_S] = w->validity_s;
	v->value[HOLE_REFERENCE] = m->reference ? m->reference : "";
}

/* ---- lists ---- */

static int put_recipients(const struct profile *f, const struct stencil_values *values, const struct provider_message *m, size_t n,
			  struct written *w, struct provider_refusal *why)
{
	struct stencil_values v = *values;
	int r = buffer_puts(&w->recipients, "");
	for (size_t i = 0; !r && i < n; i++) {
		set_recipient(f, &v, &m[i], w);
		r = i ? buffer_puts(&w->recipients, f->separator) : 0;
		r = r ? r : request_fill(&f->recipient, &v, STENCIL_OPEN, &w->recipients, why);
	}
	if (!r && buffer_left(&w->recipients) > STENCIL_BYTES_MAX)
		return refuse(why, "too_big", "message");
	return r;
}

static int put_parameters(const struct profile *f, const struct wording_match *match, struct stencil_values *values, struct written *w,
			  struct provider_refusal *why)
{
	struct stencil_values v = { .secrets = values->secrets };
	int r = buffer_puts(&w->parameters, "");
	for (int i = 0; !r && i < match->n_parameters; i++) {
		char number[16];
		snprintf(number, sizeof(number), "%d", i + 1);
		v.value[HOLE_NUMBER] = number;
		v.value[HOLE_VALUE] = match->parameters[i];
		r = i ? buffer_puts(&w->parameters, f->separator) : 0;
		r = r ? r : request_fill(&f->parameter, &v, STENCIL_OPEN, &w->parameters, why);
	}
	values->value[HOLE_TEMPLATE] = match->wording->id;
	values->value[HOLE_PARAMETERS] = buffer_text(&w->parameters);
	return r;
}

static int put_wording(const struct profile *f, const char *text, struct stencil_values *v, struct written *w, struct provider_refusal *why)
{
	struct wording_match match = { 0 };
	if (!f->templates.n)
		return 0;
	int r = wordings_match(&f->templates, text, &match);
	r = r == E_NOT_FOUND ? refuse(why, "no_template", "message") : r ? r : put_parameters(f, &match, v, w, why);
	wording_match_done(&match);
	return r;
}

static int put_auth(const struct profile *f, const char *token, int64_t now_ms, struct stencil_values *v, struct written *w,
		    struct provider_refusal *why)
{
	if (f->auth.kind == CREDENTIAL_TOKEN) {
		v->value[HOLE_AUTH] = token;
		return token ? 0 : refuse(why, "no_token", "channel");
	}
	int r = credential_put(&f->auth, v, now_ms / 1000, &w->auth, why);
	v->value[HOLE_AUTH] = buffer_text(&w->auth);
	return r;
}

/* ---- messages ---- */

static bool is_too_long(const struct profile *f, const struct provider_message *m)
{
	const struct provider_limits *limits = &f->limits[m->unicode ? PROVIDER_UNICODE : PROVIDER_PLAIN];
	size_t n = text_chars(m->text);
	return (f->max_characters && n > (size_t)f->max_characters) || (limits->n && n > (size_t)limits->upto[limits->n - 1]);
}

static int finish(const struct request_plan *plan, const struct stencil_values *v, struct provider_request *ret,
		  struct provider_refusal *why)
{
	ret->method = plan->method;
	ret->timeout_s = plan->timeout_s;
	return request_plan_fill(plan, v, ret, why);
}

int provider_requests(const struct provider *p, const struct provider_message *m, size_t n, const json_t *secrets,
		      struct provider_request *ret, struct provider_refusal *ret_why)
{
	const struct profile *f = &p->profile;
	struct stencil_values v = { .secrets = secrets };
	struct written w = { 0 };
	if (m->unicode && !f->unicode)
		return refuse(ret_why, "unicode", "message");
	if (is_too_long(f, m))
		return refuse(ret_why, "too_long", "message");
	set_message(f, &v, m, &w);
	int r = put_wording(f, m->text, &v, &w, ret_why);
	if (!r && f->recipient.n_pieces)
		r = put_recipients(f, &v, m, n, &w, ret_why);
	set_message(f, &v, m, &w);
	v.value[HOLE_RECIPIENTS] = buffer_text(&w.recipients);
	r = r ? r : put_auth(f, m->token, m->now_ms, &v, &w, ret_why);
	r = r ? r : finish(&f->submit, &v, ret, ret_why);
	written_done(&w);
	return r;
}

int provider_request(const struct provider *p, const struct provider_message *m, const json_t *secrets, struct provider_request *ret,
		     struct provider_refusal *ret_why)
{
	return provider_requests(p, m, 1, secrets, ret, ret_why);
}

/* ---- questions ---- */

int provider_token_request(const struct provider *p, const json_t *secrets, int64_t now_ms, struct provider_request *ret,
			   struct provider_refusal *ret_why)
{
	struct stencil_values v = { .secrets = secrets };
	struct written w = { 0 };
	set_clock(&v, now_ms, &w);
	return finish(&p->profile.auth.request, &v, ret, ret_why);
}

int provider_lookup_request(const struct provider *p, const struct provider_message *m, const json_t *secrets,
			    struct provider_request *ret, struct provider_refusal *ret_why)
{
	const struct profile *f = &p->profile;
	struct stencil_values v = { .secrets = secrets };
	struct written w = { 0 };
	set_message(f, &v, m, &w);
	int r = put_auth(f, m->token, m->now_ms, &v, &w, ret_why);
	r = r ? r : finish(&f->lookup.request, &v, ret, ret_why);
	written_done(&w);
	return r;
}

int provider_balance_request(const struct provider *p, const json_t *secrets, const char *token, int64_t now_ms,
			     struct provider_request *ret, struct provider_refusal *ret_why)
{
	const struct profile *f = &p->profile;
	struct stencil_values v = { .secrets = secrets };
	struct written w = { 0 };
	set_clock(&v, now_ms, &w);
	int r = put_auth(f, token, now_ms, &v, &w, ret_why);
	r = r ? r : finish(&f->balance.request, &v, ret, ret_why);
	written_done(&w);
	return r;
}
