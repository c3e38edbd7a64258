/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Offers to join an answered case, and joining it. Called by feedback.c and survey.c. */
#include "handlers/attach.h"

#include <string.h>

#include "gateway/base/own.h"
#include "handlers/caseclock.h"
#include "handlers/kept.h"

#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)
#define ANSWER_REMEMBERED_MS (10 * DAY_MS)

enum { ATTACH_ANSWERED, ATTACH_SQL_COUNT };
static const char *const attach_sql[ATTACH_SQL_COUNT] = {
	[ATTACH_ANSWERED] = "SELECT c.id FROM casefile c WHERE c.address = $address AND c.state IN ('answered', 'notified', 'closed')"
			    " AND EXISTS (SELECT 1 FROM case_event e WHERE e.casefile = c.id AND e.what = 'notified' AND e.at > $since)"
			    " ORDER BY c.received_at DESC, c.id DESC LIMIT 1",
};
const struct sql_module attach_module = { "attach", attach_sql, ATTACH_SQL_COUNT };

static struct statement *bind_answered(const struct tick *t, int64_t address)
{
	struct statement *st = store_prepare(t->in.db, &attach_module, ATTACH_ANSWERED);
	bind_int(st, "$address", address);
	bind_int(st, "$since", t->in.now_ms - ANSWER_REMEMBERED_MS);
	return st;
}

void attach_ahead(struct tick *t, int64_t address)
{
	store_ahead(bind_answered(t, address));
}

static int answered_case(const struct turn *turn, struct casefile *ret)
{
	struct statement *st = bind_answered(turn->t, turn->in->address);
	int r = store_row(st);
	int64_t id = r > 0 ? column_int(st, 0) : 0;
	store_reset(st);
	if (r <= 0)
		return r ? r : E_NOT_FOUND;
	return casefile_get(&turn->t->in, id, ret);
}

int attach_offer(struct turn *turn, bool *ret_offered)
{
	struct casefile c;
	char subject[64], key[48];
	int64_t id = 0;
	bool said = false;
	*ret_offered = false;
	int r = answered_case(turn, &c);
	if (r)
		return r == E_NOT_FOUND ? 0 : r;
	snprintf(key, sizeof(key), "inbound:%lld:attach", (long long)turn->in->id);
	r = reply_say(turn->t, &turn->to, key, REPLY_ASK_ATTACH, &(struct reply_values){ .code = c.code }, &said);
	if (r || !said)
		return r;
	snprintf(subject, sizeof(subject), "inbound:%lld case:%lld", (long long)turn->in->id, (long long)c.id);
	turn_result(turn, "asked: about %s?", c.code);
	*ret_offered = true;
	return question_ask(turn->t, turn->in->address, "attach", NULL, subject, NULL, turn->t->in.now_ms + DAY_MS, &id);
}

bool attach_is_over(const struct turn *turn, const struct casefile *c)
{
	return c->state == CASE_CLOSED && c->changed_at < turn->t->in.now_ms - CASE_REOPEN_MS;
}

int attach_to(struct turn *turn, const struct casefile *c, const char *text, int64_t inbound)
{
	struct casefile found = *c;
	int r = casefile_event(turn->t, c->id, "info", "person", text, 0, inbound);
	if (!r && case_may_move(c->state, CASE_REOPENED))
		r = casefile_move(turn->t, &found, CASE_REOPENED);
	else if (!r && c->state == CASE_NEED_INFO)
		r = casefile_move(turn->t, &found, CASE_TRIAGED);
	if (r)
		return r;
	turn->ret->casefile = c->id;
	turn_result(turn, "added to %s", c->code);
	return turn_say_of(turn, REPLY_INFO_ADDED, c);
}

int attach_answer(struct turn *turn, bool yes)
{
	long long inbound = 0, casefile = 0;
	struct casefile c;
	char channel[40];
	OWN(mem) char *text = NULL;
	if (sscanf(turn->question.subject, "inbound:%lld case:%lld", &inbound, &casefile) != 2)
		return E_CORRUPT;
	if (!yes)
		return kept_open(turn, inbound, REPLY_RECEIPT, &c);
	int r = kept_text(&turn->t->in, inbound, &text, channel);
	r = r ? r : casefile_get(&turn->t->in, casefile, &c);
	r = r ? r : casefile_follow(&turn->t->in, &c);
	r = r ? r : attach_to(turn, &c, text, inbound);
	return r ? r : kept_belongs(turn->t, inbound, c.id);
}
