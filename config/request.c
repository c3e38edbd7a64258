/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads and fills the requests of a profile. Called by profile.c, credential.c and provider.c. No I/O, no state. */
#include "config/request.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "gateway/base/own.h"

/* ---- reading ---- */

/* Where a request ends is said by whoever sends it: another length would cut the message. */
static bool is_framing(const char *name, size_t n)
{
	static const char *const names[] = { "Content-Length", "Transfer-Encoding", "Connection", "Expect" };
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (n == strlen(names[i]) && !strncasecmp(name, names[i], n))
			return true;
	return false;
}

static int read_headers(const struct reader *g, unsigned allowed, struct request_plan *p)
{
	size_t n;
	int r = reader_list(g, "headers", false, &n);
	if (r || !n)
		return r;
	p->headers = calloc(n, sizeof(*p->headers));
	if (!p->headers)
		return E_NOMEM;
	for (size_t i = 0; i < n; i++) {
		const char *text = json_string_value(json_array_get(json_object_get(g->values, "headers"), i));
		const char *colon = text ? strchr(text, ':') : NULL;
		if (!colon || colon == text || strpbrk(text, "\r\n") || strcspn(text, " {") < (size_t)(colon - text))
			return reader_wrong(g, "headers", "header", "must hold texts \"Name: value\"");
		if (is_framing(text, (size_t)(colon - text)))
			return reader_wrong(g, "headers", "header", "must not hold Content-Length, Transfer-Encoding, Connection or Expect");
		r = reader_stencil(g, "headers", text, allowed | HOLES_FINISHED, &p->headers[i]);
		if (r)
			return r;
		p->n_headers++;
	}
	return 0;
}

static int read_method(const struct reader *g, struct request_plan *p)
{
	static const char *const known[] = { "GET", "POST", "PUT" };
	int r = reader_text(g, "method", "POST", &p->method);
	for (size_t i = 0; !r && i < COUNT_OF(known); i++)
		if (!strcmp(p->method, known[i]))
			return 0;
	return r ? r : reader_wrong(g, "method", "unknown_value", "must be GET, POST or PUT");
}

static int read_templates(const struct reader *g, unsigned allowed, struct request_plan *p)
{
	OWN(mem) char *path = NULL;
	OWN(mem) char *body = NULL;
	OWN(mem) char *sign = NULL;
	int r = reader_text(g, "path", "", &path);
	r = r ? r : reader_text(g, "body", "", &body);
	r = r ? r : reader_text(g, "sign", "", &sign);
	if (r)
		return r;
	if (*path && *path != '/' && *path != '?')
		return reader_wrong(g, "path", "path", "must begin with /");
	if (strpbrk(path, " \r\n\t#"))
		return reader_wrong(g, "path", "path", "has a space, # or control character");
	if (*body && !strcmp(p->method, "GET"))
		return reader_wrong(g, "body", "body", "has no place in a GET request");
	/* the sign may stand in what it does not sign */
	r = reader_stencil(g, "sign", sign, allowed | HOLE_BIT(HOLE_PATH) | HOLE_BIT(HOLE_BODY), &p->sign);
	unsigned in_path = p->sign.holes & (HOLE_BIT(HOLE_PATH) | HOLE_BIT(HOLE_BODY)) ? 0 : HOLE_BIT(HOLE_SIGN);
	unsigned in_body = p->sign.holes & HOLE_BIT(HOLE_BODY) ? 0 : HOLE_BIT(HOLE_SIGN);
	r = r ? r : reader_stencil(g, "path", path, allowed | in_path, &p->path);
	return r ? r : reader_stencil(g, "body", body, allowed | in_body, &p->body);
}

int request_plan_read(const struct reader *g, unsigned allowed, struct request_plan *p)
{
	p->there = true;
	p->timeout_s = 30;
	int r = read_method(g, p);
	r = r ? r : reader_number(g, "timeout_s", 0.1, 600, &p->timeout_s);
	r = r ? r : reader_text(g, "content_type", NULL, &p->content_type);
	if (!r && p->content_type && strpbrk(p->content_type, "\r\n"))
		r = reader_wrong(g, "content_type", "header", "has a line break");
	r = r ? r : read_headers(g, allowed, p);
	return r ? r : read_templates(g, allowed, p);
}

void request_plan_done(struct request_plan *p)
{
	free(p->method);
	free(p->content_type);
	stencil_done(&p->path);
	stencil_done(&p->body);
	stencil_done(&p->sign);
	for (size_t i = 0; i < p->n_headers; i++)
		stencil_done(&p->headers[i]);
	free(p->headers);
	*p = (struct request_plan){ 0 };
}

unsigned request_plan_holes(const struct request_plan *p)
{
	unsigned holes = p->path.holes | p->body.holes | p->sign.holes;
	for (size_t i = 0; i < p->n_headers; i++)
		holes |= p->headers[i].holes;
	return holes;
}

const char *request_plan_missing_secret(const struct request_plan *p, const json_t *secrets)
{
	const char *missing = stencil_missing_secret(&p->path, secrets);
	missing = missing ? missing : stencil_missing_secret(&p->body, secrets);
	missing = missing ? missing : stencil_missing_secret(&p->sign, secrets);
	for (size_t i = 0; !missing && i < p->n_headers; i++)
		missing = stencil_missing_secret(&p->headers[i], secrets);
	return missing;
}

/* ---- filling ---- */

static int refuse(struct provider_refusal *why, const char *rule, const char *fault)
{
	*why = (struct provider_refusal){ .rule = rule, .fault = fault };
	return E_REFUSED;
}

int request_fill(const struct stencil *s, const struct stencil_values *v, enum stencil_place place, struct buffer *out,
		 struct provider_refusal *ret_why)
{
	const char *rule = NULL;
	int r = stencil_fill(s, v, place, out, &rule);
	if (r != E_INVALID)
		return r;
	if (!strcmp(rule, "no_value"))
		rule = "not_national"; /* the one value that a message may lack */
	return refuse(ret_why, rule, !strcmp(rule, "no_secret") ? "channel" : "message");
}

static int put_header(const struct stencil *s, const struct stencil_values *v, struct provider_request *out,
		      struct provider_refusal *why)
{
	size_t from = buffer_left(&out->headers);
	int r = request_fill(s, v, STENCIL_HEADER, &out->headers, why);
	if (r)
		return r;
	for (const char *c = buffer_text(&out->headers) + from; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7F)
			return refuse(why, "unsafe_value", "message");
	out->n_headers++;
	return buffer_put(&out->headers, "", 1);
}

static int put_content_type(const struct request_plan *p, struct provider_request *out)
{
	if (!p->content_type)
		return 0;
	int r = buffer_printf(&out->headers, "Content-Type: %s", p->content_type);
	out->n_headers++;
	return r ? r : buffer_put(&out->headers, "", 1);
}

static int put_sign(const struct request_plan *p, struct stencil_values *v, struct buffer *sign, struct provider_refusal *why)
{
	int r = request_fill(&p->sign, v, STENCIL_SIGN, sign, why);
	v->value[HOLE_SIGN] = buffer_text(sign);
	return r;
}

int request_plan_fill(const struct request_plan *p, const struct stencil_values *values, struct provider_request *ret,
		      struct provider_refusal *ret_why)
{
	struct stencil_values v = *values;
	struct buffer sign = { 0 };
	buffer_cut(&ret->path, 0);
	buffer_cut(&ret->body, 0);
	buffer_cut(&ret->headers, 0);
	ret->n_headers = 0;
	bool first = !(p->sign.holes & (HOLE_BIT(HOLE_PATH) | HOLE_BIT(HOLE_BODY))), last = p->sign.holes & HOLE_BIT(HOLE_BODY);
	int r = first ? put_sign(p, &v, &sign, ret_why) : 0;
	r = r ? r : request_fill(&p->path, &v, STENCIL_OPEN, &ret->path, ret_why);
	v.value[HOLE_PATH] = buffer_text(&ret->path);
	r = r || first || last ? r : put_sign(p, &v, &sign, ret_why);
	r = r ? r : request_fill(&p->body, &v, STENCIL_OPEN, &ret->body, ret_why);
	v.value[HOLE_BODY] = buffer_text(&ret->body);
	r = r || !last ? r : put_sign(p, &v, &sign, ret_why);
	for (size_t i = 0; !r && i < p->n_headers; i++)
		r = put_header(&p->headers[i], &v, ret, ret_why);
	buffer_done(&sign);
	return r ? r : put_content_type(p, ret);
}
