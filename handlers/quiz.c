/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Screens of a survey. Called by ussd.c. */
#include "handlers/quiz.h"

#include <stdio.h>
#include <string.h>

#include "gateway/inbox.h"
#include "handlers/ballot.h"
#include "handlers/survey.h"

/* One question with the turn that shows or answers it. */
struct quiz {
	struct turn turn;
	struct inbound in;
	struct handled handled;
	char screen[TURN_SCREEN_BYTES];
};

static void done(struct quiz *q)
{
	classified_done(&q->turn.c);
	context_done(&q->turn.context);
	question_done(&q->turn.question);
}

static void shown(const struct quiz *q, char ret[MENU_SCREEN_BYTES])
{
	snprintf(ret, MENU_SCREEN_BYTES, "%s", q->screen);
}

int quiz_show(struct tick *t, const struct deed *d, char ret[MENU_SCREEN_BYTES], bool *ret_more)
{
	struct quiz q = { .turn = { .t = t, .screen = q.screen, .to = { .language = reply_language(dialogue_language(d->place)) } } };
	/* a campaign's question opens when somebody answers it */
	int r = inbox_invite(t, &(struct inbound){ .address = d->address, .channel = d->channel, .text = "", .received_at = t->in.now_ms });
	r = r ? r : ballot_find(&t->in, d->address, &q.turn.question);
	*ret_more = r == 0;
	r = r ? r : ballot_text(&q.turn);
	if (!r)
		shown(&q, ret);
	done(&q);
	return r == E_NOT_FOUND ? 0 : r;
}

static int understand(struct quiz *q, const char *input)
{
	struct turn *turn = &q->turn;
	struct context *x = &turn->context;
	*x = (struct context){ .most = -1, .question = question_kind_parse(turn->question.kind) };
	int r = context_add_options(x, turn->question.options);
	r = r ? r : classify(turn->t->in.keywords, input, x, &turn->c);
	return r == E_INVALID ? E_CORRUPT : r;
}

static bool is_answer(const struct quiz *q)
{
	return q->turn.c.kind == KIND_SURVEY_ANSWER && strcmp(q->turn.c.answer, "INVALID") != 0;
}

/* The vote, and what follows it on the screen. */
static int vote(struct tick *t, const struct deed *d, const char *input, struct quiz *q, bool *ret_more)
{
	struct question next = { 0 };
	char key[96];
	snprintf(key, sizeof(key), "%s:%lld", d->key, (long long)q->turn.question.id);
	struct deed one = *d;
	one.key = key;
	int r = deed_open(t, &one, input, &q->in, &q->handled, &q->turn);
	q->turn.to.language = reply_language(dialogue_language(d->place));
	r = r ? r : survey_take(&q->turn);
	r = r ? r : deed_close(&q->turn);
	if (!r && !q->screen[0])
		r = turn_say(&q->turn, REPLY_ANSWERED, NULL);
	int found = r ? r : ballot_find(&t->in, d->address, &next);
	*ret_more = found == 0 && next.id > q->turn.question.id;
	question_done(&next);
	return found == E_NOT_FOUND ? 0 : found;
}

int quiz_take(struct tick *t, const struct deed *d, const char *input, char ret[MENU_SCREEN_BYTES], bool *ret_read, bool *ret_more)
{
	struct quiz q = { .turn = { .t = t, .screen = q.screen } };
	*ret_more = *ret_read = false;
	if (!t->in.keywords)
		return E_UNAVAILABLE;
	int r = ballot_find(&t->in, d->address, &q.turn.question);
	r = r ? r : understand(&q, input);
	*ret_read = !r && is_answer(&q);
	if (*ret_read)
		r = vote(t, d, input, &q, ret_more);
	if (*ret_read && !r)
		shown(&q, ret);
	done(&q);
	return r == E_NOT_FOUND ? 0 : r;
}
