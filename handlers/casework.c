/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verbs that move a case without an answer to the villager's question: case move, forward, extend, topic, note, close. */
#include "handlers/casework.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "handlers/caseclock.h"
#include "handlers/casedesk.h"
#include "handlers/casevoice.h"

enum { CASEWORK_DUE, CASEWORK_FORWARD, CASEWORK_SQL_COUNT };
static const char *const casework_sql[CASEWORK_SQL_COUNT] = {
	[CASEWORK_DUE] = "UPDATE casefile SET due_at = $due, sorry_at = $sorry, step_due_at = $due, version = version + 1 WHERE id = $id",
	[CASEWORK_FORWARD] = "INSERT INTO case_forward (casefile, at, body, document, day) VALUES ($id, $now, $body, $document, $day)",
};
const struct sql_module casework_module = { "casework", casework_sql, CASEWORK_SQL_COUNT };

/* A new day for the answer, and for the step that it waits in. */
static int set_due(struct tick *t, int64_t id, int64_t due_at)
{
	struct statement *st = store_prepare(t->in.db, &casework_module, CASEWORK_DUE);
	bind_int(st, "$id", id);
	bind_int(st, "$due", due_at);
	bind_int(st, "$sorry", caseclock_sorry(&t->in, due_at));
	return store_run(st);
}

/* The villager hears of it, unasked. */
static int tell_day(struct tick *t, const struct casefile *f, enum reply name, int64_t due_at)
{
	char since[16], date[16];
	struct calendar now = calendar_local(t->in.zone, t->in.now_ms), due = calendar_local(t->in.zone, due_at);
	snprintf(since, sizeof(since), "%02d/%02d", now.day % 100, now.month % 100);
	snprintf(date, sizeof(date), "%02d/%02d", due.day % 100, due.month % 100);
	return casevoice_tell(t, f, name, &(struct reply_values){ .since = since, .date = date }, NULL);
}

/* The parts of what the timeline says in one line, for the list of petitions. A document without a date is of today. */
static int put_forward(struct tick *t, const struct call *c, int64_t id)
{
	char today[CALENDAR_ISO_BYTES];
	const char *document = json_str(c->args, "document", ""), *dated = json_str(c->args, "dated", "");
	struct statement *st = store_prepare(t->in.db, &casework_module, CASEWORK_FORWARD);
	calendar_format_iso(t->in.zone, t->in.now_ms, today);
	today[10] = '\0';
	bind_int(st, "$id", id);
	bind_int(st, "$now", t->in.now_ms);
	bind_text(st, "$body", json_str(c->args, "to", ""));
	bind_text(st, "$document", document);
	bind_text(st, "$day", *dated ? dated : *document ? today : "");
	return store_run(st);
}

/* A document is not of tomorrow. */
static int check_dated(struct tick *t, const struct call *c, struct refusal *why)
{
	int64_t at = 0;
	const char *dated = json_str(c->args, "dated", "");
	if (!*dated)
		return 0;
	if (strlen(dated) != 10 || calendar_parse_iso(dated, t->in.zone, &at))
		return refuse(why, E_INVALID, 422, "bad_time", "dated", "The day is not written as 2026-12-15.");
	return at > t->in.now_ms ? refuse(why, E_INVALID, 422, "out_of_range", "dated", "A document is not of a day to come.") : 0;
}

static int command_forward(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct casefile f;
	int64_t due_at = 0;
	char words[CASE_WORDS_BYTES];
	const char *due = json_str(c->args, "due", "");
	const char *parts[] = { json_str(c->args, "to", ""), json_str(c->args, "document", ""), due, json_str(c->args, "note", "") };
	int r = casedesk_open(t, c, ACT_FORWARD, &f, why);
	if (!r && *due)
		r = casedesk_day(t, "due", due, &due_at, why);
	r = r ? r : check_dated(t, c, why);
	if (r)
		return r;
	casedesk_join(words, sizeof(words), parts, COUNT_OF(parts));
	r = casefile_move(t, &f, CASE_FORWARDED);
	r = r ? r : put_forward(t, c, f.id);
	if (!r && due_at)
		r = set_due(t, f.id, due_at);
	r = r ? r : casedesk_done(t, c, &f, "forwarded", words, ret);
	return r ? r : tell_day(t, &f, REPLY_FORWARDED, due_at ? due_at : f.due_at);
}

static int command_extend(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct casefile f;
	int64_t due_at = 0;
	char words[CASE_WORDS_BYTES];
	const char *parts[] = { json_str(c->args, "due", ""), json_str(c->args, "reason", "") };
	int r = casedesk_open(t, c, ACT_EXTEND, &f, why);
	r = r ? r : casedesk_day(t, "due", parts[0], &due_at, why);
	if (!r && due_at <= f.due_at)
		r = refuse(why, E_INVALID, 422, "out_of_range", "due", "An extension ends later than the day it had.");
	if (r)
		return r;
	casedesk_join(words, sizeof(words), parts, COUNT_OF(parts));
	r = set_due(t, f.id, due_at);
	r = r ? r : casedesk_done(t, c, &f, "extended", words, ret);
	return r ? r : tell_day(t, &f, REPLY_EXTENDED, due_at);
}

static int command_note(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct casefile f;
	int r = casedesk_open(t, c, ACT_NOTE, &f, why);
	return r ? r : casedesk_done(t, c, &f, "note", json_str(c->args, "text", ""), ret);
}

/* "answered" is said of a case whose villager was told; every other reason closes without an answer. */
static int close_with(struct tick *t, const struct call *c, struct casefile *f, const char *reason, json_t **ret, struct refusal *why)
{
	char words[CASE_WORDS_BYTES];
	const char *parts[] = { reason, json_str(c->args, "note", "") };
	bool answered = f->state == CASE_ANSWERED || f->state == CASE_NOTIFIED;
	if (!strcmp(reason, "answered") && !answered)
		return refuse(why, E_REFUSED, 409, "case_state", "id", "Nobody was answered: the case is %s.", case_state_name(f->state));
	casedesk_join(words, sizeof(words), parts, COUNT_OF(parts));
	int r = casefile_move(t, f, CASE_CLOSED);
	return r ? r : casedesk_done(t, c, f, "closed", words, ret);
}

static int command_close(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct casefile f;
	int r = casedesk_open(t, c, ACT_CLOSE, &f, why);
	return r ? r : close_with(t, c, &f, json_str(c->args, "reason", ""), ret, why);
}

int casework_move(struct tick *t, const struct call *c, struct casefile *f, const char *name, json_t **ret, struct refusal *why)
{
	enum case_state to;
	char words[CASE_WORDS_BYTES];
	const char *parts[] = { name, json_str(c->args, "note", "") }, *reason = json_str(c->args, "reason", "");
	if (case_state_parse(name, &to))
		return refuse(why, E_INVALID, 422, "not_a_choice", "to", "There is no such state of a case.");
	if (!caserule_may_move(f, to))
		return refuse(why, E_REFUSED, 409, "case_state", "to", "A case that is %s does not become %s by hand.", case_state_name(f->state), name);
	if (to == CASE_CLOSED && !*reason)
		return refuse(why, E_INVALID, 422, "missing", "reason", "A case is closed with a reason.");
	if (to == CASE_CLOSED)
		return close_with(t, c, f, reason, ret, why);
	casedesk_join(words, sizeof(words), parts, COUNT_OF(parts));
	int r = casefile_move(t, f, to);
	return r ? r : casedesk_done(t, c, f, "moved", words, ret);
}

static int command_move(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct casefile f;
	int r = casedesk_open(t, c, ACT_MOVE, &f, why);
	return r ? r : casework_move(t, c, &f, json_str(c->args, "to", ""), ret, why);
}

static const char *const reasons[] = { "answered", "duplicate", "no_content", "wrong_number", "not_ours", "withdrawn", "unreachable", NULL };
static const struct verb_arg forward_args[] = {
	CASE_ID_ARG,
	{ .name = "to", .type = ARG_TEXT, .required = true, .min = 1, .max = 200, .help_en = "competent body", .help_vi = "cơ quan có thẩm quyền" },
	{ .name = "document", .type = ARG_TEXT, .max = 100, .otherwise = "", .help_en = "number of the document", .help_vi = "số văn bản" },
	{ .name = "dated", .type = ARG_TEXT, .max = 10, .otherwise = "", .help_en = "day of the document, such as 2026-11-30; today when left out",
	  .help_vi = "ngày văn bản, ví dụ 2026-11-30; bỏ trống là hôm nay" },
	{ .name = "due", .type = ARG_TEXT, .max = 10, .otherwise = "", .help_en = "day by which an answer is due, such as 2026-12-15",
	  .help_vi = "hạn trả lời, ví dụ 2026-12-15" },
	CASE_NOTE_ARG,
};
static const struct verb_arg extend_args[] = {
	CASE_ID_ARG,
	{ .name = "due", .type = ARG_TEXT, .required = true, .max = 10, .help_en = "new day by which an answer is due, such as 2026-12-15",
	  .help_vi = "hạn trả lời mới, ví dụ 2026-12-15" },
	{ .name = "reason", .type = ARG_TEXT, .required = true, .min = 1, .max = 400, .help_en = "why it takes longer", .help_vi = "lý do gia hạn" },
};
static const char *const targets[] = { "triaged", "verifying", "awaiting", "escalated", "answered", "notified", "closed", "reopened", NULL };
static const struct verb_arg move_args[] = {
	CASE_ID_ARG,
	{ .name = "to", .type = ARG_TEXT, .required = true, .choices = targets, .help_en = "the state", .help_vi = "bước xử lý" },
	{ .name = "reason", .type = ARG_TEXT, .choices = reasons, .help_en = "why; closed needs one", .help_vi = "lý do; bắt buộc khi kết thúc" },
	CASE_NOTE_ARG,
};
static const struct verb_arg note_args[] = {
	CASE_ID_ARG,
	{ .name = "text", .type = ARG_TEXT, .required = true, .min = 1, .max = 2000, .help_en = "the note", .help_vi = "nội dung ghi chú" },
};
static const struct verb_arg close_args[] = {
	CASE_ID_ARG,
	{ .name = "reason", .type = ARG_TEXT, .required = true, .choices = reasons, .help_en = "why", .help_vi = "lý do" },
	CASE_NOTE_ARG,
};

static const struct verb verbs[] = {
	{ .noun = "case", .name = "move", .kind = VERB_COMMAND, .roles = CASE_WORKERS, VERB_ARGS(move_args), .help_en = "say how far it is",
	  .help_vi = "chuyển bước xử lý", .command = command_move },
	{ .noun = "case", .name = "forward", .kind = VERB_COMMAND, .roles = CASE_WORKERS, VERB_ARGS(forward_args),
	  .help_en = "pass on to the competent body", .help_vi = "chuyển cơ quan có thẩm quyền", .command = command_forward },
	{ .noun = "case", .name = "extend", .kind = VERB_COMMAND, .roles = CASE_WORKERS, VERB_ARGS(extend_args), .help_en = "give it more time, with a reason",
	  .help_vi = "gia hạn kèm lý do", .command = command_extend },
	{ .noun = "case", .name = "note", .kind = VERB_COMMAND, .roles = CASE_WORKERS, VERB_ARGS(note_args), .help_en = "write something down for the staff",
	  .help_vi = "ghi chú nội bộ", .command = command_note },
	{ .noun = "case", .name = "close", .kind = VERB_COMMAND, .roles = CASE_WORKERS, VERB_ARGS(close_args), .help_en = "end a case with a reason",
	  .help_vi = "kết thúc vụ việc kèm lý do", .command = command_close },
};
const struct verb_table casework_verbs = VERB_TABLE(verbs);
