/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks the registry once for each request of the description; nothing is kept. Called by api.c. */
#include "console/web/openapi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/web/api.h"
#include "console/web/relay.h"
#include "console/web/web.h"
#include "gateway/base/json.h"
#include "gateway/shape.h"

/* The registry holds what is taken for a missing argument as it would be typed. */
static json_t *default_of(const struct verb_arg *a)
{
	if (a->type == ARG_INT)
		return json_integer(strtoll(a->otherwise, NULL, 10));
	if (a->type == ARG_FLAG)
		return json_boolean(!strcmp(a->otherwise, "true"));
	return a->type == ARG_NUM ? json_real(strtod(a->otherwise, NULL)) : json_string(a->otherwise);
}

static json_t *schema_of(const struct verb_arg *a)
{
	static const char *const types[] = {
		[ARG_TEXT] = "string",	[ARG_INT] = "integer", [ARG_FLAG] = "boolean",	[ARG_NUM] = "number",  [ARG_TIME] = "string",
		[ARG_PHONE] = "string", [ARG_FILE] = "string", [ARG_UPLOAD] = "string", [ARG_NAME] = "string",
	};
	json_t *s = json_pack("{s:s,s:s}", "type", types[a->type], "description", a->help_en ? a->help_en : "");
	if (a->type == ARG_TIME)
		json_set_str(s, "format", "date-time");
	if (a->type == ARG_INT && a->max > a->min) {
		json_set_int(s, "minimum", a->min);
		json_set_int(s, "maximum", a->max);
	}
	if (a->otherwise)
		json_object_set_new(s, "default", default_of(a));
	if (a->choices) {
		json_t *list = json_array();
		for (const char *const *c = a->choices; *c; c++)
			json_array_append_new(list, json_string(*c));
		json_object_set_new(s, "enum", list);
	}
	return s;
}

/* Calls each for the verb's arguments but the path's; a list's own among them. */
static void each_arg(const struct verb *v, bool without_id, void (*each)(json_t *out, const struct verb_arg *a), json_t *out)
{
	for (size_t i = 0; i < v->n_args; i++)
		if (!(without_id && v->args[i].rank == 1) && v->args[i].type != ARG_UPLOAD)
			each(out, &v->args[i]);
}

static void as_parameter(json_t *out, const struct verb_arg *a)
{
	json_array_append_new(
		out, json_pack("{s:s,s:s,s:b,s:o}", "name", a->name, "in", "query", "required", a->required, "schema", schema_of(a)));
}

static void as_property(json_t *out, const struct verb_arg *a)
{
	json_object_set_new(json_object_get(out, "properties"), a->name, schema_of(a));
	if (a->required)
		json_array_append_new(json_object_get(out, "required"), json_string(a->name));
}

static json_t *body_of(const struct verb *v, bool with_id)
{
	if (api_is_upload(v))
		return json_pack("{s:{s:{s:{s:s,s:s}}}}", "content", "application/octet-stream", "schema", "type", "string", "format",
				 "binary");
	json_t *schema = json_pack("{s:s,s:{},s:[],s:b}", "type", "object", "properties", "required", "additionalProperties", 0);
	each_arg(v, with_id, as_property, schema);
	if (!json_array_size(json_object_get(schema, "required")))
		json_object_del(schema, "required");
	return json_pack("{s:{s:{s:o}}}", "content", "application/json", "schema", schema);
}

static json_t *parameters_of(const struct verb *v, bool with_id)
{
	json_t *list = json_array();
	bool query = (v->kind == VERB_QUERY || v->remote);
	if (with_id)
		json_array_append_new(
			list, json_pack("{s:s,s:s,s:b,s:{s:s}}", "name", "id", "in", "path", "required", 1, "schema", "type", "string"));
	if (query || api_is_upload(v))
		each_arg(v, with_id, as_parameter, list);
	for (size_t i = 0; query && v->list && i < VERB_LIST_ARGS; i++)
		as_parameter(list, &verb_list_args[i]);
	if (!query)
		json_array_append_new(list, json_pack("{s:s,s:s,s:b,s:{s:s}}", "name", "Idempotency-Key", "in", "header", "required", 0,
						      "schema", "type", "string"));
	return list;
}

/* ---- answers ---- */

static json_t *reference(const char *shape)
{
	return json_pack("{s:s+}", "$ref", "#/components/schemas/", shape);
}

static json_t *field_schema(const struct shape_field *f)
{
	const char *type = f->kind == 's' ? "string" : f->kind == 'n' ? "number" : f->kind == 'b' ? "boolean" : f->kind == 'l' ? "array" : "object";
	json_t *s = f->kind == 'o' && f->inside[0] && !f->may_be_null ? reference(f->inside) :
		    f->may_be_null				  ? json_pack("{s:[s,s]}", "type", type, "null") :
								    json_pack("{s:s}", "type", type);
	if (f->kind == 'l' && f->inside[0])
		json_object_set_new(s, "items", reference(f->inside));
	return s;
}

static json_t *shape_schema(const struct shape *of)
{
	json_t *properties = json_object(), *required = json_array();
	struct shape_field f;
	for (const char *p = of->fields; shape_next(&p, &f);) {
		json_object_set_new(properties, f.name, field_schema(&f));
		json_array_append_new(required, json_string(f.name));
	}
	return json_pack("{s:s,s:o,s:o}", "type", "object", "properties", properties, "required", required);
}

static json_t *schemas(void)
{
	json_t *all = json_pack("{s:{s:s,s:{s:{s:s},s:{s:s},s:{s:s},s:{s:s},s:{s:s},s:{s:s}}}}", "problem", "type", "object", "properties", "type", "type",
				"string", "title", "type", "string", "status", "type", "integer", "detail", "type", "string", "field", "type", "string", "rule",
				"type", "string");
	for (size_t i = 0; all && i < shape_count; i++)
		json_object_set_new(all, shape_table[i].name, shape_schema(&shape_table[i]));
	return all;
}

/* Of one thing, or of a page of a list; any object where the table tells nothing. */
static json_t *answer_schema(const struct verb *v)
{
	const struct shape *of = shape_of(v->noun, v->name);
	if (!v->list)
		return of ? reference(of->name) : json_pack("{s:s}", "type", "object");
	return json_pack("{s:s,s:{s:{s:s,s:o},s:{s:[s,s]}},s:[s,s]}", "type", "object", "properties", "items", "type", "array", "items",
			 of ? reference(of->name) : json_pack("{s:s}", "type", "object"), "next", "type", "integer", "null", "required", "items", "next");
}

static json_t *responses_of(const struct verb *v)
{
	return json_pack("{s:{s:s,s:{s:{s:o}}},s:{s:s,s:{s:{s:o}}}}", v->creates ? "201" : "200", "description", "done", "content", "application/json", "schema",
			 answer_schema(v), "default", "description", "refused (RFC 9457)", "content", "application/problem+json", "schema",
			 reference("problem"));
}

static json_t *operation_of(const struct verb *v, bool with_id)
{
	char id[80];
	snprintf(id, sizeof(id), "%s%s%s", v->noun, v->noun[0] ? "_" : "", v->name);
	json_t *op = json_pack("{s:s,s:s,s:o,s:o}", "operationId", id, "summary", v->help_en ? v->help_en : "", "parameters", parameters_of(v, with_id),
			       "responses", responses_of(v));
	if (op && !(v->kind == VERB_QUERY || v->remote))
		json_object_set_new(op, "requestBody", body_of(v, with_id));
	return op;
}

/* The shortest way to a verb. */
static void path_of(const struct verb *v, bool with_id, char *out, size_t room)
{
	bool is_short = !strcmp(v->name, "list") || !strcmp(v->name, "new") || !strcmp(v->name, "add") || !strcmp(v->name, "send");
	if (!v->noun[0])
		snprintf(out, room, "/api/v1/%s", v->name);
	else if (with_id && !strcmp(v->name, "show"))
		snprintf(out, room, "/api/v1/%s/{id}", v->noun);
	else if (with_id)
		snprintf(out, room, "/api/v1/%s/{id}/%s", v->noun, v->name);
	else if (is_short)
		snprintf(out, room, "/api/v1/%s", v->noun);
	else
		snprintf(out, room, "/api/v1/%s/%s", v->noun, v->name);
}

static int put_verb(void *arg, const struct verb *v)
{
	json_t *paths = arg;
	char path[160];
	if (v->kind == VERB_LOCAL && !v->remote)
		return 0;
	bool with_id = false;
	for (size_t i = 0; i < v->n_args; i++)
		with_id = with_id || (v->args[i].rank == 1 && !strcmp(v->args[i].name, "id")) ||
			  (v->args[i].rank == 1 && !strcmp(v->name, "show"));
	path_of(v, with_id, path, sizeof(path));
	json_t *item = json_object_get(paths, path);
	if (!item) {
		item = json_object();
		if (json_object_set_new(paths, path, item))
			return E_NOMEM;
	}
	return json_object_set_new(item, (v->kind == VERB_QUERY || v->remote) ? "get" : "post", operation_of(v, with_id)) ? E_NOMEM : 0;
}

json_t *openapi_json(const struct registry *registry, const char *public_url)
{
	json_t *paths = json_object();
	if (!paths || registry_each(registry, put_verb, paths)) {
		json_decref(paths);
		return NULL;
	}
	return json_pack("{s:s,s:{s:s,s:s},s:[{s:s}],s:[{s:[]}],s:{s:o,s:{s:{s:s,s:s}}},s:o}", "openapi", "3.1.0", "info", "title", "Cầu Nối",
			 "version", "1", "servers", "url", public_url && *public_url ? public_url : "/", "security", "token", "components",
			 "schemas", schemas(), "securitySchemes", "token", "type", "http", "scheme", "bearer", "paths", paths);
}

bool openapi_answer(struct visit *v)
{
	OWN(json) json_t *doc = openapi_json(v->web->registry, v->web->config->web.public_url);
	OWN(buffer) struct buffer text = { 0 };
	if (!doc || json_put_line(&text, doc))
		visit_problem(v, 503, "unavailable", "", "out of memory");
	else
		visit_say(v, 200, JSON_TYPE, buffer_text(&text), buffer_left(&text));
	v->packs = true;
	return true;
}
