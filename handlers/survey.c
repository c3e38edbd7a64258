/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers. Votes are ballot.c's; what the handlers asked themselves is settled here. Called by the chain,
 * and by unsubscribe.c for an answer beside a refusal. */
#include "handlers/survey.h"

#include <string.h>

#include "gateway/base/own.h"
#include "handlers/attach.h"
#include "handlers/ballot.h"
#include "handlers/casecare.h"
#include "handlers/casevoice.h"
#include "handlers/feedback.h"
#include "handlers/inquiry.h"
#include "handlers/kept.h"
#include "handlers/signuptalk.h"
#include "handlers/smsmenu.h"
#include "handlers/unclear.h"
#include "handlers/unsubscribe.h"
#include "handlers/which.h"

static bool is_yes(const struct turn *turn)
{
	return strcmp(turn->c.answer, "YES") == 0 || strcmp(turn->c.answer, "1") == 0;
}

static int kept_answer(struct turn *turn)
{
	struct casefile c;
	long long inbound = 0;
	if (!is_yes(turn)) {
		turn_result(turn, "not to be sent");
		return 0;
	}
	if (sscanf(turn->question.subject, "inbound:%lld", &inbound) != 1)
		return E_CORRUPT;
	return kept_open(turn, inbound, REPLY_RECEIPT, &c);
}

static int stop_answer(struct turn *turn)
{
	if (is_yes(turn))
		return unsubscribe_scope(turn, "campaign");
	turn_result(turn, "messages go on");
	return 0;
}

/* A yes closes a case that nobody else speaks in; others may yet disagree, their silence closes it. */
static int agreed(struct turn *turn, struct casefile *c)
{
	OWN(mem) struct casevoice *list = NULL;
	size_t n = 0;
	int r = casevoice_list(&turn->t->in, c->id, &list, &n);
	if (!r && n <= 1 && (c->state == CASE_ANSWERED || c->state == CASE_NOTIFIED)) {
		r = casefile_move(turn->t, c, CASE_CLOSED);
		return r ? r : turn_receipt_of(turn, REPLY_AGREED, c);
	}
	return r ? r : turn_say(turn, REPLY_ANSWERED, NULL);
}

/* A no opens it again, once. */
static int disagreed(struct turn *turn, struct casefile *c)
{
	bool again = c->reopened > 0 || !case_may_move(c->state, CASE_REOPENED);
	int r = again ? 0 : casefile_climb(turn->t, c);
	return r ? r : turn_receipt_of(turn, again ? REPLY_DISAGREED_AGAIN : REPLY_DISAGREED, c);
}

/* "Do you agree?": yes closes, no opens again and climbs. */
static int agree_answer(struct turn *turn, int64_t id)
{
	struct casefile c;
	bool yes = is_yes(turn);
	int r = casefile_get(&turn->t->in, id, &c);
	r = r ? r : casefile_follow(&turn->t->in, &c);
	if (r)
		return r;
	turn->ret->casefile = c.id;
	r = casefile_event(turn->t, c.id, yes ? "agreed" : "disagreed", "person", turn->in->text, 0, turn->in->id);
	if (r)
		return r;
	r = yes ? agreed(turn, &c) : disagreed(turn, &c);
	if (!r)
		turn_result(turn, "%s %s", c.code, yes ? "agreed" : c.state == CASE_REOPENED ? "reopened" : "disagreed again");
	return r;
}

static int topic_answer(struct turn *turn)
{
	const char *topic = turn->question.topic;
	if (!is_yes(turn)) {
		turn_result(turn, "not about %s", topic);
		return turn_say(turn, REPLY_HELP, NULL);
	}
	turn_result(turn, "topic %s", topic);
	return turn_say(turn, REPLY_TOPIC, &(struct reply_values){ .topic = topic });
}

static int recorded(struct turn *turn)
{
	turn_result(turn, "answer %s", turn->c.answer);
	/* who asked something beside gets a receipt, which is thanks enough; who refused gets a confirmation */
	return turn->c.need || turn->c.kind == KIND_OPTOUT ? 0 : turn_say(turn, REPLY_ANSWERED, NULL);
}

static int settle(struct turn *turn)
{
	const struct question *q = &turn->question;
	enum question_kind kind = turn->context.question;
	long long id = 0;
	if (kind == QUESTION_FEEDBACK)
		return kept_answer(turn);
	if (kind == QUESTION_ATTACH)
		return attach_answer(turn, is_yes(turn));
	if (kind == QUESTION_TOPIC)
		return topic_answer(turn);
	if (kind == QUESTION_ABOUT)
		return inquiry_answer(turn);
	if (unclear_asked(q))
		return unclear_answer(turn);
	if (strcmp(q->subject, "optout") == 0)
		return turn->c.kind == KIND_OPTOUT ? 0 : stop_answer(turn);
	if (sscanf(q->subject, "case:%lld", &id) == 1)
		return agree_answer(turn, id);
	if (sscanf(q->subject, "promise:%lld", &id) == 1)
		return casecare_answer(turn, id, is_yes(turn));
	if (signuptalk_asked(q))
		return signuptalk_answer(turn);
	if (ballot_asked(q))
		return ballot_take(turn);
	if (smsmenu_asked(q))
		return smsmenu_take(turn);
	return recorded(turn);
}

static int open_beside(struct turn *turn)
{
	struct casefile c;
	return feedback_open(turn, REPLY_RECEIPT, &c);
}

/* What a "no" to a case's answer says besides is its reason, and stands in that case; of a sign-up, what is wrong. */
static bool is_reason(const struct turn *turn)
{
	const char *of = turn->question.subject;
	bool about = strncmp(of, "case:", 5) == 0 || strncmp(of, "promise:", 8) == 0 || signuptalk_asked(&turn->question);
	return about && !is_yes(turn);
}

int survey_take(struct turn *turn)
{
	if (which_asked(&turn->question)) {
		int r = question_close(turn->t, turn->question.id, "answered", turn->c.answer);
		r = r ? r : which_answer(turn);
		if (r == E_NOT_FOUND)
			turn_result(turn, "that question has closed");
		if (r)
			return r == E_NOT_FOUND ? 0 : r;
	}
	bool text = turn->context.question == QUESTION_TEXT;
	int r = question_close(turn->t, turn->question.id, "answered", text ? turn->in->text : turn->c.answer);
	if (r)
		return r;
	tick_changed(turn->t, "campaign");
	return settle(turn);
}

int survey_answer(struct turn *turn)
{
	bool invalid = strcmp(turn->c.answer, "INVALID") == 0;
	if (invalid && unclear_asked(&turn->question))
		return unclear_ask(turn);
	if (invalid) {
		turn_result(turn, "no valid answer, asked again");
		return turn_say(turn, REPLY_INVALID, NULL);
	}
	int r = survey_take(turn);
	return r || !turn->c.need || is_reason(turn) || inquiry_holds_all(turn) ? r : turn_also(turn, open_beside);
}
