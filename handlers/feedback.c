/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening cases out of messages, and adding to them. Called by the chain, by survey.c and kept.c; a complaint never re-subscribes
 * anybody. */
#include "handlers/feedback.h"

#include <string.h>

#include "config/config.h"
#include "gateway/address.h"
#include "gateway/base/calendar.h"
#include "gateway/base/fold.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "gateway/consent.h"
#include "handlers/attach.h"
#include "handlers/codespace.h"
#include "handlers/inquiry.h"

#define PLAIN_BYTES_MAX 160 /* of the words that the officer on duty is told */

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
		.actor = turn->in->id ? NULL : turn->actor, /* no message: somebody wrote it down */
		.territory = turn->territory,
		.channel = turn->in->channel,
		.unit = turn->person.unit[0] ? turn->person.unit : turn->t->in.config->organisation.unit,
		.text = text,
		.fold = folded,
		.kind = nature_name(c->nature),
		.urgency = c->kind == KIND_URGENT ? "urgent" : "normal",
		.restricted = c->restricted,
		.due_days = c->kind == KIND_PRIVACY_REQUEST ? CASE_PRIVACY_DAYS : 0,
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

int feedback_open_words(struct turn *turn, const char *text, enum reply receipt, struct casefile *ret)
{
	bool joined = false;
	OWN(mem) char *folded = fold(text);
	if (!folded)
		return E_NOMEM;
	struct casefile_new n = case_of(turn, text, folded);
	/* who writes wants an answer; what others write down for them lifts nothing */
	int r = turn->in->address && !n.actor ? consent_ease_all(turn->t, turn->in->address) : 0;
	r = r ? r : casefile_open(turn->t, &n, ret, &joined);
	if (r)
		return r;
	turn->ret->casefile = ret->id;
	turn_result(turn, "%s %s", joined ? "joined" : "case", ret->code);
	if (receipt == REPLY_COUNT || (joined && !turn->in->id))
		return 0;
	if (joined)
		return turn_say_of(turn, REPLY_JOINED, ret);
	bool secret = ret->restricted && receipt == REPLY_RECEIPT;
	return send_receipt(turn, ret, secret ? REPLY_RECEIPT_RESTRICTED : receipt);
}

int feedback_open(struct turn *turn, enum reply receipt, struct casefile *ret)
{
	if (!turn->in->parts_missing)
		return feedback_open_words(turn, turn->in->text, receipt, ret);
	OWN(mem) char *text = NULL;
	if (asprintf(&text, "%s [thiếu %d phần]", turn->in->text, turn->in->parts_missing) < 0)
		return E_NOMEM;
	return feedback_open_words(turn, text, receipt, ret);
}

/* An accusation is not put into a case that those it accuses may read: it becomes a restricted one of its own. */
static bool accuses_beside(const struct turn *turn, const struct casefile *c)
{
	return turn->c.restricted && !c->restricted;
}

/* "PA482918 van hong": words for a case that the sender names. *ret_added false: it is not one of theirs. */
static int add_to_named(struct turn *turn, bool *ret_added)
{
	struct casefile c;
	*ret_added = false;
	if (!turn->c.code[0] || !turn->c.code_valid)
		return 0;
	int r = casefile_by_code(&turn->t->in, turn->c.code, &c);
	if (r || c.address != turn->in->address || accuses_beside(turn, &c))
		return r == E_NOT_FOUND ? 0 : r;
	r = casefile_follow(&turn->t->in, &c);
	if (r || attach_is_over(turn, &c))
		return r;
	*ret_added = true;
	return attach_to(turn, &c, turn->in->text, turn->in->id);
}

void feedback_ahead(struct tick *t, const struct inbound *in)
{
	OWN(mem) char *folded = fold(in->text);
	if (folded)
		casefile_same_ahead(&t->in, in->address, folded);
	attach_ahead(t, in->address);
	codespace_ahead(t, in->id);
}

int feedback_handle(struct turn *turn)
{
	struct casefile c;
	bool done = false;
	int r = add_to_named(turn, &done);
	if (!r && !done && turn->c.near)
		return inquiry_ask(turn, "feedback"); /* "bhty sap het han": did they mean BHYT? */
	/* an accusation, and what says itself that it is new, joins nothing */
	if (!r && !done && turn->c.command != COMMAND_CASE && !turn->c.restricted && !turn->in->parts_missing)
		r = attach_offer(turn, &done);
	return r || done ? r : feedback_open(turn, REPLY_RECEIPT, &c);
}

/* ---- a life in danger ---- */

/* The officer on duty reads the code and the beginning of the words, in one SMS; the number stays sealed. */
static int tell_duty(struct turn *turn, const struct casefile *c)
{
	const char *number = turn->t->in.config->organisation.duty_number;
	struct phone phone;
	struct reply_to to = { .channel = turn->in->channel, .language = LANGUAGE_VI };
	char key[48], text[PLAIN_BYTES_MAX + 1], subject[32];
	int64_t message = 0;
	if (!number || !*number || phone_parse(&turn->t->in.config->plan, number, &phone, NULL))
		return 0;
	OWN(mem) char *plain = fold_plain(turn->in->text), *head = reply_text(REPLY_DUTY, LANGUAGE_VI, &(struct reply_values){ .code = c->code });
	if (!plain || !head)
		return E_NOMEM;
	snprintf(text, sizeof(text), "%s%s", head, plain);
	text[text_cut(text, sizeof(text) - 1)] = '\0';
	snprintf(key, sizeof(key), "case:%lld:duty", (long long)c->id);
	snprintf(subject, sizeof(subject), "case:%lld", (long long)c->id);
	to.subject = subject;
	int r = address_put(turn->t, &phone, &to.address);
	r = r ? r : reply_put(turn->t, &to, CLASS_SERVICE, key, text, &message);
	return r ? r : casefile_event(turn->t, c->id, "duty", "system", NULL, message, 0);
}

int feedback_urgent(struct turn *turn)
{
	struct casefile c;
	turn->c.nature = NATURE_REPORT;
	int r = feedback_open(turn, REPLY_URGENT, &c);
	return r ? r : tell_duty(turn, &c);
}

/* ---- more about a case that is open ---- */

static int asked_case(const struct turn *turn, struct casefile *ret)
{
	long long id = 0;
	if (turn->question.id && sscanf(turn->question.subject, "case:%lld", &id) == 1)
		return casefile_get(&turn->t->in, id, ret) ? E_NOT_FOUND : casefile_follow(&turn->t->in, ret);
	return casefile_of_address(&turn->t->in, turn->in->address, ret);
}

int feedback_info(struct turn *turn)
{
	struct casefile c;
	int r = asked_case(turn, &c);
	if (r == E_NOT_FOUND || (!r && accuses_beside(turn, &c)))
		return feedback_handle(turn);
	r = r ? r : question_close(turn->t, turn->question.id, "answered", NULL);
	return r ? r : attach_to(turn, &c, turn->in->text, turn->in->id);
}
