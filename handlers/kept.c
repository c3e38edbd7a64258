/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cases out of earlier messages. Called by survey.c and attach.c with an answer, and as a duty without one. */
#include "handlers/kept.h"

#include <string.h>

#include "gateway/base/own.h"
#include "gateway/question.h"
#include "handlers/feedback.h"

#define KEPT_PER_TICK 50
#define HOUR_MS (KEPT_MS / 24)

enum { KEPT_TEXT, KEPT_BELONGS, KEPT_DUE, KEPT_NEXT_DUE, KEPT_SQL_COUNT };
static const char *const kept_sql[KEPT_SQL_COUNT] = {
	[KEPT_TEXT] = "SELECT text, channel FROM inbound WHERE id = $id",
	[KEPT_BELONGS] = "UPDATE inbound SET casefile = $case WHERE id = $id",
	[KEPT_DUE] = "SELECT id, address, subject, topic FROM question WHERE state = 'open' AND until_at <= $now"
		     " AND kind IN ('feedback', 'attach', 'about') ORDER BY until_at, id LIMIT $limit",
	[KEPT_NEXT_DUE] = "SELECT min(until_at) FROM question WHERE state = 'open' AND until_at > $now AND kind IN ('feedback', 'attach', 'about')",
};
const struct sql_module kept_module = { "kept", kept_sql, KEPT_SQL_COUNT };

int kept_text(const struct scope *in, int64_t inbound, char **ret_text, char ret_channel[40])
{
	struct statement *st = store_prepare(in->db, &kept_module, KEPT_TEXT);
	bind_int(st, "$id", inbound);
	int r = store_row(st);
	if (r > 0) {
		*ret_text = strdup(column_text(st, 0));
		snprintf(ret_channel, 40, "%s", column_text(st, 1));
		r = *ret_text ? 0 : E_NOMEM;
	} else if (r == 0) {
		r = E_NOT_FOUND;
	}
	store_reset(st);
	return r;
}

int kept_belongs(struct tick *t, int64_t inbound, int64_t casefile)
{
	struct statement *st = store_prepare(t->in.db, &kept_module, KEPT_BELONGS);
	bind_int(st, "$id", inbound);
	bind_int(st, "$case", casefile);
	return store_run(st);
}

/* Words are understood by themselves, whatever was asked of them meanwhile. */
static int understand(const struct scope *in, const char *text, const char *topic, struct classified *ret)
{
	struct context none = { .most = -1 };
	snprintf(none.topic, sizeof(none.topic), "%.15s", topic);
	int r = classify(in->keywords, text, &none, ret);
	if (!r && !ret->n_topics)
		snprintf(ret->topics[ret->n_topics++], TOPIC_BYTES, "%s", *topic ? none.topic : "KHAC");
	return r;
}

int kept_open(struct turn *turn, int64_t inbound, enum reply receipt, struct casefile *ret)
{
	OWN(mem) char *text = NULL;
	char channel[40];
	struct classified now = turn->c;
	int r = kept_text(&turn->t->in, inbound, &text, channel);
	r = r ? r : understand(&turn->t->in, text, turn->question.topic, &turn->c);
	if (r)
		return r;
	r = feedback_open_words(turn, text, receipt, ret);
	classified_done(&turn->c);
	turn->c = now;
	return r ? r : kept_belongs(turn->t, inbound, ret->id);
}

/* ---- asked yesterday, no answer: a person shall see it ---- */

struct kept {
	int64_t question, address, inbound;
	char topic[TOPIC_BYTES];
};

static int open_unanswered(struct tick *t, const struct kept *k)
{
	char channel[40] = "";
	struct handled h = { 0 };
	struct casefile c;
	OWN(mem) char *text = NULL;
	int r = question_close(t, k->question, "dropped", NULL);
	r = r ? r : kept_text(&t->in, k->inbound, &text, channel);
	if (r)
		return r == E_NOT_FOUND ? 0 : r;
	struct inbound in = { .id = k->inbound, .channel = channel, .address = k->address, .text = text, .received_at = t->in.now_ms };
	struct turn turn = { .t = t, .in = &in, .ret = &h };
	r = casefile_person(&t->in, k->address, &turn.person);
	r = r ? r : understand(&t->in, text, k->topic, &turn.c);
	turn.to = (struct reply_to){ .address = k->address, .person = turn.person.id, .channel = channel,
				     .language = reply_language(turn.person.language) };
	r = r ? r : feedback_open_words(&turn, text, REPLY_RECEIPT, &c);
	classified_done(&turn.c);
	return r ? r : kept_belongs(t, k->inbound, c.id);
}

static int gather(struct tick *t, struct kept *ret, size_t *ret_n)
{
	size_t n = 0;
	int r = 0;
	struct statement *st = store_prepare(t->in.db, &kept_module, KEPT_DUE);
	bind_int(st, "$now", t->in.now_ms);
	bind_int(st, "$limit", KEPT_PER_TICK);
	while (n < KEPT_PER_TICK && (r = store_row(st)) > 0) {
		long long inbound = 0;
		const char *subject = column_text(st, 2), *topic = column_text(st, 3);
		if (!subject || sscanf(subject, "inbound:%lld", &inbound) != 1)
			inbound = 0;
		ret[n] = (struct kept){ column_int(st, 0), column_int(st, 1), inbound, "" };
		snprintf(ret[n++].topic, TOPIC_BYTES, "%s", topic ? topic : "");
	}
	store_reset(st);
	*ret_n = n;
	return r < 0 ? r : 0;
}

static int run_duty(struct tick *t, int64_t *ret_due_at)
{
	struct kept rows[KEPT_PER_TICK];
	size_t n = 0;
	int r = gather(t, rows, &n);
	for (size_t i = 0; i < n && !r; i++)
		r = open_unanswered(t, &rows[i]);
	if (r)
		return r;
	struct statement *st = store_prepare(t->in.db, &kept_module, KEPT_NEXT_DUE);
	bind_int(st, "$now", t->in.now_ms);
	r = store_row(st);
	int64_t next = r > 0 && !column_null(st, 0) ? column_int(st, 0) : t->in.now_ms + KEPT_MS;
	store_reset(st);
	/* a question asked meanwhile is due a day later at the earliest: looking once an hour is soon enough */
	int64_t hour = t->in.now_ms + HOUR_MS;
	if (r >= 0)
		*ret_due_at = n == KEPT_PER_TICK ? t->in.now_ms : next < hour ? next : hour;
	return r < 0 ? r : 0;
}

const struct duty kept_duty = { .name = "kept", .run = run_duty };
