/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening cases out of messages. Called by the chain and by the survey handler; a complaint never re-subscribes anybody. */
#include "handlers/feedback.h"

#include <string.h>

#include "config/config.h"
#include "gateway/base/calendar.h"
#include "gateway/base/fold.h"
#include "gateway/base/own.h"
#include "gateway/consent.h"

#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)
#define KEPT_PER_TICK 50
#define CATCH_ALL_WORDS 3 /* letters' words from which on a message may be feedback */

enum { FEEDBACK_KEPT_TEXT, FEEDBACK_KEPT_DUE, FEEDBACK_NEXT_DUE, FEEDBACK_SQL_COUNT };
static const char *const feedback_sql[FEEDBACK_SQL_COUNT] = {
	[FEEDBACK_KEPT_TEXT] = "SELECT text, channel FROM inbound WHERE id = $id",
	[FEEDBACK_KEPT_DUE] = "SELECT id, address, subject FROM question WHERE state = 'open' AND until_at <= $now AND kind = 'feedback'"
			      " ORDER BY until_at, id LIMIT $limit",
	[FEEDBACK_NEXT_DUE] = "SELECT min(until_at) FROM question WHERE state = 'open' AND kind = 'feedback' AND until_at > $now",
};
const struct sql_module feedback_module = { "feedback", feedback_sql, FEEDBACK_SQL_COUNT };

const char *feedback_digits(const struct casefile *c)
{
	return c->code + 2;
}

/* ---- opening ---- */

static struct casefile_new case_of(const struct turn *turn, const char *text, const char *folded)
{
	const struct classified *c = &turn->c;
	struct casefile_new n = {
		.address = turn->in->address,
		.person = turn->person.id,
		.inbound = turn->in->id,
		.channel = turn->in->channel,
		.unit = turn->person.unit[0] ? turn->person.unit : turn->t->in.config->organisation.unit,
		.text = text,
		.fold = folded,
		.kind = nature_name(c->nature),
		.urgency = c->kind == KIND_URGENT ? "urgent" : "normal",
		.restricted = c->restricted,
	};
	for (size_t i = 0; i < c->n_topics; i++)
		n.topics[i] = c->topics[i];
	return n;
}

static int send_receipt(struct turn *turn, const struct casefile *c, enum reply name)
{
	char key[48], subject[32], date[16];
	int64_t message = 0;
	struct calendar due = calendar_local(turn->t->in.zone, c->due_at);
	snprintf(date, sizeof(date), "%02d/%02d", due.day % 100, due.month % 100);
	snprintf(key, sizeof(key), "case:%lld:receipt", (long long)c->id);
	snprintf(subject, sizeof(subject), "case:%lld", (long long)c->id);
	struct reply_values values = { .code = c->code, .digits = feedback_digits(c), .date = date };
	OWN(mem) char *text = reply_text(name, turn->to.language, &values);
	if (!text)
		return E_NOMEM;
	struct reply_to to = turn->to;
	to.subject = subject;
	int r = reply_put(turn->t, &to, CLASS_SERVICE, key, text, &message);
	return r ? r : casefile_event(turn->t, c->id, "receipt", "system", NULL, message, 0);
}

static int open_words(struct turn *turn, const char *text, enum reply receipt, struct casefile *ret)
{
	bool joined = false;
	OWN(mem) char *folded = fold(text);
	if (!folded)
		return E_NOMEM;
	struct casefile_new n = case_of(turn, text, folded);
	int r = consent_ease_all(turn->t, turn->in->address);
	r = r ? r : casefile_open(turn->t, &n, ret, &joined);
	if (r)
		return r;
	turn->ret->casefile = ret->id;
	turn_result(turn, "%s %s", joined ? "joined" : "case", ret->code);
	if (joined) {
		struct reply_values values = { .code = ret->code, .digits = feedback_digits(ret) };
		return turn_say(turn, REPLY_JOINED, &values);
	}
	bool secret = ret->restricted && receipt == REPLY_RECEIPT;
	return send_receipt(turn, ret, secret ? REPLY_RECEIPT_RESTRICTED : receipt);
}

int feedback_open(struct turn *turn, enum reply receipt, struct casefile *ret)
{
	if (!turn->in->parts_missing)
		return open_words(turn, turn->in->text, receipt, ret);
	OWN(mem) char *text = NULL;
	if (asprintf(&text, "%s [thiếu %d phần]", turn->in->text, turn->in->parts_missing) < 0)
		return E_NOMEM;
	return open_words(turn, text, receipt, ret);
}

int feedback_handle(struct turn *turn)
{
	struct casefile c;
	return feedback_open(turn, REPLY_RECEIPT, &c);
}

int feedback_urgent(struct turn *turn)
{
	struct casefile c;
	turn->c.nature = NATURE_REPORT;
	return feedback_open(turn, REPLY_URGENT, &c);
}

/* ---- more about a case that is open ---- */

static int asked_case(const struct turn *turn, struct casefile *ret)
{
	long long id = 0;
	if (turn->question.id && sscanf(turn->question.subject, "case:%lld", &id) == 1)
		return casefile_get(&turn->t->in, id, ret);
	return casefile_of_address(&turn->t->in, turn->in->address, ret);
}

int feedback_info(struct turn *turn)
{
	struct casefile c;
	int r = asked_case(turn, &c);
	if (r == E_NOT_FOUND)
		return feedback_handle(turn);
	r = r ? r : casefile_event(turn->t, c.id, "info", "person", turn->in->text, 0, turn->in->id);
	r = r ? r : question_close(turn->t, turn->question.id, "answered", NULL);
	if (!r && c.state == CASE_NEED_INFO)
		r = casefile_move(turn->t, &c, CASE_TRIAGED);
	if (r)
		return r;
	turn->ret->casefile = c.id;
	turn_result(turn, "added to %s", c.code);
	return turn_say(turn, REPLY_INFO_ADDED, &(struct reply_values){ .code = c.code });
}

/* ---- what was not understood ---- */

static int ask(struct turn *turn, const char *kind, const char *subject, enum reply name)
{
	int64_t id = 0;
	int r = question_ask(turn->t, turn->in->address, kind, NULL, subject, NULL, turn->t->in.now_ms + DAY_MS, &id);
	return r ? r : turn_say(turn, name, NULL);
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

int feedback_ask(struct turn *turn)
{
	char subject[40];
	snprintf(subject, sizeof(subject), "inbound:%lld", (long long)turn->in->id);
	if (turn->c.foreign) {
		turn_result(turn, "to a person: another language");
		return 0;
	}
	if (turn->c.doubt) {
		turn_result(turn, "asked: stop messages?");
		return ask(turn, "yes_no", "optout", REPLY_ASK_OPTOUT);
	}
	if (count_words(turn->c.folded) >= CATCH_ALL_WORDS && turn->question.id == 0) {
		turn_result(turn, "asked: send as feedback?");
		return ask(turn, "feedback", subject, REPLY_ASK_FEEDBACK);
	}
	/* words that miss twice go to a person: with the question still open, its duty opens the case */
	turn_result(turn, turn->question.id ? "to a person" : "hint");
	return turn->question.id ? 0 : turn_say(turn, REPLY_UNKNOWN, NULL);
}

static int kept_text(const struct scope *in, int64_t inbound, char **ret_text, char ret_channel[40])
{
	struct statement *st = store_prepare(in->db, &feedback_module, FEEDBACK_KEPT_TEXT);
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

int feedback_open_kept(struct turn *turn, int64_t inbound, struct casefile *ret)
{
	OWN(mem) char *text = NULL;
	char channel[40];
	struct classified now = turn->c;
	struct context none = { .most = -1 };
	int r = kept_text(&turn->t->in, inbound, &text, channel);
	r = r ? r : classify(turn->t->in.keywords, text, &none, &turn->c);
	if (r)
		return r;
	r = open_words(turn, text, REPLY_RECEIPT, ret);
	classified_done(&turn->c);
	turn->c = now;
	return r;
}

/* ---- asked yesterday, no answer: a person shall see it ---- */

struct kept {
	int64_t question, address, inbound;
};

static int open_unanswered(struct tick *t, const struct kept *k)
{
	OWN(mem) char *text = NULL;
	char channel[40] = "";
	struct handled h = { 0 };
	struct casefile c;
	int r = question_close(t, k->question, "dropped", NULL);
	r = r ? r : kept_text(&t->in, k->inbound, &text, channel);
	if (r)
		return r == E_NOT_FOUND ? 0 : r;
	struct inbound in = { .id = k->inbound, .channel = channel, .address = k->address, .text = text, .received_at = t->in.now_ms };
	struct turn turn = { .t = t, .in = &in, .ret = &h, .c = { .nature = NATURE_REPORT, .topics = { "KHAC" }, .n_topics = 1 } };
	r = casefile_person(&t->in, k->address, &turn.person);
	turn.to = (struct reply_to){ .address = k->address, .person = turn.person.id, .channel = channel,
				     .language = reply_language(turn.person.language) };
	return r ? r : open_words(&turn, text, REPLY_RECEIPT, &c);
}

static int gather_kept(struct tick *t, struct kept *ret, size_t *ret_n)
{
	size_t n = 0;
	int r;
	struct statement *st = store_prepare(t->in.db, &feedback_module, FEEDBACK_KEPT_DUE);
	bind_int(st, "$now", t->in.now_ms);
	bind_int(st, "$limit", KEPT_PER_TICK);
	while ((r = store_row(st)) > 0 && n < KEPT_PER_TICK) {
		long long inbound = 0;
		const char *subject = column_text(st, 2);
		if (!subject || sscanf(subject, "inbound:%lld", &inbound) != 1)
			inbound = 0;
		ret[n++] = (struct kept){ column_int(st, 0), column_int(st, 1), inbound };
	}
	store_reset(st);
	*ret_n = n;
	return r < 0 ? r : 0;
}

static int run_duty(struct tick *t, int64_t *ret_due_at)
{
	struct kept rows[KEPT_PER_TICK];
	size_t n = 0;
	int r = gather_kept(t, rows, &n);
	for (size_t i = 0; i < n && !r; i++)
		r = open_unanswered(t, &rows[i]);
	if (r)
		return r;
	struct statement *st = store_prepare(t->in.db, &feedback_module, FEEDBACK_NEXT_DUE);
	bind_int(st, "$now", t->in.now_ms);
	r = store_row(st);
	int64_t next = r > 0 && !column_null(st, 0) ? column_int(st, 0) : t->in.now_ms + DAY_MS;
	store_reset(st);
	/* a question asked meanwhile is due a day later at the earliest: looking once an hour is soon enough */
	int64_t hour = t->in.now_ms + DAY_MS / 24;
	if (r >= 0)
		*ret_due_at = n == KEPT_PER_TICK ? t->in.now_ms : next < hour ? next : hour;
	return r < 0 ? r : 0;
}

const struct duty feedback_duty = { .name = "feedback", .run = run_duty };
