/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verbs of the noun inbox. Shows persons, never numbers; what belongs to a restricted case is hidden as the case is. */
#include "handlers/intray.h"

#include <string.h>

#include "gateway/address.h"
#include "gateway/audit.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/base/mask.h"
#include "gateway/base/own.h"
#include "gateway/page.h"
#include "gateway/scope.h"
#include "handlers/classified.h"
#include "handlers/correction.h"
#include "handlers/refile.h"

/* A part of a long message is hidden as the whole is, and listed as the whole only. */
#define COLUMNS "SELECT i.id, i.channel, i.received_at, i.address, i.text, i.kind, i.topic, i.handled_by, i.result, i.why, i.state, i.casefile, coalesce(c.restricted, 0)" \
		" FROM inbound i LEFT JOIN inbound h ON h.id = i.joined_to LEFT JOIN casefile c ON c.id = coalesce(i.casefile, h.casefile) "
#define WANTED "($kind = '' OR i.kind = $kind) AND " PAGE_MOSTLY("i.state <> 'joined' AND " INTRAY_SEEN)
enum { INTRAY_ONE, INTRAY_PAGE, INTRAY_NEWEST, INTRAY_SQL_COUNT };
static const char *const intray_sql[INTRAY_SQL_COUNT] = {
	[INTRAY_ONE] = COLUMNS "WHERE i.id = $id AND " INTRAY_SEEN,
	[INTRAY_PAGE] = COLUMNS "WHERE i.id > $after AND " WANTED " ORDER BY i.id LIMIT $limit",
	[INTRAY_NEWEST] = COLUMNS "WHERE i.id < $after AND " WANTED " ORDER BY i.id DESC LIMIT $limit",
};
const struct sql_module intray_module = { "intray", intray_sql, INTRAY_SQL_COUNT };

void intray_bind(struct statement *st, const struct call *c)
{
	bind_text(st, "$territory", c->unit ? c->unit : "");
	bind_int(st, "$handles", c->role == ROLE_OPERATOR || c->role == ROLE_REVIEWER);
}

static json_t *row_json(const struct scope *in, struct statement *st, const void *arg)
{
	(void)arg;
	char received[CALENDAR_ISO_BYTES], person[24] = "";
	calendar_format_iso(in->zone, column_int(st, 2), received);
	if (!column_null(st, 3))
		address_pseudonym(column_int(st, 3), person);
	const char *topics = column_text(st, 6); /* the primary one stands first */
	OWN(json) json_t *topic = topics ? json_stringn(topics, strcspn(topics, "|")) : json_null();
	OWN(mem) char *text = mask_personal(column_text(st, 4));
	OWN(json) json_t *casefile = column_null(st, 11) ? json_null() : json_integer(column_int(st, 11));
	return json_pack("{s:I, s:s, s:s, s:s?, s:s, s:s?, s:O, s:s?, s:s?, s:s?, s:s, s:O, s:b}", "id", (json_int_t)column_int(st, 0),
			 "channel", column_text(st, 1), "received_at", received, "from_person", person[0] ? person : NULL, "text",
			 text, "kind", column_text(st, 5), "topic", topic, "handled_by", column_text(st, 7),
			 "result", column_text(st, 8), "why", column_text(st, 9), "state", column_text(st, 10), "case", casefile, "restricted",
			 column_int(st, 12) != 0);
}

static int query_list(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	(void)why;
	bool newest = json_flag(c->args, "newest", false);
	int64_t after = json_int(c->args, "after", 0);
	struct statement *st = store_prepare(in->db, &intray_module, newest ? INTRAY_NEWEST : INTRAY_PAGE);
	bind_int(st, "$after", newest && after == 0 ? INT64_MAX : after);
	bind_text(st, "$kind", json_str(c->args, "kind", ""));
	intray_bind(st, c);
	return page_read(in, c, st, 0, row_json, NULL, ret, ret_next);
}

int intray_one(const struct scope *in, int64_t id, const struct call *c, json_t **ret)
{
	struct statement *st = store_prepare(in->db, &intray_module, INTRAY_ONE);
	bind_int(st, "$id", id);
	intray_bind(st, c);
	return page_one(in, st, row_json, NULL, ret);
}

static int query_show(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	*ret_next = 0;
	int64_t id = json_int(c->args, "id", 0);
	int r = intray_one(in, id, c, ret);
	if (r != E_NOT_FOUND)
		return r;
	refuse(why, r, 404, "not_found", "id", "There is no such message.");
	audit_attempt(in, c, "inbound", id, why);
	return r;
}

static const struct verb_arg list_args[] = {
	{ .name = "kind", .type = ARG_TEXT, .choices = message_kinds, .help_en = "only messages of this kind", .help_vi = "chỉ tin nhắn loại này" },
	{ .name = "newest", .type = ARG_FLAG, .help_en = "newest first", .help_vi = "mới nhất trước" },
};
#define ID_ARG { .name = "id", .type = ARG_INT, .rank = 1, .required = true, .min = 1, .max = INT64_C(9007199254740991), \
		 .help_en = "the message", .help_vi = "số của tin nhắn" }
static const struct verb_arg show_args[] = { ID_ARG };
static const struct verb_arg refile_args[] = {
	ID_ARG,
	{ .name = "kind", .type = ARG_TEXT, .required = true, .choices = refile_kinds, .help_en = "what the message was",
	  .help_vi = "tin nhắn này thật ra là gì" },
	{ .name = "topic", .type = ARG_TEXT, .max = 15, .help_en = "its topic, such as BHYT; with optout: this topic alone",
	  .help_vi = "chủ đề, ví dụ BHYT; với optout: chỉ từ chối chủ đề này" },
	{ .name = "note", .type = ARG_TEXT, .max = 400, .help_en = "why, kept with the correction", .help_vi = "lý do, lưu cùng lần sửa" },
};

#define READERS (R_(OPERATOR) | R_(OUTREACH) | R_(REVIEWER) | R_(SECRETARY))
static const struct verb verbs[] = {
	{ .noun = "inbox", .name = "list", .kind = VERB_QUERY, .roles = READERS, .audited = true, .list = true, VERB_ARGS(list_args),
	  .help_en = "every message that arrived and what became of it", .help_vi = "mọi tin nhắn đến và kết quả xử lý", .query = query_list },
	{ .noun = "inbox", .name = "show", .kind = VERB_QUERY, .roles = READERS, .audited = true, VERB_ARGS(show_args), .help_en = "one message",
	  .help_vi = "một tin nhắn", .query = query_show },
	{ .noun = "inbox", .name = "refile", .kind = VERB_COMMAND, .roles = R_(OPERATOR) | R_(REVIEWER), VERB_ARGS(refile_args),
	  .help_en = "correct what a message was understood as: opt-outs and cases follow",
	  .help_vi = "sửa cách hiểu một tin nhắn: việc từ chối và vụ việc thay đổi theo", .command = refile_command },
	{ .noun = "inbox", .name = "export-corrections", .kind = VERB_QUERY, .roles = READERS, .list = true,
	  .help_en = "what was corrected, as rows for the keyword files; numbers are taken out",
	  .help_vi = "những lần sửa, để bổ sung từ khóa; số điện thoại được che", .query = correction_list },
};
const struct verb_table inbox_verbs = VERB_TABLE(verbs);
