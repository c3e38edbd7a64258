/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verbs of the noun case. Reads through caselist.c, moves through casefile.c; a reviewer sees a person, never a number. */
#include "handlers/review.h"

#include <string.h>

#include "config/config.h"
#include "gateway/audit.h"
#include "gateway/base/json.h"
#include "gateway/question.h"
#include "handlers/casedesk.h"
#include "handlers/caselist.h"
#include "handlers/caselock.h"
#include "handlers/reply.h"

#define AGREE_MS (INT64_C(14) * 24 * 60 * 60 * 1000)

static int not_found(struct refusal *why)
{
	return refuse(why, E_NOT_FOUND, 404, "not_found", "id", "There is no such case.");
}

static int query_list(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	struct caselist_filter f = {
		.state = json_str(c->args, "state", ""),
		.topic = json_str(c->args, "topic", ""),
		.unit = json_str(c->args, "unit", ""),
		.assigned = json_str(c->args, "assigned", ""),
		.raised = json_flag(c->args, "raised", false),
		.territory = c->unit,
		.overdue = json_flag(c->args, "overdue", false),
		.newest = json_flag(c->args, "newest", false),
		.after = json_int(c->args, "after", 0),
		.limit = json_int(c->args, "limit", 100),
	};
	enum case_state state;
	if (*f.state && case_state_parse(f.state, &state))
		return refuse(why, E_INVALID, 422, "not_a_choice", "state", "There is no such state of a case.");
	return caselist_page(in, &f, ret, ret_next);
}

static int query_show(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	struct casefile found;
	*ret_next = 0;
	int r = casefile_find(in, json_str(c->args, "id", ""), &found);
	r = r ? r : caselist_one(in, found.id, c->unit, ret);
	if (!r)
		r = json_object_set_new(*ret, "may", caserule_acts(&found, c->unit)) || json_object_set_new(*ret, "moves", caserule_moves(&found)) ? E_NOMEM : 0;
	return r == E_NOT_FOUND ? not_found(why) : r;
}

/* ---- reply ---- */

static int next_answer(struct tick *t, int64_t id, int64_t *ret)
{
	int r = casefile_events_since(&t->in, id, "notified", 0, ret);
	if (!r)
		++*ret;
	return r;
}

static int compose(const struct casefile *f, const char *words, bool agree, enum language language, char **ret)
{
	OWN(mem) char *question = agree ? reply_text(REPLY_AGREE, language, NULL) : NULL;
	if (agree && !question)
		return E_NOMEM;
	return asprintf(ret, "%s: %s%s%s", f->code, words, agree ? " " : "", agree ? question : "") < 0 ? E_NOMEM : 0;
}

static int send_answer(struct tick *t, const struct casefile *f, const struct case_person *person, const char *text,
		       int64_t *ret_message)
{
	char key[64], subject[32];
	int64_t n = 0;
	int r = next_answer(t, f->id, &n);
	snprintf(key, sizeof(key), "case:%lld:reply:%lld", (long long)f->id, (long long)n);
	snprintf(subject, sizeof(subject), "case:%lld", (long long)f->id);
	struct reply_to to = { .address = f->address, .person = person->id, .channel = f->channel, .subject = subject };
	return r ? r : reply_put(t, &to, CLASS_SERVICE, key, text, ret_message);
}

static int ask_agreement(struct tick *t, const struct casefile *f)
{
	char subject[32];
	int64_t id = 0;
	snprintf(subject, sizeof(subject), "case:%lld", (long long)f->id);
	return question_ask(t, f->address, "yes_no", NULL, subject, NULL, t->in.now_ms + AGREE_MS, &id);
}

static int answer(struct tick *t, const struct call *c, struct casefile *f)
{
	const char *words = json_str(c->args, "text", "");
	bool agree = json_flag(c->args, "agree", false);
	OWN(mem) char *text = NULL;
	struct case_person person;
	int64_t message = 0;
	char subject[32];
	snprintf(subject, sizeof(subject), "case:%lld", (long long)f->id);
	int r = casefile_person(&t->in, f->address, &person);
	r = r ? r : compose(f, words, agree, reply_language(person.language), &text);
	r = r ? r : casefile_event(t, f->id, "answered", c->actor, words, 0, 0);
	if (!r && f->state != CASE_ANSWERED)
		r = casefile_move(t, f, CASE_ANSWERED);
	r = r ? r : send_answer(t, f, &person, text, &message);
	r = r ? r : casefile_event(t, f->id, "notified", "system", NULL, message, 0);
	r = r ? r : casefile_move(t, f, CASE_NOTIFIED);
	if (!r && agree)
		r = ask_agreement(t, f);
	r = r ? r : caselock_release(t, f->id, c->actor);
	return r ? r : audit_put(t, c->actor, "case.reply", subject, words);
}

static int command_reply(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct casefile f;
	int r = casedesk_open(t, c, ACT_REPLY, &f, why);
	if (r)
		return r;
	r = answer(t, c, &f);
	return r ? r : caselist_one(&t->in, f.id, c->unit, ret);
}

static const char *const state_choices[] = { "received",  "triaged",  "need_info", "verifying", "forwarded", "awaiting",
					     "escalated", "answered", "notified",  "closed",	"reopened",  NULL };
static const struct verb_arg list_args[] = {
	{ .name = "state", .type = ARG_TEXT, .choices = state_choices, .help_en = "only cases in this state", .help_vi = "chỉ vụ việc ở bước này" },
	{ .name = "topic", .type = ARG_TEXT, .max = 15, .help_en = "only cases of this topic", .help_vi = "chỉ vụ việc theo chủ đề này" },
	{ .name = "unit", .type = ARG_TEXT, .max = 15, .help_en = "only cases of this unit and below",
	  .help_vi = "chỉ vụ việc của đơn vị này và cấp dưới" },
	{ .name = "assigned", .type = ARG_TEXT, .max = 33, .help_en = "only cases of this person", .help_vi = "chỉ vụ việc giao cho người này" },
	{ .name = "raised", .type = ARG_FLAG, .help_en = "only cases whose villager did not agree, which the province looks at",
	  .help_vi = "chỉ vụ việc người dân không đồng ý, cấp tỉnh xem xét" },
	{ .name = "overdue", .type = ARG_FLAG, .help_en = "only cases past their date", .help_vi = "chỉ vụ việc quá hạn" },
	{ .name = "newest", .type = ARG_FLAG, .help_en = "newest first", .help_vi = "mới nhất trước" },
};
static const struct verb_arg show_args[] = { CASE_ID_ARG };
static const struct verb_arg reply_args[] = {
	CASE_ID_ARG,
	{ .name = "text", .type = ARG_TEXT, .required = true, .min = 1, .max = 2000, .help_en = "the answer, in plain words",
	  .help_vi = "câu trả lời, dễ hiểu" },
	{ .name = "agree", .type = ARG_FLAG, .help_en = "also ask whether the person agrees (1 or 2)", .help_vi = "hỏi thêm có đồng ý không (1 hoặc 2)" },
};

#define READERS (R_(OPERATOR) | R_(REVIEWER) | R_(SECRETARY))
static const struct verb verbs[] = {
	{ .noun = "case", .name = "list", .kind = VERB_QUERY, .roles = READERS, .list = true, VERB_ARGS(list_args),
	  .help_en = "what people said and how far it is", .help_vi = "danh sách phản ánh và tiến độ", .query = query_list },
	{ .noun = "case", .name = "show", .kind = VERB_QUERY, .roles = READERS, VERB_ARGS(show_args),
	  .help_en = "one case with its timeline", .help_vi = "một phản ánh và quá trình xử lý", .query = query_show },
	{ .noun = "case", .name = "reply", .kind = VERB_COMMAND, .roles = R_(OPERATOR) | R_(REVIEWER), VERB_ARGS(reply_args),
	  .help_en = "answer the person by SMS", .help_vi = "trả lời người dân bằng tin nhắn", .command = command_reply },
};
const struct verb_table case_verbs = VERB_TABLE(verbs);
