/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What pick.c read as an answer, weighed against the rest of the message. Keeps nothing, does no I/O. */
#include "handlers/answerrule.h"

#include <stdio.h>
#include <string.h>

#include "handlers/learnt.h"
#include "handlers/pick.h"
#include "handlers/suspicion.h"

bool answerrule_alone(const struct reading *r)
{
	struct pick a;
	return reading_question_open(r) && !r->x->menu && pick_read(r->k, r->w, r->x, &a) && !a.trailing && strcmp(a.value, "INVALID") != 0 &&
	       (strcmp(a.how, "digit") == 0 || strcmp(a.how, "spelled") == 0);
}

bool answerrule_corrects(const struct reading *r)
{
	struct pick a;
	return reading_question_open(r) && !r->x->menu && pick_read(r->k, r->w, r->x, &a) && strcmp(a.how, "corrected") == 0;
}

/* "duong thon 5 hong. 2": a number that is the whole last clause answers, too. */
static bool answers_at_last(const struct reading *r, struct pick *ret)
{
	size_t last = r->w->n;
	while (last > 1 && r->w->at[last - 1].before == MARK_NONE)
		last--;
	if (last < 2 || r->x->menu || !pick_read_part(r->k, r->w, (struct span){ last - 1, r->w->n }, r->x, ret) || strcmp(ret->how, "digit") != 0)
		return false;
	ret->trailing = !ret->trailing && strcmp(ret->value, "INVALID") != 0;
	return ret->trailing;
}

/* What is told besides an answer is about its own words. An accusation stays one, wherever it stands. */
static void leave_out(struct reading *r, struct span answer)
{
	struct score rest;
	if (suspicion_accuses(r))
		return;
	score_topics(r->k, r->w, r->x->topic, &answer, 1, &rest);
	if (rest.n)
		r->score = rest;
}

/* Of another topic than the one that was asked about: "con giong bao nhieu tien" to "you ask about BHYT? … 2 = what it costs". */
static bool of_another(const struct reading *r, const struct pick *a)
{
	struct score rest;
	score_topics(r->k, r->w, r->x->topic, &a->at, 1, &rest);
	return rest.n && rest.rows[0].points >= 2 && strcmp(rest.rows[0].topic->code, r->x->topic) != 0;
}

/* What fits no choice of a topic, or has words of one and says something else, is read by the rules that follow. */
static bool is_missed(const struct reading *r, const struct pick *a, bool worded)
{
	bool person = strcmp(a->value, "0") == 0;
	return strcmp(a->value, "INVALID") == 0 || (worded && (suspicion_accuses(r) || (!person && of_another(r, a))));
}

static void settle_beside(struct reading *r, const struct pick *a)
{
	leave_out(r, a->at);
	if (r->x->question != QUESTION_ABOUT || suspicion_accuses(r) || of_another(r, a)) {
		learnt_settle(r);
		return;
	}
	reading_add_topic(r, r->x->topic);
	reading_tell_nature(r);
}

bool answerrule_read(struct reading *r)
{
	struct pick a;
	struct classified *c = r->out;
	if (!pick_read(r->k, r->w, r->x, &a) && !answers_at_last(r, &a))
		return false;
	const bool worded = strcmp(a.how, "label") == 0;
	if (r->x->question == QUESTION_ABOUT && is_missed(r, &a, worded))
		return false;
	snprintf(c->answer, sizeof(c->answer), "%s", a.value);
	if (r->x->menu) {
		reading_add_topic(r, a.topic);
		c->command = COMMAND_MENU;
		return reading_decide(r, strcmp(a.value, "INVALID") == 0 ? KIND_UNKNOWN : KIND_KEYWORD, 1, "menu, by %s", a.how);
	}
	c->bare = !a.trailing && strcmp(a.how, "digit") == 0 && r->w->n == 1;
	c->more = a.trailing || (worded && a.at.from > 0);
	c->need = a.trailing && reading_tells_more(r, a.at, (struct span){ 0 });
	if (c->need)
		settle_beside(r, &a);
	return reading_decide(r, KIND_SURVEY_ANSWER, worded ? 0.9 : 1, "%s question, by %s",
		      question_kind_name(r->x->question), a.how);
}
