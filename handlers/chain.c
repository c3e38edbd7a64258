/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gathers what a message's sender was told and asked, has it understood, and hands it to one handler. Keeps nothing. */
#include "handlers/chain.h"

#include <stdarg.h>
#include <string.h>

#include "config/config.h"
#include "gateway/address.h"
#include "gateway/base/own.h"
#include "gateway/consent.h"
#include "gateway/optout.h"
#include "gateway/outbox.h"
#include "handlers/feedback.h"
#include "handlers/keyword.h"
#include "handlers/part.h"
#include "handlers/signuptalk.h"
#include "handlers/smsmenu.h"
#include "handlers/status.h"
#include "handlers/survey.h"
#include "handlers/unclear.h"
#include "handlers/unsubscribe.h"
#include "handlers/which.h"

#define CAMPAIGN_REMEMBERED_MS (INT64_C(72) * 60 * 60 * 1000)

enum { CHAIN_CAMPAIGN, CHAIN_SQL_COUNT };
static const char *const chain_sql[CHAIN_SQL_COUNT] = {
	[CHAIN_CAMPAIGN] = "SELECT topic FROM message WHERE address = $address AND claimed_at > $since AND topic IS NOT NULL"
			   " ORDER BY claimed_at DESC NULLS LAST LIMIT 1",
};
const struct sql_module chain_module = { "chain", chain_sql, CHAIN_SQL_COUNT };

void turn_result(struct turn *turn, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	vsnprintf(turn->ret->result, sizeof(turn->ret->result), fmt, args);
	va_end(args);
}

int turn_also(struct turn *turn, turn_fn fn)
{
	char before[sizeof(turn->ret->result)], after[sizeof(turn->ret->result)];
	snprintf(before, sizeof(before), "%s", turn->ret->result);
	int r = fn(turn);
	snprintf(after, sizeof(after), "%s", turn->ret->result);
	if (!r && before[0])
		turn_result(turn, "%.46s, %.46s", before, after);
	return r;
}

static int show(struct turn *turn, enum reply name, const struct reply_values *values)
{
	OWN(mem) char *text = reply_text(name, turn->to.language, values);
	if (text)
		snprintf(turn->screen, TURN_SCREEN_BYTES, "%s", text);
	return text ? 0 : E_NOMEM;
}

int turn_say(struct turn *turn, enum reply name, const struct reply_values *values)
{
	if (turn->screen)
		return show(turn, name, values);
	char key[64];
	bool said = false;
	snprintf(key, sizeof(key), "inbound:%lld:%d", (long long)turn->in->id, (int)name);
	int r = reply_say(turn->t, &turn->to, key, name, values, &said);
	size_t n = strlen(turn->ret->result);
	if (!r && (!said || turn->to.abroad))
		snprintf(turn->ret->result + n, sizeof(turn->ret->result) - n, "%s%s", n ? ", " : "", said ? "abroad, not answered" : "loop guard");
	return r;
}

int turn_say_of(struct turn *turn, enum reply name, const struct casefile *c)
{
	char code[CASE_CODE_BYTES];
	int r = casefile_known_as(&turn->t->in, c, turn->in->address, code);
	return r ? r : turn_say(turn, name, &(struct reply_values){ .code = code, .digits = code + 2 });
}

/* *ret_message 0: nothing was sent. */
static int put_receipt(struct turn *turn, enum reply name, const struct casefile *c, const char *answer, int64_t *ret_message)
{
	char code[CASE_CODE_BYTES], key[64];
	int r = casefile_known_as(&turn->t->in, c, turn->in->address, code);
	if (r)
		return r;
	const struct reply_values values = { .code = code, .digits = code + 2, .answer = answer };
	*ret_message = 0;
	if (turn->screen)
		return show(turn, name, &values);
	OWN(mem) char *text = reply_text(name, turn->to.language, &values);
	snprintf(key, sizeof(key), "inbound:%lld:%d", (long long)turn->in->id, (int)name);
	return text ? reply_put_fresh(turn->t, &turn->to, CLASS_SERVICE, key, text, ret_message) : E_NOMEM;
}

int turn_receipt_of(struct turn *turn, enum reply name, const struct casefile *c)
{
	int64_t message = 0;
	return put_receipt(turn, name, c, NULL, &message);
}

int turn_answer_of(struct turn *turn, const struct casefile *c, const char *answer)
{
	int64_t message = 0;
	int r = put_receipt(turn, c->restricted ? REPLY_RECEIPT_RESTRICTED : REPLY_CHOSEN, c, answer, &message);
	return r || !message ? r : casefile_event(turn->t, c->id, "receipt", "system", NULL, message, 0);
}

/* ---- who wrote, and after what ---- */

/* Machines and our own numbers are filed: an answer to one would be answered. */
static const char *filed_because(const struct inbound *in)
{
	switch (in->sender_kind) {
	case PHONE_SHORT:
	case PHONE_EMERGENCY:
	case PHONE_SPECIAL:
		return "sender: short code";
	case PHONE_ALPHA:
		return "sender: letters";
	case PHONE_MOBILE:
	case PHONE_LANDLINE:
	case PHONE_FOREIGN:
		break;
	}
	return in->own ? "sender: our own number" : NULL;
}

static struct statement *bind_campaign(const struct tick *t, const struct inbound *in)
{
	struct statement *st = store_prepare(t->in.db, &chain_module, CHAIN_CAMPAIGN);
	bind_int(st, "$address", in->address);
	bind_int(st, "$since", in->received_at - CAMPAIGN_REMEMBERED_MS);
	return st;
}

static int last_campaign(const struct turn *turn, char ret[TOPIC_BYTES])
{
	struct statement *st = bind_campaign(turn->t, turn->in);
	int r = store_row(st);
	if (r > 0)
		snprintf(ret, TOPIC_BYTES, "%s", column_text(st, 0));
	store_reset(st);
	return r < 0 ? r : 0;
}

static int read_question(struct turn *turn)
{
	struct context *x = &turn->context;
	x->least = 0;
	x->most = -1;
	int r = question_open(&turn->t->in, turn->in->address, &turn->question);
	if (r)
		return r == E_NOT_FOUND ? 0 : r;
	x->question = question_kind_parse(turn->question.kind);
	if (turn->question.topic[0])
		snprintf(x->topic, sizeof(x->topic), "%.15s", turn->question.topic);
	r = context_add_options(x, turn->question.options);
	return r == E_INVALID ? E_CORRUPT : r;
}

static int read_context(struct turn *turn)
{
	const struct scope *in = &turn->t->in;
	struct casefile open;
	int r = last_campaign(turn, turn->context.topic);
	r = r ? r : read_question(turn);
	r = r ? r : consent_scopes(in, turn->in->address, turn->off, sizeof(turn->off));
	r = r ? r : casefile_person(in, turn->in->address, &turn->person);
	if (r)
		return r;
	turn->context.opted_out = turn->off[0] != '\0';
	r = signuptalk_invited(turn, &turn->programme);
	if (r)
		return r;
	turn->context.signup = turn->programme != NULL;
	r = casefile_of_address(in, turn->in->address, &open);
	turn->context.open_case = r == 0;
	turn->to = (struct reply_to){ .address = turn->in->address, .person = turn->person.id, .channel = turn->in->channel,
				      .language = reply_language(turn->person.language), .abroad = turn->in->sender_kind == PHONE_FOREIGN };
	return r == E_NOT_FOUND ? 0 : r;
}

/* ---- the table ---- */

static int handle_nothing(struct turn *turn)
{
	turn_result(turn, "filed");
	return 0;
}

/* "OK" to a question about missing parts: the message was whole enough. */
static int handle_ack(struct turn *turn)
{
	turn_result(turn, "filed");
	return part_asked(turn) ? question_close(turn->t, turn->question.id, "answered", "OK") : 0;
}

static int handle_abuse(struct turn *turn)
{
	turn_result(turn, "filed, to be reviewed");
	return 0;
}

static int handle_wrong_number(struct turn *turn)
{
	turn_result(turn, "to a person: the number is to be checked");
	return turn_say(turn, REPLY_WRONG_NUMBER, NULL);
}

static int handle_help(struct turn *turn)
{
	turn_result(turn, "help");
	return turn_say(turn, REPLY_HELP, NULL);
}

static const struct {
	const char *name;
	turn_fn fn;
} handlers[KIND_COUNT] = {
	[KIND_UNKNOWN] = { "unclear", unclear_ask },
	[KIND_EMPTY] = { "chain", handle_nothing },
	[KIND_URGENT] = { "feedback", feedback_urgent },
	[KIND_OPTOUT] = { "optout", unsubscribe_stop },
	[KIND_OPTIN] = { "optout", unsubscribe_resume },
	[KIND_KEYWORD] = { "keyword", keyword_handle },
	[KIND_SURVEY_ANSWER] = { "survey", survey_answer },
	[KIND_FEEDBACK] = { "feedback", feedback_handle },
	[KIND_CASE_INFO] = { "feedback", feedback_info },
	[KIND_ACK] = { "chain", handle_ack },
	[KIND_HELP] = { "chain", handle_help },
	[KIND_WRONG_NUMBER] = { "chain", handle_wrong_number },
	[KIND_PRIVACY_REQUEST] = { "optout", unsubscribe_privacy },
	[KIND_ABUSE] = { "chain", handle_abuse },
};

static int stop_beside(struct turn *turn)
{
	return unsubscribe_scope(turn, turn->c.scope);
}

static int act(struct turn *turn)
{
	struct handled *h = turn->ret;
	enum kind kind = turn->c.kind;
	snprintf(h->kind, sizeof(h->kind), "%s", classified_kind(&turn->c));
	snprintf(h->handled_by, sizeof(h->handled_by), "%s", handlers[kind].name);
	snprintf(h->why, sizeof(h->why), "%s", turn->c.why);
	classified_topics(&turn->c, h->topic, sizeof(h->topic));
	int r = handlers[kind].fn(turn);
	if (!r && turn->c.stop)
		r = turn_also(turn, stop_beside);
	return r || !turn->in->parts_missing ? r : part_ask(turn);
}

static int note_menu(struct turn *turn)
{
	snprintf(turn->ret->kind, sizeof(turn->ret->kind), "%s", kind_name(KIND_KEYWORD));
	snprintf(turn->ret->handled_by, sizeof(turn->ret->handled_by), "menu");
	snprintf(turn->ret->why, sizeof(turn->ret->why), "a menu's word");
	return 0;
}

/* Understood, and turned to the question that it answers. */
static int understand_and_act(struct turn *turn)
{
	bool asked = false, opened = false;
	int r = smsmenu_open(turn, &opened);
	if (r || opened)
		return r ? r : note_menu(turn);
	r = classify(turn->t->in.keywords, turn->in->text, &turn->context, &turn->c);
	r = r ? r : which_settle(turn, &asked);
	if (r || !asked)
		return r ? r : act(turn);
	snprintf(turn->ret->kind, sizeof(turn->ret->kind), "%s", kind_name(turn->c.kind));
	snprintf(turn->ret->handled_by, sizeof(turn->ret->handled_by), "which");
	snprintf(turn->ret->why, sizeof(turn->ret->why), "%s", turn->c.why);
	return 0;
}

void chain_ahead(struct tick *t, const struct inbound *in)
{
	if (filed_because(in))
		return;
	store_ahead(bind_campaign(t, in));
	question_ahead(&t->in, in->address);
	optout_ahead(&t->in, in->address);
	outbox_suppress_ahead(t, in->address);
	casefile_person_ahead(&t->in, in->address);
	casefile_of_address_ahead(&t->in, in->address);
	reply_ahead(t, in->address);
	signuptalk_ahead(&t->in, in);
	unclear_ahead(t, in);
	feedback_ahead(t, in);
}

int chain_intake(struct tick *t, const struct inbound *in, struct handled *ret)
{
	struct handled h = { 0 };
	struct turn turn = { .t = t, .in = in, .ret = &h };
	const char *filed = filed_because(in);
	if (filed) {
		snprintf(h.kind, sizeof(h.kind), "filed");
		snprintf(h.handled_by, sizeof(h.handled_by), "chain");
		snprintf(h.result, sizeof(h.result), "filed, not answered");
		snprintf(h.why, sizeof(h.why), "%s", filed);
		*ret = h;
		return 0;
	}
	if (!t->in.keywords)
		return E_UNAVAILABLE;
	bool merged = false;
	int r = read_context(&turn);
	r = r || !in->late_of ? r : part_merge(&turn, &merged);
	r = r || merged ? r : understand_and_act(&turn);
	classified_done(&turn.c);
	context_done(&turn.context);
	question_done(&turn.question);
	if (!r)
		*ret = h;
	return r;
}
