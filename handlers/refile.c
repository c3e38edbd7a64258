/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inbox refile. Opt-outs go through consent.c, cases through casefile.c and feedback.c: nothing is done here that they do not do
 * for a message that was understood at once. */
#include "handlers/refile.h"

#include <string.h>

#include "config/config.h"
#include "gateway/audit.h"
#include "gateway/base/json.h"
#include "gateway/consent.h"
#include "handlers/correction.h"
#include "handlers/feedback.h"
#include "handlers/intray.h"
#include "handlers/unsubscribe.h"

#define LIFTED_MS (INT64_C(10) * 60 * 1000) /* what was lifted so soon behind a message, it lifted */

enum { REFILE_ROW, REFILE_WRITE, REFILE_STOPPED, REFILE_LIFTED, REFILE_OPENED, REFILE_OTHERS, REFILE_SQL_COUNT };
static const char *const refile_sql[REFILE_SQL_COUNT] = {
	[REFILE_ROW] = "SELECT channel, address, text, received_at, state, kind, topic, why, casefile FROM inbound WHERE id = $id",
	[REFILE_WRITE] = "UPDATE inbound SET state = 'handled', kind = $kind, topic = $topic, handled_by = 'refile', result = $result, why = $why,"
			 " casefile = $case WHERE id = $id",
	[REFILE_STOPPED] = "SELECT scope FROM optout WHERE address = $address AND inbound = $id AND lifted_seq IS NULL ORDER BY id LIMIT 1",
	[REFILE_LIFTED] = "SELECT o.scope FROM optout o WHERE o.address = $address AND o.lifted_at >= $from AND o.lifted_at < $to AND NOT EXISTS"
			  " (SELECT 1 FROM optout p WHERE p.address = o.address AND p.scope = o.scope AND p.lifted_seq IS NULL)"
			  " ORDER BY o.id LIMIT 1",
	[REFILE_OPENED] = "SELECT count(*) FROM case_event WHERE casefile = $case AND inbound = $id AND what = 'received'",
	[REFILE_OTHERS] = "SELECT count(*) FROM case_event WHERE casefile = $case AND inbound <> $id",
};
const struct sql_module refile_module = { "refile", refile_sql, REFILE_SQL_COUNT };

const char *const refile_kinds[] = { "optout", "optin",	  "feedback",	  "case_info",	     "urgent", "ack",
				     "help",   "keyword", "wrong_number", "privacy_request", "abuse",  "unknown", NULL };

/* The message as it stands, and what it is to be. */
struct refiling {
	struct turn turn;
	struct inbound in;
	struct handled handled;
	char channel[40], kind_was[24], topic_was[64], why_was[160], state[16];
	char *text;
	int64_t case_was;
	const char *note;
	bool took_back;
};

/* ---- the message ---- */

static void copy_text(char *to, size_t room, const char *from)
{
	snprintf(to, room, "%s", from ? from : "");
}

static int read_row(struct tick *t, int64_t id, struct refiling *f)
{
	struct statement *st = store_prepare(t->in.db, &refile_module, REFILE_ROW);
	bind_int(st, "$id", id);
	int r = store_row(st);
	if (r > 0) {
		copy_text(f->channel, sizeof(f->channel), column_text(st, 0));
		copy_text(f->state, sizeof(f->state), column_text(st, 4));
		copy_text(f->kind_was, sizeof(f->kind_was), column_text(st, 5));
		copy_text(f->topic_was, sizeof(f->topic_was), column_text(st, 6));
		copy_text(f->why_was, sizeof(f->why_was), column_text(st, 7));
		f->in = (struct inbound){ .id = id, .channel = f->channel, .address = column_int(st, 1), .received_at = column_int(st, 3) };
		f->case_was = column_null(st, 8) ? 0 : column_int(st, 8);
		f->text = strdup(column_text(st, 2));
		f->in.text = f->text;
		r = f->text ? 1 : E_NOMEM;
	}
	store_reset(st);
	return r < 0 ? r : r ? 0 : E_NOT_FOUND;
}

/* Topics, nature and the like are read out of the words; kind and topic are the person's. */
static int understand(struct refiling *f, enum kind kind, const char *topic)
{
	struct turn *turn = &f->turn;
	struct context none = { .most = -1 };
	int r = classify(turn->t->in.keywords, f->in.text, &none, &turn->c);
	if (r)
		return r;
	const struct topic *t = keywords_topic(turn->t->in.keywords, *topic ? topic : turn->c.n_topics ? turn->c.topics[0] : "KHAC");
	turn->c.kind = kind;
	turn->c.restricted = (t && t->restricted) || turn->c.nature == NATURE_DENUNCIATION;
	turn->c.stop = turn->c.need = false;
	snprintf(turn->c.scope, sizeof(turn->c.scope), *topic ? "topic:%s" : "campaign", topic);
	if (*topic || !turn->c.n_topics) {
		turn->c.n_topics = 1;
		snprintf(turn->c.topics[0], TOPIC_BYTES, "%s", *topic ? topic : "KHAC");
	}
	return 0;
}

static int prepare(struct tick *t, const struct call *c, enum kind kind, struct refiling *f)
{
	struct turn *turn = &f->turn;
	*turn = (struct turn){ .t = t, .in = &f->in, .ret = &f->handled, .actor = c->actor, .territory = c->unit };
	int r = consent_scopes(&t->in, f->in.address, turn->off, sizeof(turn->off));
	r = r ? r : casefile_person(&t->in, f->in.address, &turn->person);
	turn->to = (struct reply_to){ .address = f->in.address, .person = turn->person.id, .channel = f->channel,
				      .language = reply_language(turn->person.language) };
	return r ? r : understand(f, kind, json_str(c->args, "topic", ""));
}

/* ---- taking back ---- */

static int one_scope(struct refiling *f, size_t sql, char ret[80])
{
	struct statement *st = store_prepare(f->turn.t->in.db, &refile_module, sql);
	bind_int(st, "$address", f->in.address);
	if (sql == REFILE_STOPPED) {
		bind_int(st, "$id", f->in.id);
	} else {
		bind_int(st, "$from", f->in.received_at);
		bind_int(st, "$to", f->in.received_at + LIFTED_MS);
	}
	int r = store_row(st);
	if (r > 0)
		snprintf(ret, 80, "%s", column_text(st, 0));
	store_reset(st);
	return r;
}

/* Opt-outs that the message made, or lifted. */
static int take_back_consent(struct refiling *f)
{
	char scope[80];
	int r = 1;
	bool is_new;
	struct consent_proof proof = { .channel = f->channel, .text = f->note, .actor = f->turn.actor, .inbound = f->in.id };
	bool stops = f->turn.c.kind == KIND_OPTOUT || f->turn.c.kind == KIND_PRIVACY_REQUEST;
	while (!stops && (r = one_scope(f, REFILE_STOPPED, scope)) > 0) {
		r = consent_take_back(f->turn.t, f->in.address, scope, &proof);
		f->took_back = true;
		if (r)
			return r;
	}
	bool resumed = strcmp(f->kind_was, kind_name(KIND_OPTIN)) == 0 && f->turn.c.kind != KIND_OPTIN;
	while (resumed && (r = one_scope(f, REFILE_LIFTED, scope)) > 0) {
		r = consent_opt_out(f->turn.t, f->in.address, scope, &proof, &is_new);
		if (r)
			return r;
	}
	return r < 0 ? r : 0;
}

static int count(const struct refiling *f, size_t sql, int64_t *ret)
{
	struct statement *st = store_prepare(f->turn.t->in.db, &refile_module, sql);
	bind_int(st, "$case", f->case_was);
	bind_int(st, "$id", f->in.id);
	int r = store_row(st);
	if (r > 0)
		*ret = column_int(st, 0);
	store_reset(st);
	return r < 0 ? r : 0;
}

static int note_in_case(const struct refiling *f, const char *text)
{
	return casefile_event(f->turn.t, f->case_was, "refiled", f->turn.actor, text, 0, f->in.id);
}

/* The message was no case: the one it opened is closed, unless others speak in it too. */
static int leave_case(struct refiling *f)
{
	struct casefile c;
	int64_t opened = 0, others = 0;
	int r = count(f, REFILE_OPENED, &opened);
	r = r ? r : count(f, REFILE_OTHERS, &others);
	r = r ? r : casefile_get(&f->turn.t->in, f->case_was, &c);
	r = r ? r : note_in_case(f, kind_name(f->turn.c.kind));
	if (!r && opened && !others && case_may_move(c.state, CASE_CLOSED))
		r = casefile_move(f->turn.t, &c, CASE_CLOSED);
	return r;
}

/* ---- doing ---- */

/* The case stays; its topic and its urgency follow the correction. An accusation makes it restricted; only case restrict --lift, with its
 * reason, makes it an ordinary one again. */
static int keep_case(struct refiling *f)
{
	struct casefile c;
	const struct classified *k = &f->turn.c;
	int r = casefile_get(&f->turn.t->in, f->case_was, &c);
	r = r ? r : casefile_refile(f->turn.t, c.id, k->topics[0], k->kind == KIND_URGENT ? "urgent" : "normal",
				   k->restricted || c.restricted);
	r = r ? r : note_in_case(f, k->topics[0]);
	if (!r && c.state == CASE_CLOSED)
		r = casefile_move(f->turn.t, &c, CASE_REOPENED);
	f->handled.casefile = c.id;
	if (!r)
		turn_result(&f->turn, "case %s", c.code);
	return r;
}

static int do_right(struct refiling *f)
{
	struct turn *turn = &f->turn;
	switch (turn->c.kind) {
	case KIND_OPTOUT:
		return unsubscribe_scope(turn, turn->c.scope);
	case KIND_OPTIN:
		return unsubscribe_resume(turn);
	case KIND_PRIVACY_REQUEST:
		return f->case_was ? keep_case(f) : unsubscribe_privacy(turn);
	case KIND_URGENT:
		return f->case_was ? keep_case(f) : feedback_urgent(turn);
	case KIND_CASE_INFO:
		return f->case_was ? keep_case(f) : feedback_info(turn);
	case KIND_FEEDBACK: {
		struct casefile opened;
		return f->case_was ? keep_case(f) : feedback_open(turn, REPLY_RECEIPT, &opened);
	}
	case KIND_UNKNOWN:
	case KIND_EMPTY:
	case KIND_KEYWORD:
	case KIND_SURVEY_ANSWER:
	case KIND_ACK:
	case KIND_HELP:
	case KIND_WRONG_NUMBER:
	case KIND_ABUSE:
	case KIND_COUNT:
		break;
	}
	turn_result(turn, "filed");
	return 0;
}

static bool carries_case(enum kind k)
{
	return k == KIND_FEEDBACK || k == KIND_URGENT || k == KIND_CASE_INFO || k == KIND_PRIVACY_REQUEST;
}

static int write_row(const struct refiling *f)
{
	char topics[64], result[120];
	const struct classified *c = &f->turn.c;
	classified_topics(c, topics, sizeof(topics));
	snprintf(result, sizeof(result), "%s%s", f->handled.result, f->took_back ? ", opt-out taken back" : "");
	struct statement *st = store_prepare(f->turn.t->in.db, &refile_module, REFILE_WRITE);
	bind_int(st, "$id", f->in.id);
	bind_text(st, "$kind", kind_name(c->kind));
	bind_text(st, "$topic", topics[0] ? topics : NULL);
	bind_text(st, "$result", result);
	bind_text(st, "$why", "refiled by a person");
	if (f->handled.casefile)
		bind_int(st, "$case", f->handled.casefile);
	else
		bind_null(st, "$case");
	return store_run(st);
}

static int note_correction(const struct refiling *f, const struct call *c)
{
	char subject[40], detail[64];
	const char *kind = kind_name(f->turn.c.kind), *topic = json_str(c->args, "topic", NULL);
	struct correction k = { .inbound = f->in.id, .actor = c->actor, .kind_was = f->kind_was, .kind = kind, .topic = topic, .note = f->note,
				.topic_was = f->topic_was[0] ? f->topic_was : NULL, .why_was = f->why_was[0] ? f->why_was : NULL };
	snprintf(subject, sizeof(subject), "inbound:%lld", (long long)f->in.id);
	snprintf(detail, sizeof(detail), "%s to %s %s", f->kind_was, kind, topic ? topic : "");
	int r = correction_put(f->turn.t, &k);
	return r ? r : audit_put(f->turn.t, c->actor, "inbox.refile", subject, detail);
}

static int carry_out(struct refiling *f, const struct call *c, enum kind kind)
{
	int r = prepare(f->turn.t, c, kind, f);
	r = r ? r : take_back_consent(f);
	if (!r && f->case_was && !carries_case(kind))
		r = leave_case(f);
	r = r ? r : do_right(f);
	r = r ? r : write_row(f);
	if (!r)
		tick_changed(f->turn.t, "inbox");
	return r ? r : note_correction(f, c);
}

static enum kind kind_of(const char *name)
{
	int k = 0;
	while (k < KIND_COUNT && strcmp(kind_name((enum kind)k), name) != 0)
		k++;
	return (enum kind)k; /* the verb's choices let no other name through */
}

int refile_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	int64_t id = json_int(c->args, "id", 0);
	const char *topic = json_str(c->args, "topic", "");
	struct refiling f = { .turn = { .t = t }, .note = json_str(c->args, "note", NULL) };
	json_t *seen = NULL;
	int r = intray_one(&t->in, id, c, &seen);
	json_decref(seen);
	r = r ? r : read_row(t, id, &f);
	if (r == E_NOT_FOUND) {
		r = refuse(why, r, 404, "not_found", "id", "There is no such message.");
		audit_attempt(&t->in, c, "inbound", id, why);
	} else if (!r && *topic && (!t->in.keywords || !keywords_topic(t->in.keywords, topic)))
		r = refuse(why, E_INVALID, 422, "not_a_choice", "topic", "There is no topic of this code.");
	else if (!r && strcmp(f.state, "handled") != 0 && strcmp(f.state, "quarantined") != 0)
		r = refuse(why, E_REFUSED, 409, "inbox_state", "id", "A message in state %s has not been read yet.", f.state);
	else if (!r && strcmp(f.kind_was, "filed") == 0)
		r = refuse(why, E_REFUSED, 409, "no_person", "id", "A machine sent this message: there is nobody to act for.");
	r = r ? r : carry_out(&f, c, kind_of(json_str(c->args, "kind", "")));
	classified_done(&f.turn.c);
	free(f.text);
	r = r ? r : intray_one(&t->in, id, c, ret);
	if (r != E_NOT_FOUND || why->rule[0])
		return r;
	*ret = json_pack("{s:I, s:b}", "id", (json_int_t)id, "hidden", 1); /* it accuses, and is not theirs any more */
	return *ret ? 0 : E_NOMEM;
}
