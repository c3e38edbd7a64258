/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verbs that change whose case it is. Nobody is given what they may not know of. */
#include "handlers/casepass.h"

#include <stdio.h>
#include <string.h>

#include "gateway/account.h"
#include "gateway/base/json.h"
#include "gateway/unit.h"
#include "handlers/casedesk.h"
#include "handlers/caselist.h"

enum { CASEPASS_ASSIGN, CASEPASS_REFER, CASEPASS_ACCEPT, CASEPASS_RETURN, CASEPASS_RESTRICT, CASEPASS_SQL_COUNT };
static const char *const casepass_sql[CASEPASS_SQL_COUNT] = {
	[CASEPASS_ASSIGN] = "UPDATE casefile SET assigned = $name, version = version + 1 WHERE id = $id",
	[CASEPASS_REFER] = "UPDATE casefile SET referred = $unit, version = version + 1 WHERE id = $id",
	[CASEPASS_ACCEPT] = "UPDATE casefile SET unit = referred, referred = NULL, assigned = NULL, version = version + 1 WHERE id = $id",
	[CASEPASS_RETURN] = "UPDATE casefile SET referred = NULL, version = version + 1 WHERE id = $id",
	[CASEPASS_RESTRICT] = "UPDATE casefile SET restricted = $restricted, accused = $accused, assigned = NULL, referred = NULL,"
			      " version = version + 1 WHERE id IN (" CASEFILE_TOGETHER ")",
};
const struct sql_module casepass_module = { "casepass", casepass_sql, CASEPASS_SQL_COUNT };

static struct statement *prepare(struct tick *t, size_t sql, int64_t id)
{
	struct statement *st = store_prepare(t->in.db, &casepass_module, sql);
	bind_int(st, "$id", id);
	return st;
}

static int refuse_accused(struct refusal *why, const char *field)
{
	return refuse(why, E_REFUSED, 409, "accused", field, "That would put the case into hands that may not know of it.");
}

int casepass_assign(struct tick *t, const struct call *c, const struct casefile *f, const char *name, json_t **ret, struct refusal *why)
{
	struct account a;
	int r = account_by_name(&t->in, name, &a);
	if (r == E_NOT_FOUND || (!r && (a.disabled || !(CASE_WORKERS & (1u << a.role)))))
		return refuse(why, E_INVALID, 422, "no_user", "to", "There is no such person who handles cases.");
	r = r ? r : caselist_seen(&t->in, f->id, a.unit);
	if (r)
		return r == E_NOT_FOUND ? refuse_accused(why, "to") : r;
	struct statement *st = prepare(t, CASEPASS_ASSIGN, f->id);
	bind_text(st, "$name", a.name);
	r = store_run(st);
	return r ? r : casedesk_done(t, c, f, "assigned", a.name, ret);
}

static int command_assign(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct casefile f;
	int r = casedesk_open(t, c, ACT_ASSIGN, &f, why);
	return r ? r : casepass_assign(t, c, &f, json_str(c->args, "to", ""), ret, why);
}

/* ---- between units ---- */

/* May the people of that unit know of the case? */
static bool may_hold(const struct casefile *f, const char *unit)
{
	if (!f->restricted)
		return true;
	return strlen(unit) <= 2 && (!f->accused[0] || strncmp(unit, f->accused, strlen(f->accused)) != 0);
}

static int command_refer(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct casefile f;
	char words[CASE_WORDS_BYTES];
	const char *unit = json_str(c->args, "unit", ""), *parts[] = { unit, json_str(c->args, "reason", "") };
	int r = casedesk_open(t, c, ACT_REFER, &f, why);
	r = r ? r : unit_check_said(&t->in, unit, "unit", why);
	if (!r && strcmp(unit, f.unit) == 0)
		r = refuse(why, E_INVALID, 422, "no_unit", "unit", "That is no code of another unit, such as 02269.");
	if (!r && !may_hold(&f, unit))
		r = refuse_accused(why, "unit");
	if (r)
		return r;
	casedesk_join(words, sizeof(words), parts, COUNT_OF(parts));
	struct statement *st = prepare(t, CASEPASS_REFER, f.id);
	bind_text(st, "$unit", unit);
	r = store_run(st);
	return r ? r : casedesk_done(t, c, &f, "referred", words, ret);
}

/* It is the other unit's from now on, and sorted anew there. */
static int command_accept(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct casefile f;
	int r = casedesk_open(t, c, ACT_ACCEPT, &f, why);
	r = r ? r : store_run(prepare(t, CASEPASS_ACCEPT, f.id));
	if (r)
		return r;
	const struct casefile was = f;
	snprintf(f.unit, sizeof(f.unit), "%s", was.referred);
	r = casefile_moved(t, &was, &f);
	if (!r && case_may_move(f.state, CASE_TRIAGED))
		r = casefile_move(t, &f, CASE_TRIAGED);
	return r ? r : casedesk_done(t, c, &f, "accepted", f.referred, ret);
}

static int command_return(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct casefile f;
	char words[CASE_WORDS_BYTES];
	int r = casedesk_open(t, c, ACT_RETURN, &f, why);
	if (r)
		return r;
	const char *parts[] = { f.referred, json_str(c->args, "reason", "") };
	casedesk_join(words, sizeof(words), parts, COUNT_OF(parts));
	r = store_run(prepare(t, CASEPASS_RETURN, f.id));
	return r ? r : casedesk_done(t, c, &f, "returned", words, ret);
}

/* ---- the restricted track ---- */

static int command_restrict(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct casefile f;
	char words[CASE_WORDS_BYTES];
	bool lift = json_flag(c->args, "lift", false);
	const char *accused = json_str(c->args, "accused", ""), *parts[] = { accused, json_str(c->args, "reason", "") };
	int r = casedesk_open(t, c, ACT_RESTRICT, &f, why);
	r = r ? r : unit_check_said(&t->in, accused, "accused", why);
	if (!r && *accused && lift)
		r = refuse(why, E_INVALID, 422, "conflict", "accused", "An ordinary case accuses no unit.");
	if (!r && lift && !f.restricted)
		r = refuse(why, E_REFUSED, 409, "case_state", "id", "The case is not restricted.");
	if (r)
		return r;
	casedesk_join(words, sizeof(words), parts, COUNT_OF(parts));
	struct statement *st = prepare(t, CASEPASS_RESTRICT, f.id);
	bind_int(st, "$restricted", !lift);
	bind_text(st, "$accused", *accused ? accused : NULL);
	r = store_run(st);
	return r ? r : casedesk_done(t, c, &f, lift ? "unrestricted" : "restricted", words, ret);
}

#define REASON_ARG(en, vi) { .name = "reason", .type = ARG_TEXT, .required = true, .min = 1, .max = 400, .help_en = en, .help_vi = vi }
static const struct verb_arg assign_args[] = {
	CASE_ID_ARG,
	{ .name = "to", .type = ARG_NAME, .required = true, .help_en = "the person's user name", .help_vi = "tên đăng nhập của người nhận" },
};
static const struct verb_arg refer_args[] = {
	CASE_ID_ARG,
	{ .name = "unit", .type = ARG_TEXT, .required = true, .min = 2, .max = 15, .help_en = "code of the unit that should handle it",
	  .help_vi = "mã đơn vị nên xử lý" },
	REASON_ARG("why it is theirs", "vì sao thuộc đơn vị đó"),
};
static const struct verb_arg accept_args[] = { CASE_ID_ARG };
static const struct verb_arg return_args[] = { CASE_ID_ARG, REASON_ARG("why it is not yours", "vì sao không thuộc đơn vị mình") };
static const struct verb_arg restrict_args[] = {
	CASE_ID_ARG,
	{ .name = "accused", .type = ARG_TEXT, .max = 15, .otherwise = "", .help_en = "code of the unit that it accuses; it may not know of the case",
	  .help_vi = "mã đơn vị bị tố cáo; đơn vị này không được biết vụ việc" },
	{ .name = "lift", .type = ARG_FLAG, .help_en = "it is an ordinary case after all", .help_vi = "bỏ hạn chế" },
	REASON_ARG("why", "lý do"),
};

static const struct verb verbs[] = {
	{ .noun = "case", .name = "assign", .kind = VERB_COMMAND, .roles = CASE_WORKERS, VERB_ARGS(assign_args), .help_en = "give it to a person",
	  .help_vi = "giao cho một người", .command = command_assign },
	{ .noun = "case", .name = "refer", .kind = VERB_COMMAND, .roles = CASE_WORKERS, VERB_ARGS(refer_args), .help_en = "offer it to another unit",
	  .help_vi = "đề nghị đơn vị khác xử lý", .command = command_refer },
	{ .noun = "case", .name = "accept", .kind = VERB_COMMAND, .roles = CASE_WORKERS, VERB_ARGS(accept_args), .help_en = "take what another unit offers",
	  .help_vi = "tiếp nhận vụ việc được chuyển đến", .command = command_accept },
	{ .noun = "case", .name = "return", .kind = VERB_COMMAND, .roles = CASE_WORKERS, VERB_ARGS(return_args), .help_en = "give back what another unit offers",
	  .help_vi = "trả lại vụ việc được chuyển đến", .command = command_return },
	{ .noun = "case", .name = "restrict", .kind = VERB_COMMAND, .roles = CASE_WORKERS, VERB_ARGS(restrict_args),
	  .help_en = "hide it from the unit that it accuses", .help_vi = "hạn chế: ẩn khỏi đơn vị bị tố cáo", .command = command_restrict },
};
const struct verb_table casepass_verbs = VERB_TABLE(verbs);
