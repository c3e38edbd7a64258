/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions back. Called by the chain for kind unknown, and by survey.c with the answer to the hint. */
#include "handlers/unclear.h"

#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/question.h"
#include "handlers/feedback.h"
#include "handlers/inquiry.h"
#include "handlers/kept.h"
#include "handlers/status.h"

#define CATCH_ALL_WORDS 3 /* letters' words from which on a message may be feedback */
#define HINT "hint:"

enum { UNCLEAR_MISSED, UNCLEAR_SQL_COUNT };
static const char *const unclear_sql[UNCLEAR_SQL_COUNT] = {
	[UNCLEAR_MISSED] = "SELECT 1 FROM inbound WHERE address = $address AND received_at > $since AND kind = 'unknown' AND id < $id LIMIT 1",
};
const struct sql_module unclear_module = { "unclear", unclear_sql, UNCLEAR_SQL_COUNT };

static int ask(struct turn *turn, const char *kind, const json_t *options, const char *subject, enum reply name)
{
	int64_t id = 0;
	int r = question_ask(turn->t, turn->in->address, kind, options, subject, NULL, turn->t->in.now_ms + KEPT_MS, &id);
	return r ? r : turn_say(turn, name, NULL);
}

/* Another one that nobody understood: with the person's open case, where the same people see it. */
static int to_open_case(struct turn *turn, const char *why, bool *ret_done)
{
	struct casefile c;
	int r = casefile_of_address(&turn->t->in, turn->in->address, &c);
	*ret_done = r == 0;
	if (r)
		return r == E_NOT_FOUND ? 0 : r;
	turn->ret->casefile = c.id;
	turn_result(turn, "to a person: %s, in %s", why, c.code);
	return casefile_event(turn->t, c.id, "unclear", "person", turn->in->text, 0, turn->in->id);
}

/* A person shall see it; the sender gets no third text by itself. */
static int to_person(struct turn *turn, enum reply receipt, const char *why)
{
	struct casefile c;
	bool done = false;
	int r = receipt == REPLY_COUNT ? inquiry_give_up(turn, REPLY_COUNT, &c, &done) : 0;
	if (!r && receipt == REPLY_COUNT)
		r = to_open_case(turn, why, &done);
	if (r || done)
		return r;
	turn->c.nature = NATURE_REPORT;
	if (!turn->c.n_topics)
		snprintf(turn->c.topics[turn->c.n_topics++], TOPIC_BYTES, "KHAC");
	r = feedback_open(turn, receipt, &c);
	if (!r)
		turn_result(turn, "to a person: %s, %s", why, c.code);
	return r;
}

static struct statement *bind_missed(const struct tick *t, const struct inbound *in)
{
	struct statement *st = store_prepare(t->in.db, &unclear_module, UNCLEAR_MISSED);
	bind_int(st, "$address", in->address);
	bind_int(st, "$since", in->received_at - KEPT_MS);
	bind_int(st, "$id", in->id);
	return st;
}

void unclear_ahead(struct tick *t, const struct inbound *in)
{
	store_ahead(bind_missed(t, in));
}

/* Was something of this number not understood within a day? */
static int missed_before(const struct turn *turn, bool *ret)
{
	struct statement *st = bind_missed(turn->t, turn->in);
	int r = store_row(st);
	store_reset(st);
	if (r >= 0)
		*ret = r > 0;
	return r < 0 ? r : 0;
}

static size_t count_words(const char *folded)
{
	size_t n = 0;
	while (*folded) {
		folded += strspn(folded, " ");
		n += *folded >= 'a' && *folded <= 'z';
		folded += strcspn(folded, " ");
	}
	return n;
}

static int hint(struct turn *turn)
{
	char subject[40];
	OWN(json) json_t *options = json_pack("[{s:s,s:s},{s:s,s:s},{s:s,s:s},{s:s,s:s}]", "value", "1", "topic", "BHYT", "value", "2", "topic",
					      "NHAO", "value", "3", "label", "gửi phản ánh", "value", "0", "label", "gặp cán bộ");
	if (!options)
		return E_NOMEM;
	snprintf(subject, sizeof(subject), HINT "%lld", (long long)turn->in->id);
	turn_result(turn, "hint");
	return ask(turn, "choice", options, subject, REPLY_UNKNOWN);
}

int unclear_ask(struct turn *turn)
{
	char subject[40];
	bool again = false;
	snprintf(subject, sizeof(subject), "inbound:%lld", (long long)turn->in->id);
	if (turn->c.automatic) { /* whoever answers a machine is answered again */
		turn_result(turn, "filed, a machine's answer");
		return 0;
	}
	if (turn->c.foreign)
		return to_person(turn, REPLY_RECEIPT, "another language");
	if (turn->in->parts_missing)
		return to_person(turn, REPLY_RECEIPT, "a part is missing");
	if (turn->c.code[0])
		return status_tell(turn);
	if (turn->c.doubt && turn->question.id && strcmp(turn->question.subject, "optout") == 0)
		return to_person(turn, REPLY_COUNT, "a doubtful refusal, asked already");
	if (turn->c.doubt) {
		turn_result(turn, "asked: stop messages?");
		return ask(turn, "yes_no", NULL, "optout", REPLY_ASK_OPTOUT);
	}
	int r = missed_before(turn, &again);
	if (r || again)
		return r ? r : to_person(turn, REPLY_COUNT, "not understood twice");
	if (count_words(turn->c.folded) < CATCH_ALL_WORDS)
		return hint(turn);
	turn_result(turn, "asked: send as feedback?");
	return ask(turn, "feedback", NULL, subject, REPLY_ASK_FEEDBACK);
}

bool unclear_asked(const struct question *q)
{
	return strncmp(q->subject, HINT, strlen(HINT)) == 0;
}

/* What they wanted to ask before goes first. */
static int to_staff(struct turn *turn, int64_t inbound)
{
	struct casefile c;
	bool done = false;
	int r = inquiry_give_up(turn, REPLY_RECEIPT, &c, &done);
	if (r || !done)
		return r ? r : kept_open(turn, inbound, REPLY_RECEIPT, &c);
	return kept_belongs(turn->t, inbound, c.id);
}

int unclear_answer(struct turn *turn)
{
	static const char *const topics[] = { "BHYT", "NHAO" };
	long long inbound = 0;
	if (sscanf(turn->question.subject, HINT "%lld", &inbound) != 1)
		return E_CORRUPT;
	switch (turn->c.answer[0]) {
	case '1':
	case '2':
		turn_result(turn, "topic %s", topics[turn->c.answer[0] - '1']);
		return turn_say(turn, REPLY_TOPIC, &(struct reply_values){ .topic = topics[turn->c.answer[0] - '1'] });
	case '3':
		turn_result(turn, "asked for the words");
		return turn_say(turn, REPLY_CASE_EMPTY, NULL);
	default:
		return to_staff(turn, inbound);
	}
}
