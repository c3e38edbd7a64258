/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verbs of the noun case that move it without an answer. Every one leaves an event in the timeline and a row in the audit. A case
 * that the caller's territory may not know of is not found. */
#include "handlers/casework.h"

#include <stdio.h>
#include <string.h>

#include "gateway/audit.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/scope.h"
#include "handlers/casefile.h"
#include "handlers/caselist.h"

#define WORDS_BYTES 3200

enum { CASEWORK_DUE, CASEWORK_SQL_COUNT };
static const char *const casework_sql[CASEWORK_SQL_COUNT] = {
	[CASEWORK_DUE] = "UPDATE casefile SET due_at = $due, version = version + 1 WHERE id = $id",
};
const struct sql_module casework_module = { "casework", casework_sql, CASEWORK_SQL_COUNT };

static int find(struct tick *t, const struct call *c, struct casefile *ret, struct refusal *why)
{
	OWN(json) json_t *seen = NULL;
	int r = casefile_find(&t->in, json_str(c->args, "id", ""), ret);
	r = r ? r : caselist_one(&t->in, ret->id, c->unit, &seen);
	return r == E_NOT_FOUND ? refuse(why, r, 404, "not_found", "id", "There is no such case.") : r;
}

static int refuse_state(const struct casefile *f, struct refusal *why)
{
	return refuse(why, E_REFUSED, 409, "case_state", "id", "This is not possible while the case is %s.", case_state_name(f->state));
}

/* The event, the audit's row, and the case as it is then. */
static int finish(struct tick *t, const struct call *c, const struct casefile *f, const char *what, const char *words, json_t **ret)
{
	char subject[32];
	snprintf(subject, sizeof(subject), "case:%lld", (long long)f->id);
	int r = casefile_event(t, f->id, what, c->actor, words, 0, 0);
	r = r ? r : audit_put(t, c->actor, c->dotted, subject, words);
	return r ? r : caselist_one(&t->in, f->id, c->unit, ret);
}

/* "a; b; c" of what was given. */
static void join(char *out, size_t room, const char *const *parts, size_t n)
{
	size_t at = 0;
	out[0] = '\0';
	for (size_t i = 0; i < n; i++)
		if (*parts[i] && at < room) {
			int more = snprintf(out + at, room - at, "%s%s", at ? "; " : "", parts[i]);
			at += more > 0 ? (size_t)more : 0;
		}
}

/* A day ends with its working hours. */
static int read_due(struct tick *t, const char *due, int64_t *ret, struct refusal *why)
{
	char text[24];
	snprintf(text, sizeof(text), "%.10sT17:00", due);
	if (strlen(due) != 10 || calendar_parse_iso(text, t->in.zone, ret))
		return refuse(why, E_INVALID, 422, "bad_time", "due", "The due date is no day, such as 2026-12-15.");
	if (*ret <= t->in.now_ms)
		return refuse(why, E_INVALID, 422, "out_of_range", "due", "The due date has passed.");
	return 0;
}

static int set_due(struct tick *t, int64_t id, int64_t due_at)
{
	struct statement *st = store_prepare(t->in.db, &casework_module, CASEWORK_DUE);
	bind_int(st, "$id", id);
	bind_int(st, "$due", due_at);
	return store_run(st);
}

static int command_forward(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct casefile f;
	int64_t due_at = 0;
	char words[WORDS_BYTES];
	const char *due = json_str(c->args, "due", "");
	const char *parts[] = { json_str(c->args, "to", ""), json_str(c->args, "document", ""), due, json_str(c->args, "note", "") };
	int r = find(t, c, &f, why);
	if (!r && *due)
		r = read_due(t, due, &due_at, why);
	if (r)
		return r;
	if (!case_may_move(f.state, CASE_FORWARDED))
		return refuse_state(&f, why);
	join(words, sizeof(words), parts, COUNT_OF(parts));
	r = casefile_move(t, &f, CASE_FORWARDED);
	if (!r && due_at)
		r = set_due(t, f.id, due_at);
	return r ? r : finish(t, c, &f, "forwarded", words, ret);
}

static int command_note(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct casefile f;
	int r = find(t, c, &f, why);
	return r ? r : finish(t, c, &f, "note", json_str(c->args, "text", ""), ret);
}

/* "answered" is said of a case whose villager was told; every other reason closes without an answer. */
static bool is_answered(const struct casefile *f)
{
	return f->state == CASE_ANSWERED || f->state == CASE_NOTIFIED;
}

static int command_close(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct casefile f;
	char words[WORDS_BYTES];
	const char *reason = json_str(c->args, "reason", "");
	const char *parts[] = { reason, json_str(c->args, "note", "") };
	int r = find(t, c, &f, why);
	if (r)
		return r;
	if (f.state == CASE_CLOSED || (!strcmp(reason, "answered") && !is_answered(&f)))
		return refuse_state(&f, why);
	join(words, sizeof(words), parts, COUNT_OF(parts));
	r = casefile_move(t, &f, CASE_CLOSED);
	return r ? r : finish(t, c, &f, "closed", words, ret);
}

static const char *const reasons[] = { "answered", "duplicate", "no_content", "wrong_number", "not_ours", "withdrawn", "unreachable", NULL };
#define ID_ARG { .name = "id", .type = ARG_TEXT, .rank = 1, .required = true, .min = 1, .max = 24, \
		 .help_en = "id or code, such as PA482918", .help_vi = "số hoặc mã, ví dụ PA482918" }
#define NOTE_ARG { .name = "note", .type = ARG_TEXT, .max = 2000, .otherwise = "", .help_en = "a note for the timeline", .help_vi = "ghi chú" }
static const struct verb_arg forward_args[] = {
	ID_ARG,
	{ .name = "to", .type = ARG_TEXT, .required = true, .min = 1, .max = 200, .help_en = "competent body", .help_vi = "cơ quan có thẩm quyền" },
	{ .name = "document", .type = ARG_TEXT, .max = 100, .otherwise = "", .help_en = "number of the document", .help_vi = "số văn bản" },
	{ .name = "due", .type = ARG_TEXT, .max = 10, .otherwise = "", .help_en = "day by which an answer is due, such as 2026-12-15",
	  .help_vi = "hạn trả lời, ví dụ 2026-12-15" },
	NOTE_ARG,
};
static const struct verb_arg note_args[] = {
	ID_ARG,
	{ .name = "text", .type = ARG_TEXT, .required = true, .min = 1, .max = 2000, .help_en = "the note", .help_vi = "nội dung ghi chú" },
};
static const struct verb_arg close_args[] = {
	ID_ARG,
	{ .name = "reason", .type = ARG_TEXT, .required = true, .choices = reasons, .help_en = "why", .help_vi = "lý do" },
	NOTE_ARG,
};

#define WORKERS (R_(OPERATOR) | R_(REVIEWER))
static const struct verb verbs[] = {
	{ .noun = "case", .name = "forward", .kind = VERB_COMMAND, .roles = WORKERS, VERB_ARGS(forward_args),
	  .help_en = "pass on to the competent body", .help_vi = "chuyển cơ quan có thẩm quyền", .command = command_forward },
	{ .noun = "case", .name = "note", .kind = VERB_COMMAND, .roles = WORKERS, VERB_ARGS(note_args), .help_en = "write something down for the staff",
	  .help_vi = "ghi chú nội bộ", .command = command_note },
	{ .noun = "case", .name = "close", .kind = VERB_COMMAND, .roles = WORKERS, VERB_ARGS(close_args), .help_en = "end a case with a reason",
	  .help_vi = "kết thúc vụ việc kèm lý do", .command = command_close },
};
const struct verb_table casework_verbs = VERB_TABLE(verbs);
