/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looking through all verb tables. Called by the core, the query process, the CLI and the web; keeps nothing: the tables
 * are const and come from verbs.c or from the generated copy. */
#include "gateway/registry.h"

#include <string.h>

#include "gateway/base/json.h"

const struct verb *registry_find(const struct registry *r, const char *noun, const char *name)
{
	for (size_t i = 0; i < r->n_tables; i++)
		for (size_t j = 0; r->tables[i] && j < r->tables[i]->n_verbs; j++) {
			const struct verb *v = &r->tables[i]->verbs[j];
			if (strcmp(v->noun, noun) == 0 && strcmp(v->name, name) == 0)
				return v;
		}
	return NULL;
}

const struct verb *registry_find_dotted(const struct registry *r, const char *dotted)
{
	const char *dot = strchr(dotted, '.');
	if (!dot)
		return registry_find(r, "", dotted);
	char noun[32];
	size_t n = (size_t)(dot - dotted);
	if (n == 0 || n >= sizeof(noun))
		return NULL;
	memcpy(noun, dotted, n);
	noun[n] = '\0';
	return registry_find(r, noun, dot + 1);
}

int registry_each(const struct registry *r, int (*fn)(void *arg, const struct verb *v), void *arg)
{
	for (size_t i = 0; i < r->n_tables; i++)
		for (size_t j = 0; r->tables[i] && j < r->tables[i]->n_verbs; j++) {
			int stop = fn(arg, &r->tables[i]->verbs[j]);
			if (stop)
				return stop;
		}
	return 0;
}

static json_t *names_json(const char *const *names)
{
	if (!names)
		return json_null();
	json_t *list = json_array();
	for (; *names; names++)
		json_array_append_new(list, json_string(*names));
	return list;
}

static json_t *help_json(const char *en, const char *vi)
{
	return json_pack("{s:s,s:s}", "en", en ? en : "", "vi", vi ? vi : en ? en : "");
}

static json_t *arg_json(const struct verb_arg *a)
{
	json_t *out = json_pack("{s:s,s:s,s:i,s:b,s:s?,s:o,s:o}", "name", a->name, "type", arg_type_name(a->type), "rank",
				a->rank, "required", a->required, "default", a->otherwise, "choices", names_json(a->choices),
				"help", help_json(a->help_en, a->help_vi));
	bool ranged = a->max > a->min;
	json_object_set_new(out, "min", ranged ? json_integer(a->min) : json_null());
	json_object_set_new(out, "max", ranged ? json_integer(a->max) : json_null());
	return out;
}

static json_t *roles_json(unsigned roles)
{
	json_t *list = json_array();
	for (unsigned r = 0; r < ROLE_COUNT; r++)
		if (r == ROLE_OPERATOR || roles & (1u << r))
			json_array_append_new(list, json_string(role_name((enum role)r)));
	return list;
}

static int put_verb(void *arg, const struct verb *v)
{
	json_t *args = json_array();
	for (size_t i = 0; i < v->n_args; i++)
		json_array_append_new(args, arg_json(&v->args[i]));
	for (size_t i = 0; v->list && i < VERB_LIST_ARGS; i++)
		json_array_append_new(args, arg_json(&verb_list_args[i]));
	json_t *one = json_pack("{s:s,s:s,s:s,s:o,s:b,s:b,s:o,s:o}", "noun", v->noun, "verb", v->name, "kind",
				verb_kind_name(v->kind), "roles", roles_json(v->roles), "creates", v->creates, "list", v->list,
				"args", args, "help", help_json(v->help_en, v->help_vi));
	return json_array_append_new(arg, one) ? E_NOMEM : 0;
}

json_t *registry_json(const struct registry *r)
{
	json_t *list = json_array();
	if (list && registry_each(r, put_verb, list)) {
		json_decref(list);
		return NULL;
	}
	return list;
}
