/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions about a case by its code. A code with a wrong check digit never reaches the database. */
#include "handlers/status.h"

#include "gateway/base/calendar.h"
#include "handlers/signuptalk.h"

#define NUDGE_MS (INT64_C(3) * 24 * 60 * 60 * 1000)

static int wrong_code(struct turn *turn)
{
	turn_result(turn, "wrong code");
	return turn_say(turn, REPLY_STATUS_WRONG, &(struct reply_values){ .digits = turn->c.code });
}

/* The case that is meant: by its code, or the sender's newest. *ret_found false: already answered. */
static int find_case(struct turn *turn, struct casefile *ret, bool *ret_found)
{
	int r;
	if (!turn->c.code[0])
		r = casefile_of_address(&turn->t->in, turn->in->address, ret);
	else
		r = turn->c.code_valid ? casefile_by_code(&turn->t->in, turn->c.code, ret) : E_NOT_FOUND;
	*ret_found = r == 0;
	if (r == E_NOT_FOUND && (!turn->c.code[0] || turn->c.code_valid)) {
		r = signuptalk_status(turn);
		if (!r)
			return 0;
	}
	if (r != E_NOT_FOUND)
		return r;
	if (turn->c.code[0])
		return wrong_code(turn);
	turn_result(turn, "no code");
	return turn_say(turn, REPLY_STATUS_ASK, NULL);
}

static void format_day(const struct turn *turn, int64_t at_ms, char ret[16])
{
	struct calendar at = calendar_local(turn->t->in.zone, at_ms);
	snprintf(ret, 16, "%02d/%02d", at.day % 100, at.month % 100);
}

int status_tell(struct turn *turn)
{
	struct casefile own_case, c;
	bool found = false;
	char since[16], due[16], code[CASE_CODE_BYTES];
	int r = find_case(turn, &own_case, &found);
	if (r || !found)
		return r;
	c = own_case;
	r = casefile_follow(&turn->t->in, &c);
	bool own = !turn->c.code[0] || own_case.address == turn->in->address;
	snprintf(code, sizeof(code), "%s", own_case.code);
	if (!r && !turn->c.code[0])
		r = casefile_known_as(&turn->t->in, &c, turn->in->address, code);
	if (r)
		return r;
	format_day(turn, c.changed_at, since);
	format_day(turn, c.due_at, due);
	struct reply_values values = { .code = code, .digits = code + 2, .state = case_state_words(c.state), .since = since, .date = due };
	turn_result(turn, "status of %s%s", code, own ? "" : ", from another number");
	turn->ret->casefile = c.id;
	return turn_say(turn, own ? REPLY_STATUS : REPLY_STATUS_OTHER, &values);
}

int status_nudge(struct turn *turn)
{
	struct casefile c;
	bool found = false;
	int64_t n = 0;
	int r = find_case(turn, &c, &found);
	if (r || !found)
		return r;
	if (turn->c.code[0] && c.address != turn->in->address)
		return status_tell(turn);
	r = casefile_follow(&turn->t->in, &c);
	turn->ret->casefile = c.id;
	r = r ? r : casefile_events_since(&turn->t->in, c.id, "nudged", turn->t->in.now_ms - NUDGE_MS, &n);
	if (!r && n == 0)
		r = casefile_event(turn->t, c.id, "nudged", "person", NULL, 0, turn->in->id);
	if (r)
		return r;
	turn_result(turn, n ? "reminder of %s, one in three days" : "reminder of %s", c.code);
	return n ? turn_say_of(turn, REPLY_NUDGED, &c) : turn_receipt_of(turn, REPLY_NUDGED, &c);
}
