/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of acts on a case. Called by casedesk.c for every verb and by caselist.c for what is shown. Keeps nothing. */
#include "handlers/caserule.h"

#include <string.h>

#include "gateway/unit.h"

#define S(s) (1u << CASE_##s)
#define OPEN (S(RECEIVED) | S(TRIAGED) | S(NEED_INFO) | S(VERIFYING) | S(FORWARDED) | S(AWAITING) | S(ESCALATED) | S(REOPENED))
#define TOLD (S(ANSWERED) | S(NOTIFIED))
#define ANY (OPEN | TOLD | S(CLOSED))

static const struct {
	const char *name;
	unsigned states;
	bool needs_number; /* somebody who can be written to */
	bool needs_lock;
} rules[ACT_COUNT] = {
	[ACT_REPLY] = { "reply", OPEN | TOLD, true, true },
	[ACT_ASK] = { "ask", OPEN, true, true },
	[ACT_ASSIGN] = { "assign", OPEN | TOLD, false, false },
	[ACT_MOVE] = { "move", ANY, false, true },
	[ACT_VERIFY] = { "verify", OPEN, false, true },
	[ACT_FORWARD] = { "forward", OPEN, false, true },
	[ACT_EXTEND] = { "extend", OPEN, false, true },
	[ACT_REFER] = { "refer", OPEN, false, true },
	[ACT_ACCEPT] = { "accept", ANY, false, false },
	[ACT_RETURN] = { "return", ANY, false, false },
	[ACT_RESTRICT] = { "restrict", ANY, false, false },
	[ACT_MERGE] = { "merge", OPEN, false, true },
	[ACT_TOPIC] = { "topic", ANY, false, false },
	[ACT_CRITIQUE] = { "critique", ANY, false, false },
	[ACT_CLOSE] = { "close", OPEN | TOLD, false, true },
	[ACT_NOTE] = { "note", ANY, false, false },
	[ACT_LOCK] = { "lock", OPEN | TOLD, false, false },
	[ACT_UNLOCK] = { "unlock", ANY, false, false },
	[ACT_REVEAL] = { "reveal", ANY, false, false },
};

bool caserule_needs_lock(enum case_act act)
{
	return rules[act].needs_lock;
}

/* Only who it is offered to takes it, or gives it back. */
static int is_offered(const struct scope *in, const struct casefile *c, const char *territory)
{
	if (!c->referred[0] || !territory || !*territory)
		return c->referred[0] != '\0';
	return unit_is_within(in, c->referred, territory);
}

int caserule_check(const struct scope *in, const struct casefile *c, enum case_act act, const char *territory, struct refusal *why)
{
	if (c->merged_into && act != ACT_NOTE && act != ACT_UNLOCK && act != ACT_REVEAL && act != ACT_RESTRICT)
		return refuse(why, E_REFUSED, 409, "case_merged", "id", "This case was joined to another, which speaks for it.");
	if (!(rules[act].states & (1u << c->state)))
		return refuse(why, E_REFUSED, 409, "case_state", "id", "This is not possible while the case is %s.", case_state_name(c->state));
	if (rules[act].needs_number && !c->address)
		return refuse(why, E_REFUSED, 409, "no_number", "id", "Nobody can be written to: the case has no number.");
	int offered = act == ACT_ACCEPT || act == ACT_RETURN ? is_offered(in, c, territory) : 1;
	if (offered < 0)
		return offered;
	if (!offered)
		return refuse(why, E_REFUSED, 409, "not_referred", "id", "This case is not offered to your unit.");
	if (act == ACT_VERIFY && c->restricted)
		return refuse(why, E_REFUSED, 409, "restricted", "id", "A restricted case is not taken to the hamlet that it may accuse.");
	return 0;
}

bool caserule_may_move(const struct casefile *c, enum case_state to)
{
	if (c->merged_into || !case_may_move(c->state, to) || to == CASE_FORWARDED || to == CASE_NEED_INFO)
		return false;
	if (to == CASE_VERIFYING && c->restricted)
		return false; /* as ACT_VERIFY */
	return to != CASE_NOTIFIED || !c->address;
}

json_t *caserule_acts(const struct scope *in, const struct casefile *c, const char *territory)
{
	json_t *list = json_array();
	for (int act = 0; list && act < ACT_COUNT; act++) {
		bool allowed = caserule_check(in, c, (enum case_act)act, territory, NULL) == 0;
		if (allowed && json_array_append_new(list, json_string(rules[act].name))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

json_t *caserule_moves(const struct casefile *c)
{
	json_t *list = json_array();
	for (int to = 0; list && to < CASE_STATES; to++)
		if (caserule_may_move(c, (enum case_state)to) && json_array_append_new(list, json_string(case_state_name((enum case_state)to)))) {
			json_decref(list);
			return NULL;
		}
	return list;
}
