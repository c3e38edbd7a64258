/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The phrasebook's file and its verb. Called by keywords.c; keeps nothing itself. */
#include "handlers/phrasebook.h"

#include <stdio.h>
#include <string.h>

#include "config/shelf.h"
#include "gateway/base/gsm7.h"
#include "gateway/base/json.h"
#include "gateway/base/mask.h"
#include "gateway/base/own.h"
#include "gateway/scope.h"
#include "handlers/casefile.h"
#include "handlers/keywords.h"
#include "handlers/review.h"

#define SEGMENTS 2
#define CODE "PA12345678: " /* what every answer begins with */

OWN_DEFINE(settings, struct settings *, settings_free)

struct entry {
	const struct settings *file;
	const json_t *all, *value;
	size_t n;
};

static int complain(const struct entry *e, const char *key, struct complaint *c, const char *text, const char *value)
{
	char path[64];
	snprintf(path, sizeof(path), "answers.[%zu].%s", e->n, key);
	settings_complain(e->file, path, c, "wrong_value", text, value);
	return E_CONFIG;
}

static int check_name(const struct entry *e, struct complaint *c)
{
	const char *name = json_str(e->value, "name", "");
	if (!*name)
		return complain(e, "name", c, "an answer needs a name%s", "");
	for (size_t i = 0; i < e->n; i++)
		if (strcmp(json_str(json_array_get(e->all, i), "name", ""), name) == 0)
			return complain(e, "name", c, "'%s' stands twice", name);
	return 0;
}

static int check_place(const struct entry *e, const struct keywords *k, struct complaint *c)
{
	const char *topic = json_str(e->value, "topic", "");
	enum case_state state;
	size_t i;
	const json_t *name;
	if (*topic && !keywords_topic(k, topic))
		return complain(e, "topic", c, "there is no topic '%s'", topic);
	json_array_foreach(json_object_get(e->value, "states"), i, name)
		if (!json_is_string(name) || case_state_parse(json_string_value(name), &state))
			return complain(e, "states", c, "there is no state '%s' of a case", json_is_string(name) ? json_string_value(name) : "?");
	return 0;
}

static int check_text(const struct entry *e, struct complaint *c)
{
	const char *text = json_str(e->value, "text", "");
	OWN(mem) char *whole = NULL, *masked = mask_personal(text);
	struct measure m;
	if (!masked || asprintf(&whole, "%s%s", CODE, text) < 0)
		return E_NOMEM;
	gsm7_measure(whole, 8, &m);
	if (!*text)
		return complain(e, "text", c, "an answer needs its words%s", "");
	if (m.encoding != ENCODING_GSM7)
		return complain(e, "text", c, "letters with accents make this SMS more than twice as dear: '%.60s'", text);
	if (m.n_segments > SEGMENTS)
		return complain(e, "text", c, "this takes more than two SMS: '%.60s'", text);
	return strcmp(masked, text) ? complain(e, "text", c, "a number that names somebody stands in '%.60s'", text) : 0;
}

int phrasebook_load(const struct shelf *shelf, const struct keywords *k, json_t **ret, struct complaint *c)
{
	OWN(settings) struct settings *file = NULL;
	int r = shelf_read(shelf, "topics/phrasebook.conf", &file, c);
	if (r == E_NOT_FOUND) {
		*ret = json_array();
		return *ret ? 0 : E_NOMEM;
	}
	if (r)
		return r == E_NOMEM ? r : E_CONFIG;
	json_t *all = json_object_get(settings_root(file), "answers");
	struct entry e = { .file = file, .all = all };
	for (; e.n < json_array_size(all) && !r; e.n++) {
		e.value = json_array_get(all, e.n);
		r = check_name(&e, c);
		r = r ? r : check_place(&e, k, c);
		r = r ? r : check_text(&e, c);
	}
	if (!r)
		*ret = json_is_array(all) ? json_incref(all) : json_array();
	return r;
}

/* ---- case templates ---- */

static bool holds(const json_t *list, const char *name)
{
	size_t i;
	const json_t *one;
	json_array_foreach(list, i, one)
		if (strcmp(json_string_value(one), name) == 0)
			return true;
	return json_array_size(list) == 0;
}

static int query_templates(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	(void)why;
	const char *topic = json_str(c->args, "topic", ""), *state = json_str(c->args, "state", "");
	json_t *list = json_array();
	size_t i;
	json_t *one;
	*ret_next = 0;
	if (!list || !in->keywords)
		return json_decref(list), list ? E_UNAVAILABLE : E_NOMEM;
	json_array_foreach(in->keywords->phrasebook, i, one) {
		const char *of = json_str(one, "topic", "");
		if ((*topic && *of && strcmp(of, topic) != 0) || (*state && !holds(json_object_get(one, "states"), state)))
			continue;
		if (json_array_append(list, one))
			return json_decref(list), E_NOMEM;
	}
	*ret = list;
	return 0;
}

static const struct verb_arg templates_args[] = {
	{ .name = "topic", .type = ARG_TEXT, .max = 15, .help_en = "only answers for this topic, and for any", .help_vi = "chỉ mẫu của chủ đề này và mẫu chung" },
	{ .name = "state", .type = ARG_TEXT, .choices = review_states, .help_en = "only answers for this state, and for any", .help_vi = "chỉ mẫu của bước này và mẫu chung" },
};
static const struct verb verbs[] = {
	{ .noun = "case", .name = "templates", .kind = VERB_QUERY, .roles = R_(OPERATOR) | R_(REVIEWER), .list = true, VERB_ARGS(templates_args),
	  .help_en = "answers to begin with", .help_vi = "mẫu trả lời", .query = query_templates },
};
const struct verb_table phrasebook_verbs = VERB_TABLE(verbs);
