/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which verb a request is, and its arguments. Answers are in relay.c. Called by site.c and upload.c. Never adds an
 * argument that the caller did not give: who the caller is follows from the session beside them. */
#include "console/web/api.h"

#include <stdlib.h>
#include <string.h>

#include "config/fields.h"
#include "console/web/events.h"
#include "console/web/login.h"
#include "console/web/openapi.h"
#include "console/web/relay.h"
#include "console/web/upload.h"
#include "console/web/web.h"
#include "gateway/base/json.h"

#define KEY_CHARS_MAX 200

/* ---- the verb ---- */

static bool is_get(const char *method)
{
	return !strcmp(method, "GET") || !strcmp(method, "HEAD");
}

static bool may_be_asked(const struct verb *v)
{
	return v && (v->kind != VERB_LOCAL || v->remote);
}

static const struct verb *first_of(const struct registry *r, const char *noun, const char *const *names)
{
	for (; *names; names++) {
		const struct verb *v = registry_find(r, noun, *names);
		if (may_be_asked(v))
			return v;
	}
	return NULL;
}

static const struct verb *of_noun(const struct registry *r, bool get, const char *noun)
{
	static const char *const lists[] = { "list", NULL }, *const makes[] = { "new", "add", "send", NULL };
	const struct verb *v = first_of(r, noun, get ? lists : makes);
	return v ? v : registry_find(r, "", noun);
}

static const struct verb *of_two(const struct registry *r, bool get, const char *noun, const char *second, const char **ret_id)
{
	const struct verb *v = registry_find(r, noun, second);
	if (v || !get)
		return v;
	*ret_id = second;
	return registry_find(r, noun, "show");
}

const struct verb *api_verb(const struct registry *r, const char *method, char *const *segments, size_t n, const char **ret_id)
{
	const struct verb *v = NULL;
	*ret_id = NULL;
	if (n == 1)
		v = of_noun(r, is_get(method), segments[0]);
	else if (n == 2)
		v = of_two(r, is_get(method), segments[0], segments[1], ret_id);
	else if (n == 3) {
		v = registry_find(r, segments[0], segments[2]);
		*ret_id = segments[1];
	}
	return may_be_asked(v) ? v : NULL;
}

bool api_is_upload(const struct verb *v)
{
	for (size_t i = 0; v && i < v->n_args; i++)
		if (v->args[i].type == ARG_UPLOAD)
			return true;
	return false;
}

static const struct verb_arg *id_arg(const struct verb *v)
{
	for (size_t i = 0; i < v->n_args; i++)
		if (v->args[i].rank == 1)
			return &v->args[i];
	return NULL;
}

/* ---- arguments ---- */

static int add_id(struct visit *v, json_t *args)
{
	const struct verb_arg *a = id_arg(v->verb);
	if (!v->id)
		return 0;
	const char *name = a ? a->name : "id";
	if (json_object_get(args, name)) {
		visit_problem(v, 400, "malformed", name, "this argument stands in the path and again beside it");
		return E_INVALID;
	}
	bool digits = v->id[0] && strspn(v->id, "0123456789") == strlen(v->id) && strlen(v->id) < 16;
	json_t *value = a && a->type == ARG_INT && digits ? json_integer(strtoll(v->id, NULL, 10)) : json_string(v->id);
	return json_object_set_new(args, name, value) ? E_NOMEM : 0;
}

int api_query_args(struct visit *v, json_t **ret)
{
	struct field *fields = NULL;
	size_t n = 0;
	OWN(json) json_t *args = json_object();
	int r = !args ? E_NOMEM : *v->target.query ? fields_parse(v->target.query, strlen(v->target.query), &fields, &n) : 0;
	if (r == E_INVALID)
		visit_problem(v, 400, "malformed", "", "the query string cannot be read");
	for (size_t i = 0; !r && i < n; i++) {
		if (json_object_get(args, fields[i].name)) {
			visit_problem(v, 400, "malformed", "", "an argument is given twice");
			r = E_INVALID;
		} else {
			r = json_set_str(args, fields[i].name, fields[i].value);
		}
	}
	fields_free(fields, n);
	if (!r)
		r = add_id(v, args);
	if (!r)
		*ret = MOVE(args);
	return r;
}

int api_body_args(struct visit *v, json_t **ret)
{
	OWN(json) json_t *args = NULL;
	const char *text = buffer_text(&v->body);
	size_t n = buffer_left(&v->body), from = 0;
	while (from < n && strchr(" \t\r\n", text[from]) && text[from])
		from++;
	int r = from == n ? (args = json_object()) ? 0 : E_NOMEM : json_parse(text, n, &args);
	if (!r && !json_is_object(args))
		r = E_INVALID;
	if (r == E_INVALID) {
		visit_problem(v, 400, "malformed", "", "the body must be one JSON object");
		return r;
	}
	if (!r)
		r = add_id(v, args);
	if (!r)
		*ret = MOVE(args);
	return r;
}

/* ---- frames ---- */

/* Printable ASCII; only two characters of it need an escape. */
static int put_string(struct buffer *out, const char *text)
{
	int r = buffer_put(out, "\"", 1);
	for (; !r && *text; text++)
		r = *text == '"' || *text == '\\' ? buffer_put(out, (const char[]){ '\\', *text }, 2) : buffer_put(out, text, 1);
	return r ? r : buffer_put(out, "\"", 1);
}

static int put_args(struct buffer *out, const json_t *args)
{
	int r = buffer_puts(out, ",\"args\":");
	if (!r)
		r = json_put_line(out, args);
	if (!r)
		buffer_cut(out, buffer_left(out) - 1);
	return r;
}

static int put_dotted(struct buffer *out, const struct verb *v)
{
	return v->noun[0] ? buffer_printf(out, ",\"verb\":\"%s.%s\"", v->noun, v->name) : buffer_printf(out, ",\"verb\":\"%s\"", v->name);
}

static int put_end(struct visit *v)
{
	struct buffer *out = &v->frame;
	int r = 0;
	if (v->session)
		r = buffer_printf(out, ",\"session\":\"%s\"", v->session);
	if (!r)
		r = buffer_puts(out, "}\n");
	return !r && buffer_left(out) + 64 > FRAME_BYTES_MAX ? E_TOO_BIG : r;
}

int api_command_frame(struct visit *v, const json_t *args)
{
	struct buffer *out = &v->frame;
	buffer_cut(out, 0);
	v->op = "command";
	v->wire = WIRE_CORE;
	v->heard = relay_command;
	int r = put_dotted(out, v->verb);
	if (!r)
		r = put_args(out, args);
	if (!r && v->key) {
		r = buffer_puts(out, ",\"key\":");
		if (!r)
			r = put_string(out, v->key);
	}
	return r ? r : put_end(v);
}

int api_query_frame(struct visit *v, const char *dotted, const json_t *args, bool (*heard)(struct visit *, const char *, size_t))
{
	struct buffer *out = &v->frame;
	buffer_cut(out, 0);
	v->op = "query";
	v->wire = WIRE_QUERY;
	v->heard = heard;
	int r = dotted ? buffer_printf(out, ",\"verb\":\"%s\"", dotted) : put_dotted(out, v->verb);
	if (!r)
		r = put_args(out, args);
	if (!r && v->ticket_text[0]) {
		r = buffer_puts(out, ",\"ticket\":");
		if (!r)
			r = put_string(out, v->ticket_text);
	}
	return r ? r : put_end(v);
}

/* ---- run ---- */

static bool ask(struct visit *v, int r)
{
	if (r && !v->answered)
		visit_problem(v, r == E_TOO_BIG ? 413 : 503, r == E_TOO_BIG ? "too_big" : "unavailable", "",
			      r == E_TOO_BIG ? "the arguments are too large" : "out of memory");
	if (r)
		return true;
	visit_ask(v);
	return false;
}

static bool run_query(struct visit *v)
{
	OWN(json) json_t *args = NULL;
	int r = api_query_args(v, &args);
	return ask(v, r ? r : api_query_frame(v, NULL, args, relay_query));
}

static bool run_command(struct visit *v)
{
	OWN(json) json_t *args = NULL;
	int r = api_body_args(v, &args);
	if (!r)
		r = api_command_frame(v, args);
	buffer_done(&v->body);
	if (!r && v->verb->kind == VERB_DISCLOSURE)
		v->args = MOVE(args);
	return ask(v, r);
}

static bool read_key(struct visit *v)
{
	const char *key = visit_header(v, "Idempotency-Key");
	size_t n = key ? strlen(key) : 0;
	if (!key)
		return true;
	bool good = n > 0 && n <= KEY_CHARS_MAX;
	for (size_t i = 0; i < n; i++)
		good = good && key[i] >= 0x20 && key[i] < 0x7f;
	if (good)
		v->key = strdup(key);
	if (!v->key)
		visit_problem(v, 400, "malformed", "Idempotency-Key", "a key is 1 to 200 printable ASCII characters");
	return v->key != NULL;
}

static bool refuse_method(struct visit *v, const char *allow)
{
	v->allow = allow;
	visit_problem(v, 405, "method", "", "this is asked with another method");
	return true;
}

static bool begin_verb(struct visit *v)
{
	char *const *segments = v->target.segments + 2;
	bool get = is_get(v->method);
	v->verb = api_verb(v->web->registry, v->method, segments, v->target.n - 2, &v->id);
	if (!v->verb) {
		const char *id;
		if (api_verb(v->web->registry, get ? "POST" : "GET", segments, v->target.n - 2, &id))
			return refuse_method(v, get ? "POST" : "GET, HEAD");
		visit_problem(v, 404, "not_found", "", "there is no such noun or verb");
		return true;
	}
	bool query = v->verb->kind == VERB_QUERY || v->verb->kind == VERB_LOCAL;
	if (query != get)
		return refuse_method(v, query ? "GET, HEAD" : "POST");
	if ((!v->verb->anyone && !visit_session(v)) || !read_key(v))
		return true;
	if (login_takes(v))
		return false;
	if (api_is_upload(v->verb)) {
		upload_begin(v);
		return false;
	}
	if (!query && *v->target.query) {
		visit_problem(v, 400, "malformed", "", "the arguments of a command stand in its body");
		return true;
	}
	v->run = query ? run_query : run_command;
	return false;
}

/* A browser of a foreign page has no business with commands. */
static bool is_foreign(struct visit *v)
{
	return !is_get(v->method) && visit_header(v, "Origin") && !login_own_origin(v);
}

bool api_begin(struct visit *v)
{
	const struct target *t = &v->target;
	if (strcmp(v->method, "POST") != 0 && !is_get(v->method))
		return refuse_method(v, "GET, HEAD, POST");
	if (is_foreign(v)) {
		visit_problem(v, 403, "origin", "", "the page that sends this is not this gateway's");
		return true;
	}
	if (t->n == 3 && is_get(v->method) && !strcmp(t->segments[2], "openapi.json"))
		return openapi_answer(v);
	if (t->n == 3 && is_get(v->method) && !strcmp(t->segments[2], "events"))
		return events_begin(v);
	return begin_verb(v);
}
