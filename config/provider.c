/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests, answers and callbacks by a provider's profile. Called by drivers/http and console/web. Pure: the one read of
 * the profile file apart, no I/O, no clock, no state. */
#include "config/provider.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "config/profile.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"

#define ID_BYTES_MAX 255
#define CODE_BYTES_MAX 64
#define RETRY_AFTER_MAX_S 86400

struct provider {
	struct profile profile;
};

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
	const char *missing = stencil_missing_secret(&f->submit.path, secrets);
	missing = missing ? missing : stencil_missing_secret(&f->submit.body, secrets);
	for (size_t i = 0; !missing && i < f->submit.n_headers; i++)
		missing = stencil_missing_secret(&f->submit.headers[i], secrets);
	if (!missing && f->signature.secret && !json_is_string(json_object_get(secrets, f->signature.secret)))
		missing = f->signature.secret;
	return missing;
}

/* ---- requests ---- */

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

static int fill(const struct stencil *s, const struct stencil_values *v, bool in_header, struct buffer *out,
		struct provider_refusal *why)
{
	const char *rule = NULL;
	int r = stencil_fill(s, v, in_header, out, &rule);
	if (r != E_INVALID)
		return r;
	if (!strcmp(rule, "no_value"))
		rule = "not_national"; /* the one value that a message may lack */
	return refuse(why, rule, !strcmp(rule, "no_secret") ? "channel" : "message");
}

static int put_header(const struct stencil *s, const struct stencil_values *v, struct provider_request *out,
		      struct provider_refusal *why)
{
	size_t from = buffer_left(&out->headers);
	int r = fill(s, v, true, &out->headers, why);
	if (r)
		return r;
	for (const char *c = buffer_text(&out->headers) + from; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7F)
			return refuse(why, "unsafe_value", "message");
	out->n_headers++;
	return buffer_put(&out->headers, "", 1);
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

static int fill_request(const struct profile *f, const struct stencil_values *v, struct provider_request *out,
			struct provider_refusal *why)
{
	int r = fill(&f->submit.path, v, false, &out->path, why);
	r = r ? r : fill(&f->submit.body, v, false, &out->body, why);
	for (size_t i = 0; !r && i < f->submit.n_headers; i++)
		r = put_header(&f->submit.headers[i], v, out, why);
	if (!r && f->submit.content_type) {
		r = buffer_printf(&out->headers, "Content-Type: %s", f->submit.content_type);
		r = r ? r : buffer_put(&out->headers, "", 1);
		out->n_headers++;
	}
	return r;
}

int provider_request(const struct provider *p, const struct provider_message *m, const json_t *secrets,
		     struct provider_request *ret, struct provider_refusal *ret_why)
{
	const struct profile *f = &p->profile;
	char parts[16], local[32];
	if (m->unicode && !f->unicode)
		return refuse(ret_why, "unicode", "message");
	if (f->max_characters && text_chars(m->text) > (size_t)f->max_characters)
		return refuse(ret_why, "too_long", "message");
	const char *digits = m->to[0] == '+' ? m->to + 1 : m->to;
	snprintf(parts, sizeof(parts), "%d", m->parts);
	struct stencil_values v = {
		.value = {
			[HOLE_TO] = m->to,
			[HOLE_TO_DIGITS] = digits,
			[HOLE_TO_NATIONAL] = national(f, digits, local, sizeof(local)),
			[HOLE_TEXT] = m->text,
			[HOLE_SENDER] = m->sender ? m->sender : "",
			[HOLE_KEY] = m->key,
			[HOLE_ATTEMPT] = m->attempt,
			[HOLE_PARTS] = parts,
			[HOLE_UNICODE] = m->unicode ? "1" : "0",
			[HOLE_RECEIPT_URL] = m->receipt_url ? m->receipt_url : "",
		},
		.secrets = secrets,
	};
	buffer_cut(&ret->path, 0);
	buffer_cut(&ret->body, 0);
	buffer_cut(&ret->headers, 0);
	ret->n_headers = 0;
	return fill_request(f, &v, ret, ret_why);
}

/* ---- answers ---- */

void provider_answer_done(struct provider_answer *a)
{
	free(a->reference);
	free(a->code);
	*a = (struct provider_answer){ 0 };
}

/* One line of visible text: what may become a reference, a code, an id. */
static bool is_token(const char *text, size_t bytes_max)
{
	size_t n = strlen(text);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F)
			return false;
	return n > 0 && n <= bytes_max;
}

static bool matches(const struct profile_rule *rule, const char *value)
{
	if (rule->equals && strcmp(rule->equals, value))
		return false;
	if (!rule->has_matches)
		return true;
	return strlen(value) <= DOCUMENT_TEXT_BYTES && !regexec(&rule->matches, value, 0, NULL, 0);
}

static int rule_holds(const struct profile_rule *rule, const struct document *d, const struct received *in, bool *ret)
{
	*ret = !rule->status_from || (in->status >= rule->status_from && in->status <= rule->status_to);
	if (!*ret || rule->at.kind == PLACE_NONE)
		return 0;
	OWN(mem) char *value = NULL;
	int r = document_get(d, in, &rule->at, &value);
	*ret = !r && matches(rule, value);
	return r == E_NOMEM ? r : 0;
}

static int64_t http_date_s(const char *text)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	return end && !*end ? (int64_t)timegm(&tm) : 0;
}

/* Seconds, a moment in Unix seconds (X-Rate-Limit-Reset) or an HTTP date (RFC 9110 §10.2.3). */
static int64_t retry_after(const char *text, int64_t now_s)
{
	char *end;
	double number = strtod(text, &end);
	double after = 0;
	if (end != text && !*end)
		after = number > 1e9 ? number - (double)now_s : number;
	else if (http_date_s(text))
		after = (double)(http_date_s(text) - now_s);
	if (!(after > 0))
		return 0;
	return after >= RETRY_AFTER_MAX_S ? RETRY_AFTER_MAX_S : (int64_t)(after + 0.999);
}

static int read_retry_after(const struct profile_rule *rule, const struct document *d, const struct received *in,
			    struct provider_answer *a)
{
	OWN(mem) char *value = NULL;
	if (rule->retry_after.kind != PLACE_NONE && document_get(d, in, &rule->retry_after, &value) == E_NOMEM)
		return E_NOMEM;
	if (value)
		a->retry_after_s = retry_after(value, in->now_ms / 1000);
	const char *header = in->status == 429 || in->status == 503 ? received_header(in, "Retry-After") : NULL;
	if (!a->retry_after_s && header)
		a->retry_after_s = retry_after(header, in->now_ms / 1000);
	return 0;
}

static int read_code(const struct profile_rule *rule, const struct document *d, const struct received *in,
		     struct provider_answer *a)
{
	OWN(mem) char *value = NULL;
	if (rule->code.kind != PLACE_NONE && document_get(d, in, &rule->code, &value) == E_NOMEM)
		return E_NOMEM;
	if (value && is_token(value, CODE_BYTES_MAX))
		a->code = MOVE(value);
	else if (in->status < 200 || in->status > 299)
		return asprintf(&a->code, "http:%d", in->status) < 0 ? E_NOMEM : 0;
	return 0;
}

static void doubt(struct provider_answer *a, const char *detail)
{
	a->outcome = "unclear";
	a->detail = detail;
	a->fault = NULL;
}

static int read_reference(const struct profile *f, const struct document *d, const struct received *in,
			  struct provider_answer *a)
{
	OWN(mem) char *id = NULL;
	if (f->answer.id.kind != PLACE_NONE && document_get(d, in, &f->answer.id, &id) == E_NOMEM)
		return E_NOMEM;
	bool good = id && is_token(id, ID_BYTES_MAX);
	if (good)
		a->reference = MOVE(id);
	if (strcmp(a->outcome, "accepted"))
		return 0;
	if (!d)
		doubt(a, "answer cannot be read");
	else if (f->answer.id.kind != PLACE_NONE && !good)
		doubt(a, id ? "provider id is malformed" : "provider id is missing");
	return 0;
}

static int judge(const struct profile *f, const struct document *d, const struct received *in, struct provider_answer *a)
{
	const struct profile_rule *rule = &f->answer.rules[f->answer.n_rules - 1];
	for (size_t i = 0; i < f->answer.n_rules; i++) {
		bool holds;
		int r = rule_holds(&f->answer.rules[i], d, in, &holds);
		if (r)
			return r;
		if (holds) {
			rule = &f->answer.rules[i];
			break;
		}
	}
	a->outcome = rule->outcome;
	a->fault = rule->fault;
	int r = read_reference(f, d, in, a);
	r = r ? r : read_code(rule, d, in, a);
	return r ? r : read_retry_after(rule, d, in, a);
}

int provider_answer(const struct provider *p, const struct received *in, struct provider_answer *ret)
{
	struct document *d = NULL;
	struct provider_answer a = { 0 };
	int r = document_new(p->profile.answer.format, in, &d);
	r = r == E_NOMEM ? r : judge(&p->profile, d, in, &a);
	document_free(d);
	if (r) {
		provider_answer_done(&a);
		return r;
	}
	*ret = a;
	return 0;
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
	if (!is_token(value, ID_BYTES_MAX))
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
