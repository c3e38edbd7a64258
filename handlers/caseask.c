/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions about a case to those who know. What the villager answers joins the case by itself (feedback.c); without a word
 * the case goes on (casecare.c). */
#include "handlers/caseask.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/question.h"
#include "handlers/caseclock.h"
#include "handlers/casedesk.h"
#include "handlers/caselock.h"
#include "handlers/reply.h"

/* The question, by SMS, and the answer that is waited for. */
static int ask_villager(struct tick *t, const struct casefile *f, const char *words, int64_t *ret_message)
{
	char key[64], subject[32];
	int64_t n = 0, id = 0;
	OWN(mem) char *text = NULL;
	if (asprintf(&text, "%s: %s", f->code, words) < 0)
		return E_NOMEM;
	snprintf(subject, sizeof(subject), "case:%lld", (long long)f->id);
	int r = casefile_events_since(&t->in, f->id, "asked", 0, &n);
	snprintf(key, sizeof(key), "case:%lld:ask:%lld", (long long)f->id, (long long)n + 1);
	struct reply_to to = { .address = f->address, .person = f->person, .channel = f->channel, .subject = subject };
	r = r ? r : reply_put(t, &to, CLASS_SERVICE, key, text, ret_message);
	return r ? r : question_ask(t, f->address, "need_info", NULL, subject, NULL, t->in.now_ms + CASE_GO_ON_MS, &id);
}

static int command_ask(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct casefile f;
	int64_t message = 0;
	const char *words = json_str(c->args, "text", "");
	int r = casedesk_open(t, c, ACT_ASK, &f, why);
	r = r ? r : ask_villager(t, &f, words, &message);
	r = r ? r : casefile_move(t, &f, CASE_NEED_INFO);
	r = r ? r : caselock_release(t, f.id, c->actor);
	return r ? r : casedesk_done(t, c, &f, "asked", words, ret);
}

/* Without a result it begins; with one it is over, and the case is sorted with what is known now. */
static int command_verify(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct casefile f;
	char words[CASE_WORDS_BYTES];
	const char *result = json_str(c->args, "result", ""), *parts[] = { json_str(c->args, "by", ""), result, json_str(c->args, "note", "") };
	int r = casedesk_open(t, c, ACT_VERIFY, &f, why);
	if (!r && *result && f.state != CASE_VERIFYING)
		r = refuse(why, E_REFUSED, 409, "case_state", "result", "Nobody is verifying it: the case is %s.", case_state_name(f.state));
	if (!r && !*result && !*parts[0])
		r = refuse(why, E_INVALID, 422, "missing", "by", "Say who is to verify it.");
	if (r)
		return r;
	casedesk_join(words, sizeof(words), parts, COUNT_OF(parts));
	r = casefile_move(t, &f, *result ? CASE_TRIAGED : CASE_VERIFYING);
	return r ? r : casedesk_done(t, c, &f, *result ? "verified" : "verifying", words, ret);
}

static const char *const results[] = { "confirmed", "partly", "not_confirmed", NULL };
static const struct verb_arg ask_args[] = {
	CASE_ID_ARG,
	{ .name = "text", .type = ARG_TEXT, .required = true, .min = 1, .max = 1000, .help_en = "the question, in plain words", .help_vi = "câu hỏi, dễ hiểu" },
};
static const struct verb_arg verify_args[] = {
	CASE_ID_ARG,
	{ .name = "by", .type = ARG_TEXT, .max = 200, .otherwise = "", .help_en = "who goes and looks, such as the hamlet's Front board",
	  .help_vi = "ai đi xác minh, ví dụ Ban Công tác Mặt trận thôn" },
	{ .name = "result", .type = ARG_TEXT, .choices = results, .help_en = "what they found; it is over then", .help_vi = "kết quả xác minh" },
	CASE_NOTE_ARG,
};
static const struct verb verbs[] = {
	{ .noun = "case", .name = "ask", .kind = VERB_COMMAND, .roles = CASE_WORKERS, VERB_ARGS(ask_args),
	  .help_en = "ask the person for what is missing, by SMS", .help_vi = "hỏi thêm người dân bằng tin nhắn", .command = command_ask },
	{ .noun = "case", .name = "verify", .kind = VERB_COMMAND, .roles = CASE_WORKERS, VERB_ARGS(verify_args),
	  .help_en = "have the hamlet look, and say what was found", .help_vi = "xác minh tại cộng đồng, ghi kết quả", .command = command_verify },
};
const struct verb_table caseask_verbs = VERB_TABLE(verbs);
