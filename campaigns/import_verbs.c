/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs that take in a list of people: what is asked for is checked here, the rest is the job's. */
#include "campaigns/filejob.h"
#include "campaigns/import.h"
#include "gateway/base/fold.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/group.h"
#include "gateway/store/store.h"

enum { IMPORT_NEW, IMPORT_JOB, IMPORT_SQL_COUNT };
static const char *const verbs_sql[IMPORT_SQL_COUNT] = {
	[IMPORT_NEW] = "INSERT INTO import (state, basis, unit, created_by, created_at) VALUES ('waiting', $basis, $unit, $actor, $now)",
	[IMPORT_JOB] = "UPDATE import SET job = $job WHERE id = $id",
};
const struct sql_module import_verbs_module = { "import_verbs", verbs_sql, IMPORT_SQL_COUNT };

static int insert(struct tick *t, const struct call *c, const char *basis, int64_t *ret_id)
{
	struct statement *st = store_prepare(t->in.db, &import_verbs_module, IMPORT_NEW);
	bind_text(st, "$basis", basis);
	bind_text(st, "$unit", c->unit && *c->unit ? c->unit : NULL);
	bind_text(st, "$actor", c->actor);
	bind_int(st, "$now", t->in.now_ms);
	int r = store_run(st);
	if (!r)
		*ret_id = store_last_id(t->in.db);
	return r;
}

static int make_job(struct tick *t, const struct call *c, int64_t import, int64_t *ret_job)
{
	OWN(json) json_t *args = json_deep_copy(c->args);
	if (!args || json_set_int(args, "import", import) || json_set_str(args, "unit", c->unit))
		return E_NOMEM;
	int r = job_new(t, c, import_job.verb, args, ret_job);
	if (r)
		return r;
	struct statement *st = store_prepare(t->in.db, &import_verbs_module, IMPORT_JOB);
	bind_int(st, "$id", import);
	bind_int(st, "$job", *ret_job);
	return store_run(st);
}

static int check_text(const struct call *c, const char *name, struct refusal *why)
{
	OWN(mem) char *folded = fold(json_str(c->args, name, ""));
	if (!folded)
		return E_NOMEM;
	return *folded ? 0 : refuse(why, E_INVALID, 422, "missing", name, "The %s is empty.", name);
}

static int verb_import(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	int64_t bytes, import = 0, job = 0;
	int r = check_text(c, "group", why);
	if (!r)
		r = check_text(c, "basis", why);
	if (r)
		return r;
	r = filejob_check(&t->in, c->args, c->actor, &bytes, why);
	if (!r)
		r = insert(t, c, json_str(c->args, "basis", ""), &import);
	if (!r)
		r = make_job(t, c, import, &job);
	if (r)
		return r;
	*ret = json_pack("{s:I}", "job", (json_int_t)job);
	return *ret ? 0 : E_NOMEM;
}

static const struct verb_arg import_args[] = {
	{ .name = "file", .type = ARG_UPLOAD, .rank = 1, .required = true, .help_en = "list of people, CSV or XLSX", .help_vi = "danh sách, tệp CSV hoặc XLSX" },
	{ .name = "group", .type = ARG_TEXT, .required = true, .min = 1, .max = GROUP_NAME_BYTES_MAX, .help_en = "list they belong to, made when new",
	  .help_vi = "danh sách, tạo nếu chưa có" },
	{ .name = "basis", .type = ARG_TEXT, .required = true, .min = 1, .max = 1000, .help_en = "legal basis and proof", .help_vi = "căn cứ pháp lý" },
	{ .name = "dry-run", .type = ARG_FLAG, .otherwise = "false", .help_en = "only check", .help_vi = "chỉ kiểm tra" },
	{ .name = "map", .type = ARG_TEXT, .max = 2000, .help_en = "column=field,… where the header says otherwise",
	  .help_vi = "cột=trường,… khi tiêu đề khác" },
};
static const struct verb verbs[] = {
	{ .noun = "group", .name = "import", .kind = VERB_COMMAND, .roles = R_(OUTREACH), VERB_ARGS(import_args),
	  .help_en = "take in the people of a list, as contact import does", .help_vi = "nhập người của một danh sách, như contact import", .command = verb_import },
	{ .noun = "contact", .name = "import", .kind = VERB_COMMAND, .roles = R_(OUTREACH), VERB_ARGS(import_args),
	  .help_en = "take in a list of people, all or nothing", .help_vi = "nhập danh sách, tất cả hoặc không", .command = verb_import },
};
const struct verb_table import_verbs = VERB_TABLE(verbs);
