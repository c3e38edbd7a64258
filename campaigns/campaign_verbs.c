/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of campaigns: new, set, show and list are here, the others are rows that point to where they are decided. */
#include "campaigns/agenda.h"
#include "campaigns/approval.h"
#include "campaigns/campaign.h"
#include "campaigns/course.h"
#include "campaigns/draft.h"
#include "campaigns/poll.h"
#include "campaigns/schedule.h"
#include "campaigns/preview.h"

#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "gateway/audit.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/store/store.h"
#include "gateway/territory.h"

#define ID_MAX (INT64_C(1) << 53)

enum verbs_sql { VERBS_LIST, VERBS_LIST_STATE, VERBS_SQL_COUNT };
#define LIST_OF(more) "SELECT id FROM campaign WHERE id < $before" more " AND " TERRITORY_HOLDS("coalesce(nullif(campaign.unit, ''), $home)", "$unit") " ORDER BY id DESC LIMIT $limit"
static const char *const verbs_sql[VERBS_SQL_COUNT] = {
	[VERBS_LIST] = LIST_OF(""),
	[VERBS_LIST_STATE] = LIST_OF(" AND state = $state"),
};
extern const struct sql_module campaign_verbs_module;
const struct sql_module campaign_verbs_module = { "campaign_verbs", verbs_sql, VERBS_SQL_COUNT };

/* ---- new and set ---- */

static int answer(const struct scope *in, struct tick *t, int64_t id, json_t **ret)
{
	struct campaign c = { 0 };
	int r = campaign_get(in, id, NULL, &c);
	if (!r)
		r = campaign_json(in, t, &c, ret);
	campaign_done(&c);
	return r;
}

static int audit_text(struct tick *t, const struct call *call, const char *verb, int64_t id, const struct draft *d)
{
	char subject[40];
	snprintf(subject, sizeof(subject), "campaign:%lld", (long long)id);
	return audit_put(t, call->actor, verb, subject, d->text);
}

static int verb_new(struct tick *t, const struct call *call, json_t **ret, struct refusal *why)
{
	struct draft d = { 0 };
	int64_t id = 0;
	int r = draft_read(t, call, &d, why);
	if (!r)
		r = draft_new(t, call, &d, &id);
	if (!r)
		r = poll_attach(t, call, id, why);
	if (!r)
		r = audit_text(t, call, "campaign.new", id, &d);
	if (!r) {
		tick_changed(t, "campaign");
		r = answer(&t->in, t, id, ret);
	}
	draft_done(&d);
	return r;
}

static int verb_set(struct tick *t, const struct call *call, json_t **ret, struct refusal *why)
{
	struct draft d = { 0 };
	struct campaign c = { 0 };
	int r = campaign_of_call(&t->in, call, &c, why);
	if (!r && c.state != CAMPAIGN_DRAFT && c.state != CAMPAIGN_RETURNED)
		r = campaign_refuse_state(&c, why);
	if (!r)
		r = draft_read(t, call, &d, why);
	if (!r)
		r = draft_over(t, call, &d, &c);
	if (!r)
		r = audit_text(t, call, "campaign.set", c.id, &d);
	if (!r) {
		tick_changed(t, "campaign");
		r = answer(&t->in, t, c.id, ret);
	}
	draft_done(&d);
	campaign_done(&c);
	return r;
}

/* ---- show and list ---- */

static int verb_show(const struct scope *in, const struct call *call, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	struct campaign c = { 0 };
	*ret_next = 0;
	int r = campaign_of_call(in, call, &c, why);
	if (!r)
		r = campaign_json(in, NULL, &c, ret);
	campaign_done(&c);
	return r;
}

/* Newest first; the cursor is the last id of the page. */
static int verb_list(const struct scope *in, const struct call *call, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	(void)why;
	OWN(json) json_t *list = json_array();
	if (!list)
		return E_NOMEM;
	const char *state = json_str(call->args, "state", NULL);
	int64_t limit = json_int(call->args, "limit", 100), after = json_int(call->args, "after", 0), last = 0;
	struct statement *st = store_prepare(in->db, &campaign_verbs_module, state ? VERBS_LIST_STATE : VERBS_LIST);
	bind_int(st, "$before", after > 0 ? after : INT64_MAX);
	bind_text(st, "$unit", call->unit ? call->unit : "");
	bind_text(st, "$home", campaign_home(in));
	bind_int(st, "$limit", limit);
	if (state)
		bind_text(st, "$state", state);
	int r;
	while ((r = store_row(st)) > 0) {
		json_t *one = NULL;
		last = column_int(st, 0);
		r = answer(in, NULL, last, &one);
		if (!r)
			r = json_array_append_new(list, one) ? E_NOMEM : 0;
		if (r)
			break;
	}
	store_reset(st);
	if (r)
		return r;
	*ret_next = (int64_t)json_array_size(list) == limit ? last : 0;
	*ret = MOVE(list);
	return 0;
}

/* ---- rows ---- */

#define ARG_ID { .name = "id", .type = ARG_INT, .rank = 1, .required = true, .min = 1, .max = ID_MAX, .help_en = "campaign", .help_vi = "chiến dịch" }

/* The same for a new one and for one that is written anew. */
#define DRAFT_ARGS \
	{ .name = "name", .type = ARG_TEXT, .required = true, .min = 1, .max = 200, .help_en = "name for the staff", .help_vi = "tên chiến dịch" }, \
	{ .name = "text", .type = ARG_TEXT, .max = DRAFT_TEXT_BYTES_MAX, .help_en = "what is sent; {{name}} is a merge field, {{fact:name}} a dated fact", \
	  .help_vi = "nội dung tin; {{name}} là trường trộn, {{fact:tên}} là số liệu có hạn" }, \
	{ .name = "text-file", .type = ARG_FILE, .max = 2 * DRAFT_TEXT_BYTES_MAX, .help_en = "file that holds the text", .help_vi = "tệp chứa nội dung" }, \
	{ .name = "group", .type = ARG_TEXT, .min = 1, .max = GROUP_NAME_BYTES_MAX, .help_en = "list of people", .help_vi = "danh sách người nhận" }, \
	{ .name = "audience", .type = ARG_TEXT, .max = 2000, .help_en = "rule: group:A and not answered:12; see group count", .help_vi = "quy tắc: group:A and not answered:12" }, \
	{ .name = "class", .type = ARG_TEXT, .otherwise = "social_policy", .choices = campaign_class_names, .help_en = "class", .help_vi = "loại tin" }, \
	{ .name = "reason", .type = ARG_TEXT, .min = 1, .max = 1000, .help_en = "of an emergency: what has happened", .help_vi = "lý do của tin khẩn cấp" }, \
	{ .name = "topic", .type = ARG_TEXT, .max = 32, .help_en = "topic code, such as BHYT; left out: the one that the text speaks of", \
	  .help_vi = "mã chủ đề, ví dụ BHYT; bỏ trống: theo nội dung tin" }, \
	SCHEDULE_ARGS, \
	{ .name = "signup", .type = ARG_NAME, .help_en = "programme that DK means to whom this reaches: signups/NAME.conf", \
	  .help_vi = "chương trình mà người nhận đăng ký bằng DK: signups/NAME.conf" }, \
	{ .name = "channel", .type = ARG_NAME, .help_en = "by this channel only", .help_vi = "chỉ qua kênh này" }
static const struct verb_arg new_args[] = {
	DRAFT_ARGS,
	{ .name = "survey", .type = ARG_FILE, .max = 32768, .help_en = "dialogue whose first question the text asks", .help_vi = "tệp hội thoại khảo sát mà tin này hỏi câu đầu" },
};
static const struct verb_arg set_args[] = { ARG_ID, DRAFT_ARGS };
static const struct verb_arg dates_args[] = { SCHEDULE_ARGS };
static const struct verb_arg id_args[] = { ARG_ID };
static const struct verb_arg approve_args[] = {
	ARG_ID,
	{ .name = "digest", .type = ARG_TEXT, .max = 64, .help_en = "what preview told; refused when it is another now", .help_vi = "mã băm của bản xem trước; nội dung đã đổi thì không duyệt" },
};
static const struct verb_arg return_args[] = {
	ARG_ID,
	{ .name = "why", .type = ARG_TEXT, .required = true, .min = 1, .max = 1000, .help_en = "reason", .help_vi = "lý do" },
};
static const struct verb_arg start_args[] = {
	ARG_ID,
	{ .name = "confirm", .type = ARG_INT, .min = 0, .max = ID_MAX, .help_en = "number of people as preview told it",
	  .help_vi = "số người như bản xem trước" },
};
static const struct verb_arg list_args[] = {
	{ .name = "state", .type = ARG_TEXT, .choices = campaign_state_names, .help_en = "in this state only", .help_vi = "chỉ trạng thái này" },
};

#define ROLES_WRITE R_(OUTREACH)
#define ROLES_READ (ROLES_STAFF | R_(AUDITOR))
#define ROW(verb_name, who, arguments, fn, en, vi) \
	{ .noun = "campaign", .name = verb_name, .kind = VERB_COMMAND, .roles = who, VERB_ARGS(arguments), .help_en = en, .help_vi = vi, .command = fn }

static const struct verb verbs[] = {
	{ .noun = "campaign", .name = "new", .kind = VERB_COMMAND, .roles = ROLES_WRITE, .creates = true, VERB_ARGS(new_args),
	  .help_en = "write a campaign", .help_vi = "soạn chiến dịch", .command = verb_new },
	ROW("set", ROLES_WRITE, set_args, verb_set, "write a draft, or what was returned, anew", "soạn lại bản nháp hoặc bản bị trả"),
	ROW("preview", ROLES_WRITE | R_(APPROVER), id_args, preview_verb, "people, cost, samples, lint", "người nhận, chi phí, tin mẫu, kiểm tra"),
	ROW("submit", ROLES_WRITE, id_args, approval_submit, "hand in for approval", "trình duyệt"),
	ROW("approve", ROLES_WRITE | R_(APPROVER), approve_args, approval_approve, "approve what is there now", "duyệt"),
	ROW("return", R_(APPROVER), return_args, approval_return, "give back to the author", "trả lại người soạn"),
	ROW("start", ROLES_WRITE | R_(APPROVER), start_args, course_start, "begin to send", "bắt đầu gửi"),
	ROW("pause", ROLES_WRITE | R_(APPROVER), id_args, course_pause, "stop for a while", "tạm dừng"),
	ROW("resume", ROLES_WRITE | R_(APPROVER), id_args, course_resume, "go on", "gửi tiếp"),
	ROW("cancel", ROLES_WRITE | R_(APPROVER), id_args, course_cancel, "end it and take back what waits", "hủy, thu hồi tin chưa gửi"),
	{ .noun = "campaign", .name = "show", .kind = VERB_QUERY, .roles = ROLES_READ, VERB_ARGS(id_args), .help_en = "one campaign",
	  .help_vi = "một chiến dịch", .query = verb_show },
	{ .noun = "campaign", .name = "dates", .kind = VERB_QUERY, .roles = ROLES_READ, VERB_ARGS(dates_args),
	  .help_en = "the next dates of a schedule, before it is saved", .help_vi = "các ngày gửi tới của một lịch, trước khi lưu", .query = agenda_verb },
	{ .noun = "campaign", .name = "list", .kind = VERB_QUERY, .roles = ROLES_READ, .list = true, VERB_ARGS(list_args),
	  .help_en = "campaigns, newest first", .help_vi = "các chiến dịch, mới nhất trước", .query = verb_list },
};
const struct verb_table campaign_verbs = VERB_TABLE(verbs);
