/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asking what of a topic is meant, and what follows. Called by keyword.c and feedback.c, and by survey.c and unclear.c with what came back. */
#include "handlers/inquiry.h"

#include <stdio.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "handlers/kept.h"
#include "handlers/topicchoice.h"

#define KIND "about"

/* ---- asking ---- */

static int put_question(struct turn *turn, const char *kind, const json_t *options)
{
	char subject[40];
	int64_t id = 0;
	snprintf(subject, sizeof(subject), "inbound:%lld", (long long)turn->in->id);
	return question_ask(turn->t, turn->in->address, kind, options, subject, turn->c.topics[0], turn->t->in.now_ms + KEPT_MS, &id);
}

int inquiry_ask(struct turn *turn, const char *yes_no)
{
	const char *code = turn->c.topics[0];
	const struct topic *topic = keywords_topic(turn->t->in.keywords, code);
	const json_t *options = topic ? topic->choices : NULL;
	OWN(mem) char *choices = options ? topicchoice_list(options) : NULL;
	turn_result(turn, "asked: about %s?", code);
	if (options && !choices)
		return E_NOMEM;
	int r = put_question(turn, options ? KIND : yes_no, options);
	return r ? r : turn_say(turn, options ? REPLY_ASK_CHOICE : REPLY_ASK_TOPIC, &(struct reply_values){ .topic = code, .choices = choices });
}

/* ---- the answer ---- */

/* NULL: a plain yes. */
static const json_t *chosen(const struct turn *turn)
{
	size_t i;
	const json_t *option;
	json_array_foreach(turn->question.options, i, option)
		if (strcmp(json_str(option, "value", ""), turn->c.answer) == 0)
			return option;
	return NULL;
}

bool inquiry_holds_all(const struct turn *turn)
{
	return turn->context.question == QUESTION_ABOUT && !turn->c.restricted && turn->c.n_topics && strcmp(turn->c.topics[0], turn->question.topic) == 0;
}

static int note(struct turn *turn, const struct casefile *c, const json_t *option)
{
	const char *label = json_str(option, "label", ""), *more = turn->c.more && (!turn->c.need || inquiry_holds_all(turn)) ? turn->in->text : "";
	OWN(mem) char *text = NULL;
	if (!*label && !*more)
		return 0;
	if (asprintf(&text, "%s%s%s", label, *label && *more ? ": " : "", more) < 0)
		return E_NOMEM;
	return casefile_event(turn->t, c->id, "chosen", "person", text, 0, turn->in->id);
}

int inquiry_answer(struct turn *turn)
{
	struct casefile c;
	long long inbound = 0;
	const json_t *option = chosen(turn);
	const char *reply = json_str(option, "reply", NULL);
	if (sscanf(turn->question.subject, "inbound:%lld", &inbound) != 1)
		return E_CORRUPT;
	int r = kept_open(turn, inbound, reply ? REPLY_COUNT : REPLY_RECEIPT, &c);
	r = r ? r : note(turn, &c, option);
	return r || !reply ? r : turn_answer_of(turn, &c, reply);
}

/* ---- no answer ---- */

static int open_kept(struct turn *turn, const struct question *q, enum reply receipt, struct casefile *ret)
{
	long long inbound = 0;
	if (sscanf(q->subject, "inbound:%lld", &inbound) != 1)
		return E_CORRUPT;
	const struct question now = turn->question;
	turn->question = *q;
	int r = question_close(turn->t, q->id, "dropped", NULL);
	r = r ? r : kept_open(turn, inbound, receipt, ret);
	turn->question = now;
	return r;
}

int inquiry_give_up(struct turn *turn, enum reply receipt, struct casefile *ret, bool *ret_done)
{
	struct question q = { .id = INT64_MAX };
	int r = 0;
	while (!r && strcmp(q.kind, KIND) != 0) {
		int64_t id = q.id;
		question_done(&q);
		r = question_older(&turn->t->in, turn->in->address, id, &q);
	}
	*ret_done = r == 0;
	r = r ? r : open_kept(turn, &q, receipt, ret);
	question_done(&q);
	return r == E_NOT_FOUND && !*ret_done ? 0 : r;
}
