/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables survey_answer and survey_voter. Called by survey.c with an answer, and as a duty. Its second and further questions are
 * texts of the survey's own. */
#include "handlers/ballot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/script.h"
#include "gateway/base/json.h"
#include "gateway/base/mutant.h"
#include "gateway/base/own.h"
#include "handlers/feedback.h"

#define DAY_MS (INT64_C(24) * 3600000)
#define ASKED_MS (7 * DAY_MS)
#define DROPS_PER_TICK 100
#define IDLE_MS (INT64_C(3600) * 1000)

enum {
	BALLOT_SCRIPT,
	BALLOT_AGAIN,
	BALLOT_REPLACE,
	BALLOT_KEEP,
	BALLOT_VOTER,
	BALLOT_DUE,
	BALLOT_NEXT_DUE,
	BALLOT_FORGET,
	BALLOT_FORGET_INBOUND,
	BALLOT_FORGET_QUESTIONS,
	BALLOT_FORGET_QUESTION,
	BALLOT_FORGET_MESSAGE,
	BALLOT_CLOSE,
	BALLOT_SQL_COUNT
};
static const char *const ballot_sql[BALLOT_SQL_COUNT] = {
	[BALLOT_SCRIPT] = "SELECT script, anonymous FROM survey WHERE id = $survey",
	[BALLOT_AGAIN] = "DELETE FROM survey_answer WHERE survey = $survey AND address = $address",
	[BALLOT_REPLACE] = "DELETE FROM survey_answer WHERE survey = $survey AND address = $address AND step = $step",
	[BALLOT_KEEP] = "INSERT INTO survey_answer (survey, step, value, unit, address, inbound, message, at, drop_at)"
			" VALUES ($survey, $step, $value, $unit, $address, $inbound, $message, $now, $drop)",
	[BALLOT_VOTER] = "INSERT INTO survey_voter (survey, address, first_at) VALUES ($survey, $address, $now) ON CONFLICT (survey, address) DO NOTHING",
	[BALLOT_DUE] = "SELECT id, address, inbound, message, survey FROM survey_answer WHERE drop_at <= $now ORDER BY drop_at LIMIT $limit",
	[BALLOT_NEXT_DUE] = "SELECT min(drop_at) FROM survey_answer WHERE drop_at IS NOT NULL",
	[BALLOT_FORGET] = "UPDATE survey_answer SET address = NULL, inbound = NULL, message = NULL, drop_at = NULL WHERE id = $id",
	[BALLOT_FORGET_INBOUND] = "UPDATE inbound SET text = '', raw = NULL, result = 'answered', why = NULL WHERE id = $inbound AND casefile IS NULL",
	[BALLOT_FORGET_QUESTIONS] = "UPDATE question SET state = 'dropped', subject = $survey WHERE address = $address AND state = 'open' AND subject LIKE $steps",
	[BALLOT_FORGET_QUESTION] = "UPDATE question SET answer = NULL, subject = $survey WHERE id = $id",
	/* what is nobody's any more cannot be changed, also when the clock is set back: it would be counted beside the new answer */
	[BALLOT_CLOSE] = "UPDATE survey_voter SET first_at = 1 WHERE survey = $survey AND address = $address",
	[BALLOT_FORGET_MESSAGE] = "UPDATE message SET text = '', subject = NULL WHERE id = $message AND state IN ('delivered', 'sent', 'failed', 'expired', 'suppressed', 'cancelled')",
};
const struct sql_module ballot_module = { "ballot", ballot_sql, BALLOT_SQL_COUNT };

bool ballot_asked(const struct question *q)
{
	return strncmp(q->subject, "survey:", 7) == 0;
}

/* ---- an answer ---- */

struct ballot {
	int64_t survey;
	bool anonymous;
	json_t *script;
	const json_t *step; /* answered now */
	bool helps;	    /* the answer asks for help: a case opens */
};

static int read_ballot(struct turn *turn, struct ballot *b)
{
	char step[SCRIPT_ID_CHARS + 1] = "";
	long long id = 0;
	if (sscanf(turn->question.subject, "survey:%lld:%16s", &id, step) != 2)
		return E_CORRUPT;
	struct statement *st = store_prepare(turn->t->in.db, &ballot_module, BALLOT_SCRIPT);
	bind_int(st, "$survey", id);
	int r = store_row(st);
	if (r > 0) {
		const char *script = column_text(st, 0);
		b->survey = id;
		b->anonymous = column_int(st, 1) != 0;
		r = json_parse(script, strlen(script), &b->script) ? E_CORRUPT : 0;
	} else if (r == 0) {
		r = E_CORRUPT;
	}
	store_reset(st);
	b->step = r ? NULL : script_step(b->script, step);
	b->helps = b->step && script_opens_case(b->step, turn->c.answer);
	return r ? r : b->step ? 0 : E_CORRUPT;
}

/* The first step begins the vote anew. */
static int clear(struct turn *turn, const struct ballot *b)
{
	bool first = b->step == script_step(b->script, "");
	struct statement *st = store_prepare(turn->t->in.db, &ballot_module, first ? BALLOT_AGAIN : BALLOT_REPLACE);
	bind_int(st, "$survey", b->survey);
	bind_int(st, "$address", turn->in->address);
	if (!first)
		bind_text(st, "$step", json_str(b->step, "id", ""));
	return store_run(st);
}

static int keep(struct turn *turn, const struct ballot *b, int64_t message)
{
	bool text = strcmp(json_str(b->step, "kind", ""), "text") == 0;
	struct statement *st = store_prepare(turn->t->in.db, &ballot_module, BALLOT_KEEP);
	bind_int(st, "$survey", b->survey);
	bind_text(st, "$step", json_str(b->step, "id", ""));
	bind_text(st, "$value", text ? turn->in->text : turn->c.answer);
	bind_text(st, "$unit", turn->person.unit);
	if (MUTANT(VOTE_ADDED))
		bind_null(st, "$address");
	else
		bind_int(st, "$address", turn->in->address);
	bind_int(st, "$inbound", turn->in->id);
	if (message)
		bind_int(st, "$message", message);
	else
		bind_null(st, "$message");
	bind_int(st, "$now", turn->t->in.now_ms);
	if (b->anonymous && !MUTANT(VOTE_LINKED))
		bind_int(st, "$drop", turn->t->in.now_ms + DAY_MS);
	else
		bind_null(st, "$drop");
	int r = store_run(st);
	if (r)
		return r;
	st = store_prepare(turn->t->in.db, &ballot_module, BALLOT_VOTER);
	bind_int(st, "$survey", b->survey);
	bind_int(st, "$address", turn->in->address);
	bind_int(st, "$now", turn->t->in.now_ms);
	return store_run(st);
}

static const char *text_of(const struct turn *turn, const json_t *texts)
{
	const char *vi = json_str(texts, "vi", "");
	return turn->to.language == LANGUAGE_EN ? json_str(texts, "en", vi) : vi;
}

int ballot_find(const struct scope *in, int64_t address, struct question *ret)
{
	int r = question_open(in, address, ret);
	while (!r && !ballot_asked(ret)) {
		int64_t id = ret->id;
		question_done(ret);
		r = question_older(in, address, id, ret);
	}
	return r;
}

int ballot_text(struct turn *turn)
{
	struct ballot b = { 0 };
	int r = read_ballot(turn, &b);
	if (!r)
		snprintf(turn->screen, TURN_SCREEN_BYTES, "%s", text_of(turn, json_object_get(b.step, "text")));
	json_decref(b.script);
	return r;
}

/* ---- what follows ---- */

static int say(struct turn *turn, const struct ballot *b, const json_t *texts, int64_t *ret_message)
{
	char key[80], subject[40];
	struct reply_to to = turn->to;
	if (turn->screen) {
		snprintf(turn->screen, TURN_SCREEN_BYTES, "%s", text_of(turn, texts));
		return 0;
	}
	snprintf(key, sizeof(key), "survey:%lld:%lld", (long long)b->survey, (long long)turn->in->id);
	snprintf(subject, sizeof(subject), "survey:%lld", (long long)b->survey);
	to.subject = subject;
	return reply_put_fresh(turn->t, &to, CLASS_SERVICE, key, text_of(turn, texts), ret_message);
}

static int ask(struct turn *turn, const struct ballot *b, const json_t *step, int64_t *ret_message)
{
	char subject[64];
	int64_t id = 0;
	snprintf(subject, sizeof(subject), "survey:%lld:%.16s", (long long)b->survey, json_str(step, "id", ""));
	int r = question_ask(turn->t, turn->in->address, json_str(step, "kind", ""), json_object_get(step, "options"), subject,
			     turn->question.topic[0] ? turn->question.topic : NULL, turn->t->in.now_ms + (b->anonymous ? DAY_MS : ASKED_MS), &id);
	return r ? r : say(turn, b, json_object_get(step, "text"), ret_message);
}

/* Who asked something beside gets a receipt, which is thanks enough; who refused gets a confirmation and is asked no more. */
static int follow(struct turn *turn, const struct ballot *b, int64_t *ret_message)
{
	const json_t *next = script_next(b->script, b->step, turn->c.answer), *end = json_object_get(b->script, "end");
	if (turn->c.kind == KIND_OPTOUT)
		return 0;
	if (next)
		return ask(turn, b, next, ret_message);
	if (turn->c.need || b->helps)
		return 0;
	return end ? say(turn, b, end, ret_message) : turn_say(turn, REPLY_ANSWERED, NULL);
}

/* The row of the question would say what the vote was. */
static int forget_question(struct turn *turn, const struct ballot *b)
{
	char survey[32];
	snprintf(survey, sizeof(survey), "survey:%lld", (long long)b->survey);
	struct statement *st = store_prepare(turn->t->in.db, &ballot_module, BALLOT_FORGET_QUESTION);
	bind_int(st, "$id", turn->question.id);
	bind_text(st, "$survey", survey);
	return store_run(st);
}

/* "2 chua co tien" to "2=can giup": whoever reads the case sees what was asked, what was chosen and what else was said. */
static int open_case(struct turn *turn, const struct ballot *b)
{
	OWN(mem) char *text = NULL;
	struct casefile c;
	const char *title = json_str(b->script, "title", json_str(b->script, "name", "")), *label = script_label(b->step, turn->c.answer);
	if (asprintf(&text, "%s%s%s: %s", title, *label ? " - " : "", label, turn->in->text) < 0)
		return E_NOMEM;
	if (!turn->c.n_topics && turn->question.topic[0])
		snprintf(turn->c.topics[turn->c.n_topics++], TOPIC_BYTES, "%.*s", TOPIC_BYTES - 1, turn->question.topic);
	turn->c.nature = NATURE_PROPOSAL;
	int r = feedback_open_words(turn, text, REPLY_RECEIPT, &c);
	if (!r)
		turn_result(turn, "answer %s, case %s", turn->c.answer, c.code);
	return r;
}

int ballot_take(struct turn *turn)
{
	struct ballot b = { 0 };
	int64_t message = 0;
	int r = read_ballot(turn, &b);
	r = r ? r : clear(turn, &b);
	r = r ? r : follow(turn, &b, &message);
	r = r ? r : keep(turn, &b, message);
	r = r || !b.anonymous ? r : forget_question(turn, &b);
	if (!r && b.anonymous)
		turn_result(turn, "answered");
	else if (!r && b.helps && !turn->c.need) /* where it says more, the whole message opens one */
		r = open_case(turn, &b);
	else if (!r)
		turn_result(turn, "answer %s", turn->c.answer);
	json_decref(b.script);
	return r;
}

/* ---- nobody knows who ---- */

struct drop {
	int64_t id, address, inbound, message, survey;
};

static int read_drops(struct tick *t, struct drop *drops, int *ret_n)
{
	struct statement *st = store_prepare(t->in.db, &ballot_module, BALLOT_DUE);
	int r;
	bind_int(st, "$now", t->in.now_ms);
	bind_int(st, "$limit", DROPS_PER_TICK);
	for (*ret_n = 0; (r = store_row(st)) > 0; (*ret_n)++)
		drops[*ret_n] = (struct drop){ column_int(st, 0), column_int(st, 1), column_int(st, 2), column_int(st, 3), column_int(st, 4) };
	store_reset(st);
	return r;
}

static int forget_one(struct tick *t, size_t sql, const char *name, int64_t id)
{
	if (!id)
		return 0;
	struct statement *st = store_prepare(t->in.db, &ballot_module, sql);
	bind_int(st, name, id);
	return store_run(st);
}

static int forget_questions(struct tick *t, const struct drop *d)
{
	char survey[32], steps[40];
	snprintf(survey, sizeof(survey), "survey:%lld", (long long)d->survey);
	snprintf(steps, sizeof(steps), "%s:%%", survey);
	struct statement *st = store_prepare(t->in.db, &ballot_module, BALLOT_FORGET_QUESTIONS);
	bind_int(st, "$address", d->address);
	bind_text(st, "$survey", survey);
	bind_text(st, "$steps", steps);
	return store_run(st);
}

static int close_vote(struct tick *t, const struct drop *d)
{
	struct statement *st = store_prepare(t->in.db, &ballot_module, BALLOT_CLOSE);
	bind_int(st, "$survey", d->survey);
	bind_int(st, "$address", d->address);
	return store_run(st);
}

static int forget(struct tick *t, const struct drop *d)
{
	int r = forget_one(t, BALLOT_FORGET_INBOUND, "$inbound", d->inbound);
	r = r ? r : forget_one(t, BALLOT_FORGET_MESSAGE, "$message", d->message);
	r = r ? r : forget_questions(t, d);
	r = r ? r : close_vote(t, d);
	return r ? r : forget_one(t, BALLOT_FORGET, "$id", d->id);
}

static int next_due(struct tick *t, int64_t *ret)
{
	struct statement *st = store_prepare(t->in.db, &ballot_module, BALLOT_NEXT_DUE);
	int r = store_row(st);
	bool none = r <= 0 || column_null(st, 0);
	int64_t due_at = none ? 0 : column_int(st, 0), idle_at = t->in.now_ms + IDLE_MS;
	store_reset(st);
	*ret = none || due_at > idle_at ? idle_at : due_at;
	return r < 0 ? r : 0;
}

static int run(struct tick *t, int64_t *ret_due_at)
{
	struct drop drops[DROPS_PER_TICK];
	int n = 0;
	int r = read_drops(t, drops, &n);
	for (int i = 0; !r && i < n; i++)
		r = forget(t, &drops[i]);
	return r ? r : next_due(t, ret_due_at);
}

const struct duty ballot_duty = { .name = "ballot", .run = run };
