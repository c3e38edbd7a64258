/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Choosing between two open questions. What was sent is kept in the subject of a question of its own. */
#include "handlers/which.h"

#include <string.h>

#include "gateway/base/json.h"
#include "handlers/ballot.h"
#include "handlers/signuptalk.h"

#define WHICH_MS (INT64_C(24) * 60 * 60 * 1000)
#define WHICH "which:"

bool which_asked(const struct question *q)
{
	return strncmp(q->subject, WHICH, strlen(WHICH)) == 0;
}

/* Questions that wait for days; what the gateway asked just now is answered first. */
static bool waits(const struct question *q)
{
	return ballot_asked(q) || strncmp(q->subject, "campaign:", 9) == 0 || strncmp(q->subject, "case:", 5) == 0;
}

static bool answers(const struct classified *c)
{
	return c->kind == KIND_SURVEY_ANSWER && strcmp(c->answer, "INVALID") != 0;
}

static bool may_fit_another(const struct classified *c)
{
	return c->kind == KIND_UNKNOWN || (c->kind == KIND_FEEDBACK && c->command != COMMAND_CASE) ||
	       (c->kind == KIND_SURVEY_ANSWER && strcmp(c->answer, "INVALID") == 0);
}

/* The message as an answer to another question. */
static int read_as(const struct turn *turn, const struct question *q, struct classified *ret)
{
	struct context x = { .most = -1, .opted_out = turn->context.opted_out, .open_case = turn->context.open_case };
	x.question = question_kind_parse(q->kind);
	snprintf(x.topic, sizeof(x.topic), "%.15s", q->topic[0] ? q->topic : turn->context.topic);
	int r = context_add_options(&x, q->options);
	r = r ? r : classify(turn->t->in.keywords, turn->in->text, &x, ret);
	context_done(&x);
	return r == E_INVALID ? E_CORRUPT : r;
}

static void turn_to(struct turn *turn, struct question *q)
{
	question_done(&turn->question);
	turn->question = *q;
	*q = (struct question){ 0 };
	turn->context.question = question_kind_parse(turn->question.kind);
}

static const char *label(const struct question *q)
{
	return q->topic[0] ? q->topic : strncmp(q->subject, "case:", 5) == 0 ? "tra loi phan anh" : "khao sat";
}

static int ask_which(struct turn *turn, const struct question *older)
{
	const struct question *newer = &turn->question;
	char subject[64];
	int64_t id = 0;
	struct reply_values values = { .topic = label(newer), .other = label(older) };
	OWN(json) json_t *options = json_pack("[{s:s,s:s},{s:s,s:s}]", "value", "1", "label", values.topic, "value", "2", "label", values.other);
	if (!options)
		return E_NOMEM;
	snprintf(subject, sizeof(subject), WHICH "%lld:%lld:%.8s", (long long)newer->id, (long long)older->id, turn->c.answer);
	turn_result(turn, "asked: which question?");
	int r = question_ask(turn->t, turn->in->address, "choice", options, subject, NULL, turn->t->in.now_ms + WHICH_MS, &id);
	return r ? r : turn_say(turn, REPLY_ASK_WHICH, &values);
}

static int compare(struct turn *turn, struct question *older, bool *ret_asked)
{
	struct classified other = { 0 };
	int r = read_as(turn, older, &other);
	if (r)
		return r;
	bool both = answers(&turn->c) && answers(&other);
	if (both && turn->c.bare && waits(&turn->question) && (waits(older) || signuptalk_asked(older))) {
		*ret_asked = true;
		r = ask_which(turn, older);
	} else if (!both && answers(&other) && may_fit_another(&turn->c)) {
		struct classified first = turn->c;
		turn->c = other;
		other = first;
		turn_to(turn, older);
	}
	classified_done(&other);
	return r;
}

int which_settle(struct turn *turn, bool *ret_asked)
{
	struct question older = { 0 };
	*ret_asked = false;
	if (!turn->question.id || !(answers(&turn->c) || may_fit_another(&turn->c)))
		return 0;
	int r = question_older(&turn->t->in, turn->in->address, turn->question.id, &older);
	if (!r)
		r = compare(turn, &older, ret_asked);
	question_done(&older);
	return r == E_NOT_FOUND ? 0 : r;
}

int which_answer(struct turn *turn)
{
	long long newer = 0, older = 0;
	char digit[9] = "";
	struct question chosen = { 0 };
	if (sscanf(turn->question.subject, WHICH "%lld:%lld:%8s", &newer, &older, digit) != 3)
		return E_CORRUPT;
	int64_t id = strcmp(turn->c.answer, "2") == 0 ? older : newer;
	int r = question_get(&turn->t->in, turn->in->address, id, &chosen);
	if (!r) {
		snprintf(turn->c.answer, sizeof(turn->c.answer), "%s", digit);
		turn_to(turn, &chosen);
	}
	return r;
}
