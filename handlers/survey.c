/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers. Campaigns read them from the question's row; what the handlers asked themselves is settled here. */
#include "handlers/survey.h"

#include <string.h>

#include "handlers/feedback.h"
#include "handlers/unsubscribe.h"

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
	return feedback_open_kept(turn, inbound, &c);
}

static int stop_answer(struct turn *turn)
{
	if (is_yes(turn))
		return unsubscribe_scope(turn, "campaign");
	turn_result(turn, "messages go on");
	return 0;
}

/* "Do you agree?": yes closes, no opens again and climbs. */
static int agree_answer(struct turn *turn, int64_t id)
{
	struct casefile c;
	bool agreed = is_yes(turn);
	int r = casefile_get(&turn->t->in, id, &c);
	if (r)
		return r;
	struct reply_values values = { .code = c.code };
	turn->ret->casefile = c.id;
	r = casefile_event(turn->t, c.id, agreed ? "agreed" : "disagreed", "person", turn->in->text, 0, turn->in->id);
	enum case_state to = agreed ? CASE_CLOSED : CASE_REOPENED;
	if (!r && case_may_move(c.state, to))
		r = casefile_move(turn->t, &c, to);
	if (r)
		return r;
	turn_result(turn, "%s %s", c.code, agreed ? "agreed" : "reopened");
	return turn_say(turn, agreed ? REPLY_AGREED : REPLY_DISAGREED, &values);
}

static int recorded(struct turn *turn)
{
	struct casefile c;
	turn_result(turn, "answer %s", turn->c.answer);
	return turn->c.need ? feedback_open(turn, REPLY_RECEIPT, &c) : turn_say(turn, REPLY_ANSWERED, NULL);
}

int survey_answer(struct turn *turn)
{
	const struct question *q = &turn->question;
	long long id = 0;
	if (strcmp(turn->c.answer, "INVALID") == 0) {
		turn_result(turn, "no valid answer, asked again");
		return turn_say(turn, REPLY_INVALID, NULL);
	}
	bool text = turn->context.question == QUESTION_TEXT;
	int r = question_close(turn->t, q->id, "answered", text ? turn->in->text : turn->c.answer);
	if (r)
		return r;
	tick_changed(turn->t, "campaign");
	if (turn->context.question == QUESTION_FEEDBACK)
		return kept_answer(turn);
	if (strcmp(q->subject, "optout") == 0)
		return stop_answer(turn);
	if (sscanf(q->subject, "case:%lld", &id) == 1)
		return agree_answer(turn, id);
	return recorded(turn);
}
