/* SPDX-License-Identifier: GPL-3.0-or-later */
/* topic list and case workers. Nobody is offered who may not know of the case: assigning would be refused. */
#include "handlers/casechoice.h"

#include <string.h>

#include "gateway/account.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "handlers/casedesk.h"
#include "handlers/caselist.h"
#include "handlers/keywords.h"

#define PEOPLE_MAX 1000

static int query_topics(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	(void)c;
	(void)why;
	OWN(json) json_t *list = json_array();
	if (!list || !in->keywords)
		return list ? E_UNAVAILABLE : E_NOMEM;
	for (size_t i = 0; i < in->keywords->n_topics; i++) {
		const struct topic *t = &in->keywords->topics[i];
		if (json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:b}", "code", t->code, "vi", t->vi, "en", t->en, "restricted", t->restricted)))
			return E_NOMEM;
	}
	*ret_next = 0;
	*ret = MOVE(list);
	return 0;
}

/* 1, 0 or negative. */
static int may_have(const struct scope *in, const json_t *user, int64_t id)
{
	enum role role;
	if (json_flag(user, "disabled", false) || role_parse(json_str(user, "role", ""), &role) || !(CASE_WORKERS & (1u << role)))
		return 0;
	int r = caselist_seen(in, id, json_str(user, "unit", ""));
	return r == E_NOT_FOUND ? 0 : r ? r : 1;
}

/* Where the whole office works, not only whom the caller governs. */
static int everybody(const struct scope *in, json_t **ret)
{
	OWN(json) json_t *args = json_pack("{s:i}", "limit", PEOPLE_MAX);
	int64_t next;
	return args ? account_list(in, &(struct call){ .args = args, .unit = "" }, ret, &next) : E_NOMEM;
}

static int query_workers(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	struct casefile f;
	OWN(json) json_t *users = NULL, *list = json_array();
	size_t i;
	const json_t *one;
	int r = list ? casefile_find(in, json_str(c->args, "id", ""), &f) : E_NOMEM;
	r = r ? r : caselist_seen(in, f.id, c->unit);
	if (r)
		return r == E_NOT_FOUND ? refuse(why, r, 404, "not_found", "id", "There is no such case.") : r;
	r = everybody(in, &users);
	json_array_foreach(users, i, one) {
		int has = r ? r : may_have(in, one, f.id);
		if (has > 0)
			has = json_array_append_new(list, json_pack("{s:O, s:O}", "name", json_object_get(one, "name"), "unit", json_object_get(one, "unit"))) ? E_NOMEM : 0;
		r = has;
		if (r)
			return r;
	}
	if (r)
		return r;
	*ret_next = 0;
	*ret = MOVE(list);
	return 0;
}

static const struct verb_arg workers_args[] = { CASE_ID_ARG };
static const struct verb verbs[] = {
	{ .noun = "topic", .name = "list", .kind = VERB_QUERY, .roles = ROLES_ALL, .list = true, .help_en = "what people write about",
	  .help_vi = "các chủ đề", .query = query_topics },
	{ .noun = "case", .name = "workers", .kind = VERB_QUERY, .roles = CASE_WORKERS, .list = true, VERB_ARGS(workers_args),
	  .help_en = "who may be given this case", .help_vi = "những người có thể nhận vụ việc này", .query = query_workers },
};
const struct verb_table casechoice_verbs = VERB_TABLE(verbs);
