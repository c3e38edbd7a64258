/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opt-outs and opt-ins of a message's sender. consent.c writes them and suppresses what waits; this says so once. */
#include "handlers/unsubscribe.h"

#include <string.h>

#include "gateway/base/calendar.h"
#include "gateway/base/own.h"
#include "gateway/consent.h"
#include "handlers/feedback.h"
#include "handlers/survey.h"

#define TOPICS_BYTES 28 /* of the topics that one confirmation names, so that it stays one SMS */
#define CONFIRM_MS (INT64_C(24) * 60 * 60 * 1000)

static struct consent_proof proof_of(const struct turn *turn)
{
	return (struct consent_proof){ .channel = turn->in->channel, .text = turn->in->text, .actor = turn->actor, .inbound = turn->in->id };
}

/* Is the scope within one that holds? Then nothing new is to be confirmed. */
static bool covered(const struct turn *turn, const char *scope)
{
	char own[40];
	snprintf(own, sizeof(own), " %s ", scope);
	bool bulk = strcmp(scope, "all") != 0;
	return strstr(turn->off, " all ") || (bulk && strstr(turn->off, " campaign ")) || strstr(turn->off, own);
}

/* "22:05 22/11": when the message came is when sending stopped. */
static void format_moment(const struct turn *turn, char ret[16])
{
	struct calendar at = calendar_local(turn->t->in.zone, turn->t->in.now_ms);
	snprintf(ret, 16, "%02d:%02d %02d/%02d", at.hour % 100, at.minute % 100, at.day % 100, at.month % 100);
}

/* topics: as they are named to the person; NULL = the scope is no topic. */
static int confirm(struct turn *turn, const char *scope, const char *topics)
{
	char time[16], key[48];
	int64_t message = 0;
	format_moment(turn, time);
	snprintf(key, sizeof(key), "optout:%lld", (long long)turn->in->id);
	enum reply name = topics ? REPLY_OPTOUT_TOPIC : strcmp(scope, "all") == 0 ? REPLY_OPTOUT_ALL : REPLY_OPTOUT;
	struct reply_values values = { .time = time, .topic = topics };
	OWN(mem) char *text = reply_text(name, turn->to.language, &values);
	return text ? reply_put(turn->t, &turn->to, CLASS_OPTOUT_ACK, key, text, &message) : E_NOMEM;
}

/* "TC BHYT BHXH": each of the topics, and one confirmation that names those there is room for. */
static int stop_topics(struct turn *turn, const char *scopes)
{
	struct consent_proof proof = proof_of(turn);
	char names[TOPICS_BYTES] = "";
	for (size_t n = 0; *scopes; scopes += strcspn(scopes, " "), scopes += *scopes == ' ') {
		char scope[8 + TOPIC_BYTES];
		bool is_new = false;
		snprintf(scope, sizeof(scope), "%.*s", (int)strcspn(scopes, " "), scopes);
		int r = covered(turn, scope) ? 0 : consent_opt_out(turn->t, turn->in->address, scope, &proof, &is_new);
		if (r)
			return r;
		if (is_new && n + strlen(scope + 6) + 2 < sizeof(names))
			n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s", n ? ", " : "", scope + 6);
	}
	turn_result(turn, "opt-out topics %s", *names ? names : "held already");
	return *names ? confirm(turn, "topics", names) : 0;
}

int unsubscribe_scope(struct turn *turn, const char *scope)
{
	if (strchr(scope, ' '))
		return stop_topics(turn, scope);
	struct consent_proof proof = proof_of(turn);
	bool is_new = false;
	turn_result(turn, "opt-out %s", scope);
	if (covered(turn, scope)) {
		turn_result(turn, "opt-out %s held already", scope);
		return 0;
	}
	int r = consent_opt_out(turn->t, turn->in->address, scope, &proof, &is_new);
	return r || !is_new ? r : confirm(turn, scope, strncmp(scope, "topic:", 6) == 0 ? scope + 6 : NULL);
}

/* Asked whether everything is refused: also when something else was asked since. *ret_id = 0: not asked. */
static int find_confirm_all(const struct turn *turn, int64_t *ret_id)
{
	int64_t id = turn->context.question == QUESTION_CONFIRM_ALL ? turn->question.id : 0;
	int r = id || !turn->question.id ? E_NOT_FOUND : 0;
	for (int64_t before = turn->question.id; !r && !id;) {
		struct question older = { 0 };
		r = question_older(&turn->t->in, turn->in->address, before, &older);
		before = older.id;
		if (!r && question_kind_parse(older.kind) == QUESTION_CONFIRM_ALL)
			id = older.id;
		question_done(&older);
	}
	if (r && r != E_NOT_FOUND)
		return r;
	*ret_id = id;
	return 0;
}

/* With a case open, "everything" also means its answer: campaigns stop now, the rest after a second TC HET. */
static int stop_all(struct turn *turn)
{
	struct casefile open;
	int64_t id = 0;
	bool is_new = false;
	struct consent_proof proof = proof_of(turn);
	int r = find_confirm_all(turn, &id);
	if (!r && id) {
		r = question_close(turn->t, id, "answered", "YES");
		return r ? r : unsubscribe_scope(turn, "all");
	}
	r = r ? r : casefile_of_address(&turn->t->in, turn->in->address, &open);
	if (r)
		return r == E_NOT_FOUND ? unsubscribe_scope(turn, "all") : r;
	r = consent_opt_out(turn->t, turn->in->address, "campaign", &proof, &is_new);
	r = r ? r : question_ask(turn->t, turn->in->address, "confirm_all", NULL, NULL, NULL, turn->t->in.now_ms + CONFIRM_MS, &id);
	if (r)
		return r;
	turn_result(turn, "opt-out campaign, all to be confirmed");
	return turn_say_of(turn, REPLY_CONFIRM_ALL, &open);
}

static int open_beside(struct turn *turn)
{
	struct casefile c;
	return feedback_open(turn, REPLY_RECEIPT, &c);
}

/* "2, dung gui nua; duong hong": the refusal holds first, then the answer, then the complaint. */
int unsubscribe_stop(struct turn *turn)
{
	int r = strcmp(turn->c.scope, "all") == 0 ? stop_all(turn) : unsubscribe_scope(turn, turn->c.scope);
	if (!r && turn->c.answer[0] && turn->question.id)
		r = turn_also(turn, survey_take);
	return r || !turn->c.need ? r : turn_also(turn, open_beside);
}

int unsubscribe_resume(struct turn *turn)
{
	struct consent_proof proof = proof_of(turn);
	const char *scope = turn->c.scope;
	bool topic = strncmp(scope, "topic:", 6) == 0, is_new = false;
	int r = consent_opt_in(turn->t, turn->in->address, scope, &proof, &is_new);
	if (r)
		return r;
	turn_result(turn, "opt-in %s", scope);
	struct reply_values values = { .topic = topic ? scope + 6 : NULL };
	return turn_say(turn, topic ? REPLY_OPTIN_TOPIC : REPLY_OPTIN, &values);
}

int unsubscribe_privacy(struct turn *turn)
{
	struct consent_proof proof = proof_of(turn);
	struct casefile c;
	bool is_new = false;
	int r = consent_opt_out(turn->t, turn->in->address, "campaign", &proof, &is_new);
	turn->c.nature = NATURE_REPORT;
	turn->c.restricted = true;
	r = r ? r : feedback_open(turn, REPLY_PRIVACY, &c);
	if (!r)
		turn_result(turn, "case %s, opt-out campaign", c.code);
	return r;
}
