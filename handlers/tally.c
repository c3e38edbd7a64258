/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results of surveys. Runs in the query process, and for reports. Who answered is never read; what people wrote in their own words is
 * counted and not shown. */
#include "handlers/tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/menu.h"
#include "config/settings.h"
#include "gateway/base/calendar.h"
#include "gateway/base/few.h"
#include "gateway/base/json.h"
#include "gateway/page.h"
#include "gateway/store/store.h"
#include "gateway/territory.h"
#include "handlers/keywords.h"

#define VALUES_MOST 100 /* different numbers that are shown */
#define VALUE_BYTES 32

enum { TALLY_ONE, TALLY_LIST, TALLY_OF_CAMPAIGN, TALLY_VALUES, TALLY_VOTERS, TALLY_SQL_COUNT };
#define COLUMNS "SELECT s.id, s.campaign, s.name, s.anonymous, s.script, s.created_at, c.name, f.delivered + f.sent FROM survey s" \
		" JOIN campaign c ON c.id = s.campaign JOIN flow f ON f.id = c.flow "
#define OURS TERRITORY_HOLDS("coalesce(nullif(c.unit, ''), $home)", "$territory")
static const char *const tally_sql[TALLY_SQL_COUNT] = {
	[TALLY_ONE] = COLUMNS "WHERE s.id = $id",
	[TALLY_LIST] = COLUMNS "WHERE s.id < $before AND " OURS " ORDER BY s.id DESC LIMIT $limit",
	[TALLY_OF_CAMPAIGN] = "SELECT s.id FROM survey s JOIN campaign c ON c.id = s.campaign WHERE s.campaign = $campaign"
			      " AND " OURS,
	[TALLY_VALUES] = "SELECT value, count(*) FROM survey_answer WHERE survey = $id AND step = $step GROUP BY value ORDER BY value",
	[TALLY_VOTERS] = "SELECT count(*) FROM survey_voter WHERE survey = $id",
};
const struct sql_module tally_module = { "tally", tally_sql, TALLY_SQL_COUNT };

struct tally {
	char value[VALUES_MOST][VALUE_BYTES];
	int64_t count[VALUES_MOST];
	size_t n;
	int64_t all;
};

/* The place of a value; a new one behind the others, NULL when there are too many. */
static int64_t *count_of(struct tally *t, const char *value)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->value[i], value) == 0)
			return &t->count[i];
	if (t->n == VALUES_MOST)
		return NULL;
	snprintf(t->value[t->n], VALUE_BYTES, "%s", value);
	return &t->count[t->n++];
}

/* Options stand in the dialogue's order, whether somebody chose them or not: the order says nothing of a hidden count. Of numbers there
 * is what was said. */
static int read_tally(const struct scope *in, int64_t survey, const json_t *step, struct tally *t)
{
	bool words = strcmp(json_str(step, "kind", ""), "text") == 0;
	size_t i;
	const json_t *option;
	json_array_foreach(json_object_get(step, "options"), i, option)
		count_of(t, json_str(option, "value", ""));
	struct statement *st = store_prepare(in->db, &tally_module, TALLY_VALUES);
	bind_int(st, "$id", survey);
	bind_text(st, "$step", json_str(step, "id", ""));
	int r;
	while ((r = store_row(st)) > 0) {
		int64_t *count = words ? NULL : count_of(t, column_text(st, 0));
		t->all += column_int(st, 1);
		if (count)
			*count += column_int(st, 1);
	}
	store_reset(st);
	return r;
}

static const char *label_of(const json_t *step, const char *value)
{
	size_t i;
	const json_t *option;
	json_array_foreach(json_object_get(step, "options"), i, option)
		if (strcmp(json_str(option, "value", ""), value) == 0)
			return json_str(option, "label", value);
	return strcmp(value, "YES") == 0 ? "Có" : strcmp(value, "NO") == 0 ? "Không" : value;
}

static json_t *rate_of(int64_t n, int64_t reached)
{
	return reached ? json_real(round(1000.0 * (double)n / (double)reached) / 10.0) : json_null();
}

static json_t *options_json(const json_t *step, const struct tally *t, bool *ret_hidden)
{
	bool hidden[VALUES_MOST] = { false };
	bool all = t->all > 0 && t->all < FEW_BELOW;
	json_t *list = json_array();
	few_hide(t->count, t->n, hidden);
	for (size_t i = 0; list && i < t->n; i++) {
		bool hide = hidden[i] || (all && t->count[i]);
		*ret_hidden = *ret_hidden || hide;
		json_t *one = json_pack("{s:s,s:s,s:o}", "value", t->value[i], "label", label_of(step, t->value[i]), "count",
					hide || all ? json_null() : json_integer(t->count[i]));
		if (json_array_append_new(list, one)) {
			json_decref(list);
			return NULL;
		}
	}
	*ret_hidden = *ret_hidden || all;
	return list;
}

static int question_json(const struct scope *in, int64_t survey, const json_t *step, int64_t reached, json_t **ret)
{
	const char *kind = json_str(step, "kind", "");
	struct tally *t = calloc(1, sizeof(*t));
	bool hidden = false;
	int r = t ? read_tally(in, survey, step, t) : E_NOMEM;
	if (!r) {
		bool few = t->all > 0 && t->all < FEW_BELOW;
		json_t *options = options_json(step, t, &hidden);
		*ret = json_pack("{s:s,s:s,s:s,s:o,s:o,s:o,s:b}", "step", json_str(step, "id", ""), "text", json_str(json_object_get(step, "text"), "vi", ""), "kind",
				 kind, "n", few ? json_null() : json_integer(t->all), "rate", few ? json_null() : rate_of(t->all, reached), "options", options, "hidden",
				 hidden);
		r = *ret ? 0 : E_NOMEM;
	}
	free(t);
	return r;
}

static int questions_json(const struct scope *in, int64_t survey, const json_t *script, int64_t reached, json_t **ret)
{
	OWN(json) json_t *list = json_array();
	const json_t *step;
	size_t i;
	int r = list ? 0 : E_NOMEM;
	json_array_foreach(json_object_get(script, "steps"), i, step) {
		json_t *one = NULL;
		if (!r)
			r = question_json(in, survey, step, reached, &one);
		if (!r && json_array_append_new(list, one))
			r = E_NOMEM;
	}
	if (!r)
		*ret = MOVE(list);
	return r;
}

/* The row of a statement on COLUMNS; script may be NULL when it is not wanted. */
static json_t *row_json(const struct scope *in, struct statement *st, json_t **ret_script)
{
	char at[CALENDAR_ISO_BYTES];
	const char *text = column_text(st, 4);
	json_t *script = NULL;
	if (json_parse(text, strlen(text), &script))
		return NULL;
	calendar_format_iso(in->zone, column_int(st, 5), at);
	json_t *out = json_pack("{s:I,s:I,s:I,s:s,s:s,s:s,s:b,s:s,s:I}", "id", (json_int_t)column_int(st, 0), "survey", (json_int_t)column_int(st, 0), "campaign",
				(json_int_t)column_int(st, 1), "campaign_name", column_text(st, 6), "name", column_text(st, 2), "title",
				json_str(script, "title", column_text(st, 2)), "anonymous", column_int(st, 3) != 0, "created_at", at, "reached",
				(json_int_t)column_int(st, 7));
	if (ret_script)
		*ret_script = script;
	else
		json_decref(script);
	return out;
}

static int read_one(const struct scope *in, int64_t survey, json_t **ret, json_t **ret_script)
{
	struct statement *st = store_prepare(in->db, &tally_module, TALLY_ONE);
	bind_int(st, "$id", survey);
	int r = store_row(st);
	if (r > 0)
		*ret = row_json(in, st, ret_script);
	store_reset(st);
	return r < 0 ? r : r == 0 ? E_NOT_FOUND : *ret ? 0 : E_NOMEM;
}

static int add_voters(const struct scope *in, int64_t survey, json_t *out)
{
	struct statement *st = store_prepare(in->db, &tally_module, TALLY_VOTERS);
	bind_int(st, "$id", survey);
	int r = store_row(st);
	int64_t n = r > 0 ? column_int(st, 0) : 0;
	store_reset(st);
	bool few = n > 0 && n < FEW_BELOW;
	return r < 0 ? r : json_object_set_new(out, "voters", few ? json_null() : json_integer(n)) ? E_NOMEM : 0;
}

int tally_json(const struct scope *in, int64_t survey, json_t **ret)
{
	OWN(json) json_t *out = NULL, *script = NULL;
	json_t *questions = NULL;
	int r = read_one(in, survey, &out, &script);
	r = r ? r : add_voters(in, survey, out);
	r = r ? r : questions_json(in, survey, script, json_int(out, "reached", 0), &questions);
	if (!r && json_object_set_new(out, "questions", questions))
		r = E_NOMEM;
	if (!r)
		*ret = MOVE(out);
	return r;
}

/* ---- survey list, show, results ---- */

static void bind_territory(const struct scope *in, const struct call *c, struct statement *st)
{
	bind_text(st, "$territory", c->unit ? c->unit : "");
	bind_text(st, "$home", in->config->organisation.unit);
}

static json_t *list_row(const struct scope *in, struct statement *st, const void *arg)
{
	(void)arg;
	return row_json(in, st, NULL);
}

static int list_query(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	(void)why;
	int64_t after = json_int(c->args, "after", 0);
	struct statement *st = store_prepare(in->db, &tally_module, TALLY_LIST);
	bind_int(st, "$before", after > 0 ? after : INT64_MAX);
	bind_territory(in, c, st);
	return page_read(in, c, st, 0, list_row, NULL, ret, ret_next);
}

/* By the campaign's id; hidden where the campaign is. */
static int find(const struct scope *in, const struct call *c, int64_t *ret, struct refusal *why)
{
	struct statement *st = store_prepare(in->db, &tally_module, TALLY_OF_CAMPAIGN);
	bind_int(st, "$campaign", json_int(c->args, "campaign", 0));
	bind_territory(in, c, st);
	int r = store_row(st);
	if (r > 0)
		*ret = column_int(st, 0);
	store_reset(st);
	if (r == 0)
		return refuse(why, E_NOT_FOUND, 404, "not_found", "campaign", "There is no such campaign with a survey.");
	return r < 0 ? r : 0;
}

static int results_query(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	int64_t id = 0;
	*ret_next = 0;
	int r = find(in, c, &id, why);
	return r ? r : tally_json(in, id, ret);
}

static int show_query(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	OWN(json) json_t *out = NULL;
	json_t *script = NULL;
	int64_t id = 0;
	*ret_next = 0;
	int r = find(in, c, &id, why);
	r = r ? r : read_one(in, id, &out, &script);
	if (!r && json_object_set_new(out, "script", script))
		r = E_NOMEM;
	if (!r)
		*ret = MOVE(out);
	return r;
}

/* ---- dialogue list, check, show ---- */

/* What cannot be read is listed too: whoever asks for it is told why. */
static int list_one(const struct scope *in, const char *name, json_t *list)
{
	OWN(json) json_t *script = NULL;
	struct complaint bad = { 0 };
	int r = menu_find(in->config->file, name, &script, &bad);
	if (r == E_NOMEM)
		return r;
	return json_array_append_new(list, json_pack("{s:s,s:s?,s:b,s:b}", "name", name, "title", json_str(script, "title", NULL), "menu",
						     json_flag(script, "menu", false), "faulty", r != 0)) ? E_NOMEM : 0;
}

static int dialogues_query(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	OWN(json) json_t *names = NULL, *list = json_array();
	(void)c;
	(void)why;
	*ret_next = 0;
	int r = list ? settings_list(in->config->file, "menus", &names) : E_NOMEM;
	size_t i;
	const json_t *name;
	json_array_foreach(names, i, name)
		r = r ? r : list_one(in, json_string_value(name), list);
	if (!r)
		*ret = MOVE(list);
	return r;
}

static int dialogue_query(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	OWN(mem) char *path = NULL;
	struct complaint bad = { 0 };
	char file[64];
	*ret_next = 0;
	snprintf(file, sizeof(file), "menus/%.40s.conf", json_str(c->args, "name", ""));
	int r = settings_find(in->config->file, file, &path);
	r = r ? r : menu_read(path, ret, &bad);
	if (r == E_NOT_FOUND)
		return refuse(why, r, 404, "not_found", "name", "There is no such dialogue.");
	return r == E_INVALID ? refuse(why, r, 422, bad.rule, "name", "line %d: %s", bad.line, bad.text) : r;
}

/* A file names topics; what there is the gateway's own files say. *ret NULL: all of them are there. */
static const char *strange_topic(const struct scope *in, const json_t *list)
{
	size_t i;
	const json_t *one;
	json_array_foreach(list, i, one) {
		const char *topic = json_str(one, "topic", NULL), *below = strange_topic(in, json_object_get(one, "options"));
		if (topic && !keywords_topic(in->keywords, topic))
			return topic;
		if (below)
			return below;
	}
	return NULL;
}

static int check_query(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	OWN(json) json_t *script = NULL;
	struct complaint bad = { 0 };
	*ret_next = 0;
	int r = menu_parse(json_str(c->args, "file", ""), &script, &bad);
	if (r)
		return r == E_INVALID ? refuse(why, r, 422, bad.rule, "file", "line %d: %s", bad.line, bad.text) : r;
	const char *strange = in->keywords ? strange_topic(in, json_object_get(script, "steps")) : NULL;
	if (strange)
		return refuse(why, E_INVALID, 422, "unknown_topic", "file", "'%.32s' is the code of no topic: caunoi topic list", strange);
	*ret = json_pack("{s:b,s:s,s:I}", "ok", 1, "name", json_str(script, "name", ""), "steps", (json_int_t)json_array_size(json_object_get(script, "steps")));
	return *ret ? 0 : E_NOMEM;
}

static const struct verb_arg campaign_args[] = {
	{ .name = "campaign", .type = ARG_INT, .rank = 1, .required = true, .min = 1, .max = INT64_C(1) << 53, .help_en = "campaign that asks", .help_vi = "chiến dịch đặt câu hỏi" },
};
static const struct verb_arg name_args[] = {
	{ .name = "name", .type = ARG_NAME, .rank = 1, .required = true, .help_en = "dialogue", .help_vi = "hội thoại" },
};
static const struct verb_arg file_args[] = {
	{ .name = "file", .type = ARG_FILE, .rank = 1, .required = true, .max = 32768, .help_en = "file of a dialogue", .help_vi = "tệp hội thoại" },
};
#define READERS (ROLES_STAFF | R_(AUDITOR))
#define ASK(of, verb_name, arguments, fn, en, vi) \
	{ .noun = of, .name = verb_name, .kind = VERB_QUERY, .roles = READERS, VERB_ARGS(arguments), .help_en = en, .help_vi = vi, .query = fn }
static const struct verb verbs[] = {
	{ .noun = "survey", .name = "list", .kind = VERB_QUERY, .roles = READERS, .list = true, .help_en = "campaigns that ask, newest first",
	  .help_vi = "các khảo sát, mới nhất trước", .query = list_query },
	ASK("survey", "show", campaign_args, show_query, "what a campaign asks", "nội dung khảo sát"),
	ASK("survey", "results", campaign_args, results_query, "counts of the answers; few people are hidden", "kết quả trả lời; ô ít người được ẩn"),
	{ .noun = "dialogue", .name = "list", .kind = VERB_QUERY, .roles = READERS, .list = true, .help_en = "dialogues that are there: name, title, menu (people walk it by themselves; else a survey that a campaign carries), faulty", .help_vi = "các hội thoại có sẵn",
	  .query = dialogues_query },
	ASK("dialogue", "show", name_args, dialogue_query, "one dialogue", "một hội thoại"),
	ASK("dialogue", "check", file_args, check_query, "is this file a dialogue?", "kiểm tra tệp hội thoại"),
};
const struct verb_table tally_verbs = VERB_TABLE(verbs);
