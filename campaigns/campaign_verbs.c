/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of campaigns: new, show and list are here, the others are rows that point to where they are decided. */
#include "campaigns/agenda.h"
#include "campaigns/approval.h"
#include "campaigns/campaign.h"
#include "campaigns/course.h"
#include "campaigns/poll.h"
#include "campaigns/schedule.h"
#include "campaigns/preview.h"
#include "campaigns/template.h"

#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "gateway/audit.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "gateway/core.h"
#include "gateway/flow.h"
#include "gateway/store/store.h"
#include "gateway/territory.h"

#define CAMPAIGN_LANE 1
#define TEXT_BYTES_MAX 4096
#define ID_MAX (INT64_C(1) << 53)

enum verbs_sql { VERBS_NEW, VERBS_LIST, VERBS_LIST_STATE, VERBS_SQL_COUNT };
#define LIST_OF(more) "SELECT id FROM campaign WHERE id < $before" more " AND " TERRITORY_HOLDS("coalesce(nullif(campaign.unit, ''), $home)", "$unit") " ORDER BY id DESC LIMIT $limit"
static const char *const verbs_sql[VERBS_SQL_COUNT] = {
	[VERBS_NEW] = "INSERT INTO campaign (flow, name, state, class, topic, text, audience, pin, unit, author, start_local, start_zone, start_at, "
		      "schedule, created_at, changed_at) VALUES ($flow, $name, 'draft', $class, $topic, $text, $audience, $pin, $unit, $author, "
		      "$start_local, $start_zone, $start_at, $schedule, $now, $now)",
	[VERBS_LIST] = LIST_OF(""),
	[VERBS_LIST_STATE] = LIST_OF(" AND state = $state"),
};
extern const struct sql_module campaign_verbs_module;
const struct sql_module campaign_verbs_module = { "campaign_verbs", verbs_sql, VERBS_SQL_COUNT };

/* ---- new ---- */

/* Exactly one of two arguments. */
static int one_of(const struct call *call, const char *a, const char *b, const char **ret, struct refusal *why)
{
	const char *va = json_str(call->args, a, NULL), *vb = json_str(call->args, b, NULL);
	if (!va == !vb)
		return refuse(why, E_INVALID, 422, va ? "conflict" : "missing", a, "Give either %s or %s.", a, b);
	*ret = va ? va : vb;
	return 0;
}

static int read_text(const struct call *call, char **ret, struct refusal *why)
{
	const char *text = NULL;
	struct complaint bad = { 0 };
	int r = one_of(call, "text", "text-file", &text, why);
	if (r)
		return r;
	OWN(mem) char *nfc = text_nfc(text);
	if (!nfc)
		return E_NOMEM;
	size_t n = strlen(nfc);
	while (n && strchr("\r\n \t", nfc[n - 1]))
		nfc[--n] = '\0';
	if (!n)
		return refuse(why, E_INVALID, 422, "missing", "text", "The text is empty.");
	if (n > TEXT_BYTES_MAX)
		return refuse(why, E_INVALID, 422, "out_of_range", "text", "The text has more than %d bytes.", TEXT_BYTES_MAX);
	r = template_check(nfc, &bad);
	if (r == E_INVALID)
		return refuse(why, r, 422, bad.rule, "text", "%s", bad.text);
	if (!r)
		*ret = MOVE(nfc);
	return r;
}

static int read_audience(const struct scope *in, const struct call *call, char **ret, struct refusal *why)
{
	const char *given = NULL;
	struct audience a;
	struct complaint bad = { 0 };
	int r = one_of(call, "group", "audience", &given, why);
	if (r)
		return r;
	bool by_group = json_str(call->args, "group", NULL) != NULL;
	OWN(mem) char *rule = by_group ? audience_rule_of(given) : strdup(given);
	if (!rule)
		return E_NOMEM;
	r = audience_parse(in, rule, &a, &bad);
	if (!r)
		r = audience_check(in, &a, &bad);
	if (r && bad.rule[0])
		return refuse(why, r, r == E_NOT_FOUND ? 404 : 422, bad.rule, by_group ? "group" : "audience", "%s", bad.text);
	if (!r)
		*ret = MOVE(rule);
	return r;
}

static int read_channel(const struct scope *in, const struct call *call, struct refusal *why)
{
	const char *channel = json_str(call->args, "channel", NULL);
	if (channel && !config_channel(in->config, channel))
		return refuse(why, E_NOT_FOUND, 404, "unknown_channel", "channel", "There is no channel %s.", channel);
	return 0;
}

/* What new has read and checked. */
struct draft {
	char *text, *audience, *schedule;
	const char *topic;
	int64_t start_at;
	enum message_class class;
};

static int read_draft(const struct scope *in, const struct call *call, struct draft *d, struct refusal *why)
{
	int r = read_text(call, &d->text, why);
	if (!r)
		r = read_audience(in, call, &d->audience, why);
	if (!r)
		r = schedule_read_start(in, call->args, &d->start_at, why);
	if (!r)
		r = schedule_read(in, call->args, d->start_at, &d->schedule, why);
	if (!r)
		r = read_channel(in, call, why);
	if (!r)
		r = message_class_parse(json_str(call->args, "class", ""), &d->class);
	return r;
}

/* A topic that nobody can refuse by its name would pass by every refusal. */
static int read_topic(struct tick *t, const struct call *call, const char **ret, struct refusal *why)
{
	const char *said = json_str(call->args, "topic", NULL);
	const struct wiring *w = t->core->wiring;
	const char *code = said && *said && w->topic ? w->topic(&t->in, said) : said;
	if (said && *said && !code)
		return refuse(why, E_INVALID, 422, "not_a_choice", "topic", "There is no topic of this code.");
	*ret = code;
	return 0;
}

static int insert(struct tick *t, const struct call *call, const struct draft *d, int64_t *ret_id)
{
	int64_t flow;
	const char *name = json_str(call->args, "name", "");
	int r = flow_new(t, name, CAMPAIGN_LANE, d->class, &flow);
	if (r)
		return r;
	struct statement *st = store_prepare(t->in.db, &campaign_verbs_module, VERBS_NEW);
	bind_int(st, "$flow", flow);
	bind_text(st, "$name", name);
	bind_text(st, "$class", message_class_name(d->class));
	bind_text(st, "$topic", d->topic);
	bind_text(st, "$text", d->text);
	bind_text(st, "$audience", d->audience);
	bind_text(st, "$pin", json_str(call->args, "channel", ""));
	bind_text(st, "$unit", call->unit && *call->unit ? call->unit : NULL);
	bind_text(st, "$author", call->actor);
	bind_text(st, "$start_local", json_str(call->args, "start", NULL));
	bind_text(st, "$start_zone", d->start_at ? zone_name(t->in.zone) : NULL);
	if (d->start_at)
		bind_int(st, "$start_at", d->start_at);
	bind_text(st, "$schedule", d->schedule);
	bind_int(st, "$now", t->in.now_ms);
	r = store_run(st);
	if (!r)
		*ret_id = store_last_id(t->in.db);
	return r;
}

static int answer(const struct scope *in, struct tick *t, int64_t id, json_t **ret)
{
	struct campaign c = { 0 };
	int r = campaign_get(in, id, NULL, &c);
	if (!r)
		r = campaign_json(in, t, &c, ret);
	campaign_done(&c);
	return r;
}

static int verb_new(struct tick *t, const struct call *call, json_t **ret, struct refusal *why)
{
	struct draft d = { 0 };
	int64_t id = 0;
	char subject[40];
	int r = read_draft(&t->in, call, &d, why);
	if (!r)
		r = read_topic(t, call, &d.topic, why);
	if (!r)
		r = insert(t, call, &d, &id);
	if (!r)
		r = poll_attach(t, call, id, why);
	if (!r) {
		snprintf(subject, sizeof(subject), "campaign:%lld", (long long)id);
		r = audit_put(t, call->actor, "campaign.new", subject, d.text);
	}
	if (!r) {
		tick_changed(t, "campaign");
		r = answer(&t->in, t, id, ret);
	}
	free(d.text);
	free(d.audience);
	free(d.schedule);
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

static const char *const new_classes[] = { "social_policy", "advert", "service", NULL };
static const struct verb_arg new_args[] = {
	{ .name = "name", .type = ARG_TEXT, .required = true, .min = 1, .max = 200, .help_en = "name for the staff", .help_vi = "tên chiến dịch" },
	{ .name = "text", .type = ARG_TEXT, .max = TEXT_BYTES_MAX, .help_en = "what is sent; {{name}} is a merge field, {{fact:name}} a dated fact",
	  .help_vi = "nội dung tin; {{name}} là trường trộn, {{fact:tên}} là số liệu có hạn" },
	{ .name = "text-file", .type = ARG_FILE, .max = 2 * TEXT_BYTES_MAX, .help_en = "file that holds the text", .help_vi = "tệp chứa nội dung" },
	{ .name = "group", .type = ARG_TEXT, .min = 1, .max = GROUP_NAME_BYTES_MAX, .help_en = "list of people", .help_vi = "danh sách người nhận" },
	{ .name = "audience", .type = ARG_TEXT, .max = 2000, .help_en = "rule: group:A and not answered:12; see group count", .help_vi = "quy tắc: group:A and not answered:12" },
	{ .name = "class", .type = ARG_TEXT, .otherwise = "social_policy", .choices = new_classes, .help_en = "class", .help_vi = "loại tin" },
	{ .name = "topic", .type = ARG_TEXT, .max = 32, .help_en = "topic code, such as BHYT", .help_vi = "mã chủ đề, ví dụ BHYT" },
	SCHEDULE_ARGS,
	{ .name = "channel", .type = ARG_NAME, .help_en = "by this channel only", .help_vi = "chỉ qua kênh này" },
	{ .name = "survey", .type = ARG_FILE, .max = 32768, .help_en = "dialogue whose first question the text asks", .help_vi = "tệp hội thoại khảo sát mà tin này hỏi câu đầu" },
};
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
