/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verbs of the noun case. Reads through caselist.c, moves through casefile.c; a reviewer sees a person, never a number. */
#include "handlers/review.h"

#include <string.h>

#include "config/config.h"
#include "gateway/audit.h"
#include "gateway/base/buffer.h"
#include "gateway/base/fold.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "handlers/caseclock.h"
#include "handlers/casedesk.h"
#include "handlers/caselist.h"
#include "handlers/caselock.h"
#include "handlers/casevoice.h"
#include "handlers/reply.h"

#define SEARCHED_DIGITS 2 /* with more of them one could ask whose number stands in a text */

enum { REVIEW_PROMISE, REVIEW_SQL_COUNT };
static const char *const review_sql[REVIEW_SQL_COUNT] = {
	[REVIEW_PROMISE] = "UPDATE casefile SET promised_at = $at, version = version + 1 WHERE id = $id",
};
const struct sql_module review_module = { "review", review_sql, REVIEW_SQL_COUNT };

static size_t count_digits(const char *text)
{
	size_t n = 0;
	for (; *text; text++)
		n += *text >= '0' && *text <= '9';
	return n;
}

/* What is looked for, past case and accents, as a pattern in which signs stand for themselves; "" for nothing. The caller's. */
static char *pattern_of(const char *search)
{
	OWN(mem) char *folded = fold(search);
	OWN(buffer) struct buffer out = { 0 };
	int r = folded ? buffer_puts(&out, *folded ? "%" : "") : E_NOMEM;
	for (const char *p = folded; !r && *p; p++)
		r = buffer_printf(&out, strchr("%_!", *p) ? "!%c" : "%c", *p);
	r = r || !*folded ? r : buffer_puts(&out, "%");
	return r ? NULL : strdup(buffer_text(&out));
}

static int read_filter(const struct call *c, const char *pattern, struct caselist_filter *ret, struct refusal *why)
{
	enum case_state state;
	*ret = (struct caselist_filter){
		.state = json_str(c->args, "state", ""),
		.topic = json_str(c->args, "topic", ""),
		.unit = json_str(c->args, "unit", ""),
		.assigned = json_str(c->args, "assigned", ""),
		.raised = json_flag(c->args, "raised", false),
		.code = pattern,
		.words = count_digits(pattern) <= SEARCHED_DIGITS ? pattern : "",
		.territory = c->unit,
		.overdue = json_flag(c->args, "overdue", false),
		.newest = json_flag(c->args, "newest", false),
		.after = json_int(c->args, "after", 0),
		.limit = json_int(c->args, "limit", 100),
	};
	if (*ret->state && case_state_parse(ret->state, &state))
		return refuse(why, E_INVALID, 422, "not_a_choice", "state", "There is no such state of a case.");
	return 0;
}

static int query_list(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	OWN(mem) char *pattern = pattern_of(json_str(c->args, "search", ""));
	struct caselist_filter f;
	int r = pattern ? read_filter(c, pattern, &f, why) : E_NOMEM;
	if (r)
		return r;
	f.brief = json_flag(c->args, "brief", false);
	return caselist_page(in, &f, ret, ret_next);
}

/* The last words of an answer; "" before there is one. */
static const char *answer_of(const json_t *row)
{
	const char *answer = "";
	size_t i;
	const json_t *event;
	json_array_foreach(json_object_get(row, "timeline"), i, event)
		if (strcmp(json_str(event, "what", ""), "answered") == 0)
			answer = json_str(event, "text", "");
	return answer;
}

/* For other offices: what was said and what came of it, and nothing of who said it or who handles it. */
static int query_export(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	static const char *const fields[] = { "code", "topic", "kind", "urgency", "unit", "state", "level", "received_at", "due_at", "overdue", "text" };
	OWN(json) json_t *page = NULL, *list = json_array();
	OWN(mem) char *pattern = pattern_of(json_str(c->args, "search", ""));
	struct caselist_filter f;
	size_t i;
	const json_t *row;
	int64_t next = 0;
	int r = list && pattern ? read_filter(c, pattern, &f, why) : E_NOMEM;
	r = r ? r : caselist_page(in, &f, &page, &next);
	json_array_foreach(page, i, row) {
		json_t *out = r || json_flag(row, "restricted", false) ? NULL : json_object();
		if (!out)
			continue;
		for (size_t k = 0; k < COUNT_OF(fields); k++)
			r = r ? r : json_object_set(out, fields[k], json_object_get(row, fields[k])) ? E_NOMEM : 0;
		r = r ? r : json_set_str(out, "answer", answer_of(row));
		if (json_array_append_new(list, out))
			r = E_NOMEM;
	}
	if (r)
		return r;
	*ret_next = next;
	*ret = MOVE(list);
	return 0;
}

static int query_show(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	struct casefile found;
	*ret_next = 0;
	int r = casefile_find(in, json_str(c->args, "id", ""), &found);
	r = r ? r : caselist_one(in, found.id, c->unit, ret);
	if (!r)
		r = json_object_set_new(*ret, "may", caserule_acts(in, &found, c->unit)) || json_object_set_new(*ret, "moves", caserule_moves(&found)) ? E_NOMEM : 0;
	return r == E_NOT_FOUND ? caselist_refuse(in, json_str(c->args, "id", ""), why) : r;
}

/* ---- reply ---- */

static int compose(const struct casevoice *v, const char *words, bool agree, char **ret)
{
	OWN(mem) char *question = agree ? reply_text(REPLY_AGREE, v->language, NULL) : NULL;
	if (agree && !question)
		return E_NOMEM;
	return asprintf(ret, "%s: %s%s%s", v->code, words, agree ? " " : "", agree ? question : "") < 0 ? E_NOMEM : 0;
}

/* To everybody who speaks in the case, and asks each whether they agree. */
static int send_answer(struct tick *t, const struct casefile *f, const char *words, bool agree, int64_t *ret_message)
{
	OWN(mem) struct casevoice *list = NULL;
	char name[32], subject[32];
	size_t n = 0;
	int64_t before = 0, message = 0;
	int r = casevoice_list(&t->in, f->id, &list, &n);
	r = r ? r : casefile_events_since(&t->in, f->id, "notified", 0, &before);
	snprintf(name, sizeof(name), "reply:%lld", (long long)before + 1);
	snprintf(subject, sizeof(subject), "case:%lld", (long long)f->id);
	for (size_t i = 0; i < n && !r; i++) {
		OWN(mem) char *text = NULL;
		r = compose(&list[i], words, agree, &text);
		r = r ? r : casevoice_say(t, &list[i], name, text, i ? &message : ret_message);
	}
	return r || !agree ? r : casevoice_ask(t, list, n, subject, t->in.now_ms + CASE_REOPEN_MS);
}

static int keep_promise(struct tick *t, const struct casefile *f, int64_t day_at)
{
	struct statement *st = store_prepare(t->in.db, &review_module, REVIEW_PROMISE);
	bind_int(st, "$id", f->id);
	bind_int(st, "$at", caseclock_morning_after(&t->in, day_at));
	return store_run(st);
}

static int answer(struct tick *t, const struct call *c, struct casefile *f, int64_t promised_day_at)
{
	const char *words = json_str(c->args, "text", "");
	int64_t message = 0;
	char subject[32];
	snprintf(subject, sizeof(subject), "case:%lld", (long long)f->id);
	int r = casefile_event(t, f->id, "answered", c->actor, words, 0, 0);
	if (!r && f->state != CASE_ANSWERED)
		r = casefile_move(t, f, CASE_ANSWERED);
	r = r ? r : send_answer(t, f, words, json_flag(c->args, "agree", false), &message);
	r = r ? r : casefile_event(t, f->id, "notified", "system", NULL, message, 0);
	r = r ? r : casefile_move(t, f, CASE_NOTIFIED);
	if (!r && promised_day_at)
		r = keep_promise(t, f, promised_day_at);
	r = r ? r : caselock_release(t, f->id, c->actor);
	return r ? r : audit_put(t, c->actor, "case.reply", subject, words);
}

static int command_reply(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct casefile f;
	int64_t promised_day_at = 0;
	const char *promise = json_str(c->args, "promise", "");
	int r = casedesk_open(t, c, ACT_REPLY, &f, why);
	if (!r && *promise)
		r = casedesk_day(t, "promise", promise, &promised_day_at, why);
	r = r ? r : answer(t, c, &f, promised_day_at);
	return r ? r : caselist_one(&t->in, f.id, c->unit, ret);
}

const char *const review_states[] = { "received",  "triaged",  "need_info", "verifying", "forwarded", "awaiting",
					     "escalated", "answered", "notified",  "closed",	"reopened",  NULL };
#define FILTER_ARGS \
	{ .name = "state", .type = ARG_TEXT, .choices = review_states, .help_en = "only cases in this state", .help_vi = "chỉ vụ việc ở bước này" }, \
	{ .name = "topic", .type = ARG_TEXT, .max = 15, .help_en = "only cases of this topic", .help_vi = "chỉ vụ việc theo chủ đề này" }, \
	{ .name = "unit", .type = ARG_TEXT, .max = 15, .help_en = "only cases of this unit and below", \
	  .help_vi = "chỉ vụ việc của đơn vị này và cấp dưới" }, \
	{ .name = "search", .type = ARG_TEXT, .max = 100, .help_en = "only cases with these words, accents aside, or this code", \
	  .help_vi = "chỉ vụ việc có các từ này (không cần dấu) hoặc mã này" }, \
	{ .name = "assigned", .type = ARG_TEXT, .max = 33, .help_en = "only cases of this person", .help_vi = "chỉ vụ việc giao cho người này" }, \
	{ .name = "raised", .type = ARG_FLAG, .help_en = "only cases that the province looks at: the villager did not agree, or they were escalated", \
	  .help_vi = "chỉ vụ việc cấp tỉnh xem xét: người dân không đồng ý, hoặc đã kiến nghị lên" }, \
	{ .name = "overdue", .type = ARG_FLAG, .help_en = "only cases past their date", .help_vi = "chỉ vụ việc quá hạn" }, \
	{ .name = "newest", .type = ARG_FLAG, .help_en = "newest first", .help_vi = "mới nhất trước" },
static const struct verb_arg list_args[] = {
	FILTER_ARGS
	{ .name = "brief", .type = ARG_FLAG, .help_en = "without what happened in each: timeline is null", .help_vi = "không kèm quá trình xử lý của từng vụ việc: timeline là null" },
};
static const struct verb_arg export_args[] = { FILTER_ARGS };
static const struct verb_arg show_args[] = { CASE_ID_ARG };
static const struct verb_arg reply_args[] = {
	CASE_ID_ARG,
	{ .name = "text", .type = ARG_TEXT, .required = true, .min = 1, .max = 2000, .help_en = "the answer, in plain words",
	  .help_vi = "câu trả lời, dễ hiểu" },
	{ .name = "promise", .type = ARG_TEXT, .max = 10, .otherwise = "", .help_en = "day by which it will be done, such as 2026-12-30: then the person is asked",
	  .help_vi = "ngày hứa làm xong, ví dụ 2026-12-30; sau ngày đó sẽ hỏi lại người dân" },
	{ .name = "agree", .type = ARG_FLAG, .help_en = "also ask whether the person agrees (1 or 2)", .help_vi = "hỏi thêm có đồng ý không (1 hoặc 2)" },
};

#define READERS (R_(OPERATOR) | R_(REVIEWER) | R_(SECRETARY))
static const struct verb verbs[] = {
	{ .noun = "case", .name = "list", .kind = VERB_QUERY, .roles = READERS, .audited = true, .list = true, VERB_ARGS(list_args),
	  .help_en = "what people said and how far it is", .help_vi = "danh sách phản ánh và tiến độ", .query = query_list },
	{ .noun = "case", .name = "show", .kind = VERB_QUERY, .roles = READERS, .audited = true, VERB_ARGS(show_args),
	  .help_en = "one case with its timeline", .help_vi = "một phản ánh và quá trình xử lý", .query = query_show },
	{ .noun = "case", .name = "export", .kind = VERB_QUERY, .roles = READERS, .list = true, VERB_ARGS(export_args),
	  .help_en = "cases as rows for other offices: no names, no numbers, nothing restricted", .help_vi = "xuất danh sách, không có thông tin cá nhân",
	  .query = query_export },
	{ .noun = "case", .name = "reply", .kind = VERB_COMMAND, .roles = R_(OPERATOR) | R_(REVIEWER), VERB_ARGS(reply_args),
	  .help_en = "answer the person by SMS", .help_vi = "trả lời người dân bằng tin nhắn", .command = command_reply },
};
const struct verb_table case_verbs = VERB_TABLE(verbs);
