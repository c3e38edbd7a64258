/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of all verb tables. In the core and the query process it holds functions; the CLI and the web link a table
 * printed from it at build time (verbs_gen.c), with specifications and no functions. */
#ifndef CAUNOI_GATEWAY_REGISTRY_H
#define CAUNOI_GATEWAY_REGISTRY_H

#include "gateway/verb.h"

struct registry {
	const struct verb_table *const *tables; /* addresses of the modules' own tables */
	size_t n_tables;
};

/* noun may be "" ; NULL when there is none. */
const struct verb *registry_find(const struct registry *r, const char *noun, const char *name);
/* By "noun.verb" ("status" for noun ""). */
const struct verb *registry_find_dotted(const struct registry *r, const char *dotted);
/* Calls fn for every verb in order until it returns nonzero; gives that. */
int registry_each(const struct registry *r, int (*fn)(void *arg, const struct verb *v), void *arg);
/* The registry as JSON: [{noun, verb, kind, roles, creates, list, args:[{name,type,rank,required,min,max,default,choices,help}], help}]. */
json_t *registry_json(const struct registry *r);

/* Defined by gateway/verbs.c (core, query: everything with functions) or by the generated verbs_gen.c (CLI, web). */
extern const struct registry caunoi_registry;

#endif
