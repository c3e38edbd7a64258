/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of job, and what is shown of one: whoever brought a file sees what it held, others see which rows were refused and why. */
#include <stdbool.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/job.h"
#include "gateway/page.h"
#include "gateway/store/store.h"

enum { JOB_GET, JOB_LIST, JOB_SQL_COUNT };
#define COLUMNS "id, verb, actor, state, done, total, result, error"
static const char *const verbs_sql[JOB_SQL_COUNT] = {
	[JOB_GET] = "SELECT " COLUMNS " FROM job WHERE id = $id",
	[JOB_LIST] = "SELECT " COLUMNS " FROM job WHERE id < $before AND (CAST($actor AS TEXT) IS NULL OR actor = $actor) ORDER BY id DESC LIMIT $limit",
};
const struct sql_module job_verbs_module = { "job_verbs", verbs_sql, JOB_SQL_COUNT };

static json_t *value_of(struct statement *st, int column)
{
	const char *text = column_text(st, column);
	json_t *value = NULL;
	return text && !json_parse(text, strlen(text), &value) ? value : json_null();
}

/* Whoever waits need not know where the work is done. */
static const char *state_word(const char *state)
{
	return strcmp(state, JOB_BESIDE) == 0 ? "running" : state;
}

static json_t *shape(const struct scope *in, struct statement *st, const void *arg)
{
	(void)in;
	(void)arg;
	return json_pack("{s:I,s:s,s:s,s:I,s:o,s:o,s:o}", "id", (json_int_t)column_int(st, 0), "verb", column_text(st, 1), "state",
			 state_word(column_text(st, 3)), "done", (json_int_t)column_int(st, 4), "total",
			 column_null(st, 5) ? json_null() : json_integer(column_int(st, 5)), "result", value_of(st, 6),
			 "error", value_of(st, 7));
}

int job_json(const struct scope *in, int64_t id, json_t **ret)
{
	struct statement *st = store_prepare(in->db, &job_verbs_module, JOB_GET);
	bind_int(st, "$id", id);
	return page_one(in, st, shape, NULL, ret);
}

/* Operators and administrators of the whole see every job, the others their own. */
static bool sees_all(const struct call *c)
{
	return (!c->unit || !*c->unit) && (c->role == ROLE_OPERATOR || c->role == ROLE_ADMINISTRATOR);
}

static bool may_read(const struct call *c, const char *owner)
{
	return c->role == ROLE_OPERATOR || strcmp(owner, c->actor) == 0;
}

/* ret_reads (may be NULL): also what its file held. */
static int check_owner(const struct scope *in, const struct call *c, bool *ret_reads, struct refusal *why)
{
	struct statement *st = store_prepare(in->db, &job_verbs_module, JOB_GET);
	bind_int(st, "$id", json_int(c->args, "id", 0));
	int r = store_row(st);
	bool mine = r > 0 && (sees_all(c) || strcmp(column_text(st, 2), c->actor) == 0);
	bool reads = r > 0 && may_read(c, column_text(st, 2));
	store_reset(st);
	if (r < 0)
		return r;
	if (ret_reads)
		*ret_reads = reads;
	return mine ? 0 : refuse(why, E_NOT_FOUND, 404, "not_found", "id", "There is no such job.");
}

static int show_query(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	(void)ret_next;
	bool reads;
	int r = check_owner(in, c, &reads, why);
	r = r ? r : job_json(in, json_int(c->args, "id", 0), ret);
	if (!r && !reads)
		job_hide_values(json_object_get(*ret, "result"));
	return r;
}

/* The caller's view of one. */
static json_t *list_row(const struct scope *in, struct statement *st, const void *call)
{
	json_t *one = shape(in, st, NULL);
	if (!may_read(call, column_text(st, 2)))
		job_hide_values(json_object_get(one, "result"));
	return one;
}

static int list_query(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	(void)why;
	struct statement *st = store_prepare(in->db, &job_verbs_module, JOB_LIST);
	bind_int(st, "$before", json_int(c->args, "after", INT64_MAX));
	bind_text(st, "$actor", sees_all(c) ? NULL : c->actor);
	return page_read(in, c, st, 0, list_row, c, ret, ret_next);
}

static int cancel_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	int64_t id = json_int(c->args, "id", 0);
	int r = check_owner(&t->in, c, NULL, why);
	if (r)
		return r;
	OWN(json) json_t *job = NULL;
	r = job_json(&t->in, id, &job);
	if (r)
		return r;
	if (strcmp(json_str(job, "state", ""), "running") != 0)
		return refuse(why, E_REFUSED, 409, "state", "id", "The job has ended already.");
	r = job_cancel(t, job);
	return r ? r : job_json(&t->in, id, ret);
}

static const struct verb_arg id_args[] = {
	{ .name = "id", .type = ARG_INT, .rank = 1, .required = true, .min = 1, .max = INT64_MAX, .help_en = "the job", .help_vi = "công việc" },
};

static const struct verb verbs[] = {
	{ .noun = "job", .name = "show", .kind = VERB_QUERY, .roles = ROLES_ALL, VERB_ARGS(id_args), .help_en = "progress of long work",
	  .help_vi = "tiến độ một công việc dài", .query = show_query },
	{ .noun = "job", .name = "list", .kind = VERB_QUERY, .roles = ROLES_ALL, .list = true, .help_en = "long work, newest first",
	  .help_vi = "các công việc dài, mới nhất trước", .query = list_query },
	{ .noun = "job", .name = "cancel", .kind = VERB_COMMAND, .roles = ROLES_ALL, VERB_ARGS(id_args), .help_en = "stop long work and clear up",
	  .help_vi = "dừng một công việc dài và dọn sạch", .command = cancel_command },
};
const struct verb_table job_verbs = VERB_TABLE(verbs);
