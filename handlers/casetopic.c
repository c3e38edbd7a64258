/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sorting, one by one and by the hundred. A topic that is restricted restricts its case; no other topic lifts that. */
#include "handlers/casetopic.h"

#include <stdio.h>
#include <string.h>

#include "gateway/audit.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "handlers/casedesk.h"
#include "handlers/casepass.h"
#include "handlers/casework.h"
#include "handlers/correction.h"
#include "handlers/keywords.h"

#define BULK_MAX 100
#define BULK_BYTES (BULK_MAX * 24)

enum { CASETOPIC_ROW, CASETOPIC_INBOUND, CASETOPIC_SQL_COUNT };
static const char *const casetopic_sql[CASETOPIC_SQL_COUNT] = {
	[CASETOPIC_ROW] = "SELECT topic, urgency FROM casefile WHERE id = $id",
	[CASETOPIC_INBOUND] = "SELECT inbound FROM case_event WHERE casefile = $id AND inbound IS NOT NULL ORDER BY id LIMIT 1",
};
const struct sql_module casetopic_module = { "casetopic", casetopic_sql, CASETOPIC_SQL_COUNT };

/* ---- one ---- */

static int read_row(struct tick *t, int64_t id, char topic[TOPIC_BYTES], char urgency[16])
{
	struct statement *st = store_prepare(t->in.db, &casetopic_module, CASETOPIC_ROW);
	bind_int(st, "$id", id);
	int r = store_row(st);
	if (r > 0) {
		snprintf(topic, TOPIC_BYTES, "%s", column_null(st, 0) ? "" : column_text(st, 0));
		snprintf(urgency, 16, "%s", column_text(st, 1));
	}
	store_reset(st);
	return r > 0 ? 0 : r ? r : E_NOT_FOUND;
}

/* What the message was read as, and what it is: whoever improves the word lists sees both. A case that came by no message teaches nothing. */
static int keep_correction(struct tick *t, const struct call *c, int64_t id, const char *was, const char *is)
{
	struct statement *st = store_prepare(t->in.db, &casetopic_module, CASETOPIC_INBOUND);
	bind_int(st, "$id", id);
	int r = store_row(st);
	int64_t inbound = r > 0 ? column_int(st, 0) : 0;
	store_reset(st);
	if (r <= 0)
		return r;
	const char *note = json_str(c->args, "note", "");
	struct correction k = { .inbound = inbound, .actor = c->actor, .kind_was = "feedback", .kind = "feedback", .topic_was = *was ? was : NULL, .topic = is,
				.note = *note ? note : NULL };
	return correction_put(t, &k);
}

static int sort(struct tick *t, const struct call *c, const struct casefile *f, const char *said, json_t **ret, struct refusal *why)
{
	char was[TOPIC_BYTES], urgency[16], words[80];
	const char *code = t->in.keywords ? keywords_topic_said(t->in.keywords, said) : NULL;
	if (!code)
		return refuse(why, E_INVALID, 422, "not_a_choice", "to", "There is no topic of this code.");
	int r = read_row(t, f->id, was, urgency);
	r = r ? r : casefile_refile(t, f->id, code, urgency, f->restricted || keywords_topic(t->in.keywords, code)->restricted);
	r = r ? r : keep_correction(t, c, f->id, was, code);
	snprintf(words, sizeof(words), "%s > %s", was, code);
	return r ? r : casedesk_done(t, c, f, "sorted", words, ret);
}

static int command_topic(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct casefile f;
	int r = casedesk_open(t, c, ACT_TOPIC, &f, why);
	return r ? r : sort(t, c, &f, json_str(c->args, "to", ""), ret, why);
}

/* ---- many ---- */

static const struct {
	const char *name;
	enum case_act act;
} bulk_acts[] = { { "assign", ACT_ASSIGN }, { "move", ACT_MOVE }, { "topic", ACT_TOPIC } };

static int do_one(struct tick *t, const struct call *c, const char *id, json_t **ret, struct refusal *why)
{
	struct casefile f;
	size_t k = 0;
	const char *act = json_str(c->args, "do", ""), *to = json_str(c->args, "to", "");
	while (strcmp(bulk_acts[k].name, act) != 0)
		k++; /* the verb's choices let no other name through */
	int r = casedesk_open_named(t, c, id, bulk_acts[k].act, &f, why);
	if (r)
		return r;
	switch (k) {
	case 0: return casepass_assign(t, c, &f, to, ret, why);
	case 1: return casework_move(t, c, &f, to, ret, why);
	default: return sort(t, c, &f, to, ret, why);
	}
}

/* Those that may not are told apart from those that went; anything worse undoes all of it. */
static int do_each(struct tick *t, const struct call *c, char *ids, json_t *done, json_t *refused)
{
	int r = 0;
	for (char *id; !r && (id = strsep(&ids, ", "));) {
		struct refusal why = { 0 };
		OWN(json) json_t *one = NULL;
		if (!*id)
			continue;
		if (json_array_size(done) + json_array_size(refused) == BULK_MAX)
			return E_TOO_BIG;
		r = do_one(t, c, id, &one, &why);
		if (!r)
			r = json_array_append_new(done, json_string(id)) ? E_NOMEM : 0;
		else if (why.rule[0])
			r = json_array_append_new(refused, json_pack("{s:s, s:s, s:s}", "id", id, "rule", why.rule, "text", why.text)) ? E_NOMEM : 0;
		if (!r && why.attempt[0])
			r = audit_put(t, c->actor, c->dotted, why.attempt, AUDIT_ATTEMPT);
		refusal_done(&why);
	}
	return r;
}

static int command_bulk(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	char ids[BULK_BYTES];
	OWN(json) json_t *done = json_array(), *refused = json_array();
	snprintf(ids, sizeof(ids), "%s", json_str(c->args, "ids", ""));
	if (!done || !refused)
		return E_NOMEM;
	int r = do_each(t, c, ids, done, refused);
	if (r == E_TOO_BIG)
		return refuse(why, r, 422, "out_of_range", "ids", "At most %d cases at once.", BULK_MAX);
	if (r)
		return r;
	*ret = json_pack("{s:O, s:O}", "done", done, "refused", refused);
	return *ret ? 0 : E_NOMEM;
}

static const char *const bulk_choices[] = { "assign", "move", "topic", NULL };
static const char *const reasons[] = { "answered", "duplicate", "no_content", "wrong_number", "not_ours", "withdrawn", "unreachable", NULL };
static const struct verb_arg topic_args[] = {
	CASE_ID_ARG,
	{ .name = "to", .type = ARG_TEXT, .required = true, .min = 1, .max = 15, .help_en = "the topic's code, such as BHYT", .help_vi = "mã chủ đề, ví dụ BHYT" },
	CASE_NOTE_ARG,
};
static const struct verb_arg bulk_args[] = {
	{ .name = "ids", .type = ARG_TEXT, .required = true, .min = 1, .max = BULK_BYTES - 1, .help_en = "ids or codes with commas between, 100 at most",
	  .help_vi = "các số hoặc mã, cách nhau bằng dấu phẩy, tối đa 100" },
	{ .name = "do", .type = ARG_TEXT, .required = true, .choices = bulk_choices, .help_en = "what to do with each", .help_vi = "việc cần làm" },
	{ .name = "to", .type = ARG_TEXT, .required = true, .min = 1, .max = 33, .help_en = "the person, the state or the topic", .help_vi = "người nhận, bước hoặc chủ đề" },
	{ .name = "reason", .type = ARG_TEXT, .choices = reasons, .help_en = "why; closed needs one", .help_vi = "lý do; bắt buộc khi kết thúc" },
	CASE_NOTE_ARG,
};
static const struct verb verbs[] = {
	{ .noun = "case", .name = "topic", .kind = VERB_COMMAND, .roles = CASE_WORKERS, VERB_ARGS(topic_args),
	  .help_en = "correct what it is about; kept for the word lists", .help_vi = "sửa chủ đề; lưu lại để cải thiện bộ từ khóa", .command = command_topic },
	{ .noun = "case", .name = "bulk", .kind = VERB_COMMAND, .roles = CASE_WORKERS, VERB_ARGS(bulk_args),
	  .help_en = "assign, move or sort many at once; never answers", .help_vi = "giao, chuyển bước hoặc sửa chủ đề hàng loạt; không trả lời hàng loạt",
	  .command = command_bulk },
};
const struct verb_table casetopic_verbs = VERB_TABLE(verbs);
