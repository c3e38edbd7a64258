/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cases as wishes, most of them about the same few so that people meet. Called by staff.c. */
#include "tests/simulation/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/simulation/inside.h"

#define LOCK_MS (5 * 60000)
#define SHUT_OUT 2 /* the colleague whose account is disabled and enabled, and who has a territory */
#define APPROVER 3
#define WORKERS 3

static const struct {
	const char *name, *role, *unit;
} people[DESK_PEOPLE] = { { "", "", "" }, { "can-bo-1", "reviewer", "" }, { "can-bo-2", "reviewer", "02269" }, { "lanh-dao", "approver", "" } };

void desk_init(struct world *w)
{
	w->desk = (struct desk){ .held = json_object(), .loosened = json_object(), .last = 1 };
	SIM_CHECK(w->desk.held && w->desk.loosened);
}

void desk_done(struct desk *d)
{
	json_decref(d->held);
	json_decref(d->loosened);
}

/* ---- accounts ---- */

static void account_of(int who, char ret[40])
{
	snprintf(ret, 40, "account:%s", people[who].name);
}

static void take_on(struct world *w, int who)
{
	if (dice_mille(&w->dice, 500))
		staff_wish(w, "user.add", json_pack("{s:s,s:s,s:s}", "name", people[who].name, "role", people[who].role, "unit", people[who].unit),
			   NULL, false, NULL, NULL);
	else
		staff_wish(w, "token.add", json_pack("{s:s}", "user", people[who].name), NULL, false, NULL, json_pack("{s:i}", "token", who));
}

const char *desk_approver(struct world *w)
{
	if (!w->desk.token[APPROVER][0])
		take_on(w, APPROVER);
	return w->desk.token[APPROVER][0] ? w->desk.token[APPROVER] : NULL;
}

static void shut_out(struct world *w)
{
	char subject[40];
	bool off = dice_mille(&w->dice, 400);
	account_of(SHUT_OUT, subject);
	staff_wish(w, off ? "user.disable" : "user.enable", json_pack("{s:s}", "name", people[SHUT_OUT].name), subject, off, "campaign", NULL);
	if (!off)
		w->desk.token[SHUT_OUT][0] = '\0'; /* the old one has ended */
}

/* ---- wishes ---- */

static const char *draw(struct world *w, const char *const *of, size_t n)
{
	return of[dice_below(&w->dice, (int)n)];
}
#define DRAW(w, list) draw(w, list, COUNT_OF(list))

static const char *const reasons[] = { "answered", "duplicate", "no_content", "not_ours", "withdrawn" };
static const char *const verbs[] = { "reply",  "reply",	"reply", "move",	"move",	  "move",  "move",	  "move",	 "close",
				     "close",  "forward", "extend",	"ask",	"ask",	  "verify", "merge", "assign", "refer",
				     "accept", "return",  "restrict", "topic", "note", "bulk" };

static json_t *args_of(struct world *w, const char *verb, const char *id)
{
	static const char *const states[] = { "triaged", "verifying", "awaiting", "escalated", "answered", "notified", "closed", "reopened" };
	static const char *const results[] = { "confirmed", "partly", "not_confirmed" };
	static const char *const topics[] = { "BHYT", "NHAO" };
	json_t *a = json_pack("{s:s}", "id", id);
	const char *day = staff_day(w, 10 + dice_below(&w->dice, 20)).text;
	char other[24], ids[48];
	snprintf(other, sizeof(other), "%d", 1 + dice_below(&w->dice, 20));
	snprintf(ids, sizeof(ids), "%s,%s", id, other);
	bool bulk = !strcmp(verb, "bulk"), move = !strcmp(verb, "move");
	if (!strcmp(verb, "reply") || !strcmp(verb, "ask") || !strcmp(verb, "note"))
		json_set_str(a, "text", "UBND xa se sua truoc 30/12.");
	if (!strcmp(verb, "reply") && dice_mille(&w->dice, 500))
		json_object_set_new(a, "agree", json_true());
	else if (!strcmp(verb, "reply") && dice_mille(&w->dice, 300))
		json_set_str(a, "promise", staff_day(w, 1 + dice_below(&w->dice, 3)).text);
	if (move)
		json_set_str(a, "to", DRAW(w, states));
	if (move || !strcmp(verb, "close"))
		json_set_str(a, "reason", DRAW(w, reasons));
	if (!strcmp(verb, "forward"))
		json_set_str(a, "to", "UBND xa");
	if (!strcmp(verb, "forward") || !strcmp(verb, "extend"))
		json_set_str(a, "due", day);
	if (!strcmp(verb, "verify"))
		json_set_str(a, dice_mille(&w->dice, 500) ? "by" : "result", DRAW(w, results));
	if (!strcmp(verb, "merge"))
		json_set_str(a, "into", other);
	if (!strcmp(verb, "assign"))
		json_set_str(a, "to", people[1 + dice_below(&w->dice, 2)].name);
	if (!strcmp(verb, "refer"))
		json_set_str(a, "unit", "02269");
	if (!strcmp(verb, "topic"))
		json_set_str(a, "to", DRAW(w, topics));
	if (!strcmp(verb, "restrict") && dice_mille(&w->dice, 500))
		json_object_set_new(a, "lift", json_true());
	if (!strcmp(verb, "extend") || !strcmp(verb, "refer") || !strcmp(verb, "return") || !strcmp(verb, "restrict"))
		json_set_str(a, "reason", "can them thoi gian");
	if (bulk) {
		json_object_del(a, "id");
		json_set_str(a, "ids", ids);
		json_set_str(a, "do", "move");
		json_set_str(a, "to", DRAW(w, states));
		json_set_str(a, "reason", DRAW(w, reasons));
	}
	return a;
}

/* ---- who holds what ---- */

static void key_of(char ret[48], const char *id, const char *who)
{
	snprintf(ret, 48, "%.20s:%.20s", id, who);
}

static void loosen(struct world *w, const char *at, int by)
{
	json_t *l = json_object_get(w->desk.loosened, at);
	json_object_set_new(w->desk.loosened, at,
			    json_pack("{s:I,s:I}", "open", (json_int_t)(json_int(l, "open", 0) + by), "at", (json_int_t)world_mono_ms(w)));
}

static bool is_loosened(const struct world *w, const char *id, const char *who, int64_t since_ms)
{
	char at[48];
	key_of(at, id, who);
	const json_t *l = json_object_get(w->desk.loosened, at);
	return l && (json_int(l, "open", 0) > 0 || json_int(l, "at", 0) >= since_ms);
}

/* Somebody else surely holds the lock, since before the wish was given until now. */
static bool surely_held(const struct world *w, const char *id, int who, int64_t given_ms)
{
	const json_t *h = json_object_get(w->desk.held, id);
	char holder[8];
	int64_t since = json_int(h, "given", 0);
	if (!h || json_int(h, "who", 0) == who || json_int(h, "acked", 0) > given_ms || world_mono_ms(w) >= since + LOCK_MS ||
	    w->set_at_mono_ms >= since)
		return false;
	snprintf(holder, sizeof(holder), "%d", (int)json_int(h, "who", 0));
	return !is_loosened(w, id, holder, since) && !is_loosened(w, id, "*", since);
}

/* What may end a lock: one's own work on the case, and everybody's taking it over. */
static void end_of(int who, const char *verb, const json_t *args, char ret[48])
{
	char own[8];
	const char *id = json_str(args, "id", "");
	bool lock = !strcmp(verb, "case.lock"), anybody = json_flag(args, "take-over", false) || !strcmp(verb, "case.merge");
	snprintf(own, sizeof(own), "%d", who);
	ret[0] = '\0';
	if (!lock || anybody)
		key_of(ret, id, anybody ? "*" : own);
}

static void give(struct world *w, int who, const char *verb, json_t *args)
{
	char at[48];
	end_of(who, verb, args, at);
	if (at[0])
		loosen(w, at, 1);
	int64_t id = strtoll(json_str(args, "id", "0"), NULL, 10);
	json_t *more = json_pack("{s:i,s:I,s:s,s:b}", "who", who, "given", (json_int_t)world_mono_ms(w), "loosens", at, "there",
				 rows_number(w, "SELECT count(*) FROM casefile WHERE id = ?1", id) > 0);
	if (who)
		json_set_str(more, "session", w->desk.token[who]);
	char subject[40];
	account_of(who, subject);
	if (who && oracle_is_off(w, subject))
		json_object_set_new(more, "shut", json_true());
	bool alike = who != w->desk.who && !strcmp(verb, w->desk.verb) && dice_mille(&w->dice, 300); /* people count alike, two at most */
	if (alike)
		json_set_str(more, "key", w->desk.key);
	snprintf(w->desk.key, sizeof(w->desk.key), "k%lld", (long long)w->staff.n_keys + 1);
	snprintf(w->desk.verb, sizeof(w->desk.verb), "%s", alike ? "" : verb);
	w->desk.who = who;
	staff_wish(w, verb, args, NULL, false, NULL, more);
}

void desk_act(struct world *w)
{
	int who = dice_below(&w->dice, WORKERS), number = 1 + dice_below(&w->dice, 1 + (int)rows_cases(w));
	char id[24], verb[24];
	if (dice_mille(&w->dice, 20)) {
		shut_out(w);
		return;
	}
	if (who && !w->desk.token[who][0]) {
		take_on(w, who);
		return;
	}
	if (dice_mille(&w->dice, 500))
		number = w->desk.last;
	snprintf(id, sizeof(id), "%d", number);
	if (dice_mille(&w->dice, 350)) {
		json_t *args = json_pack("{s:s}", "id", id);
		if (dice_mille(&w->dice, 150))
			json_object_set_new(args, "take-over", json_true());
		give(w, who, dice_mille(&w->dice, 900) ? "case.lock" : "case.unlock", args);
		return;
	}
	const char *name = DRAW(w, verbs);
	snprintf(verb, sizeof(verb), "case.%s", name);
	give(w, who, verb, args_of(w, name, id));
}

/* ---- answers ---- */

static void hold_locks(struct world *w, const json_t *wish, const char *verb, const char *id)
{
	int who = (int)json_int(wish, "who", 0);
	int64_t given = json_int(wish, "given", 0);
	bool lock = !strcmp(verb, "case.lock"), writes = !strcmp(verb, "case.reply") || !strcmp(verb, "case.ask");
	bool takes_over = json_flag(json_object_get(json_object_get(wish, "frame"), "args"), "take-over", false);
	if ((lock || writes) && !takes_over && surely_held(w, id, who, given))
		world_break(w, "a lock has one holder", "%s of case %s by person %d, while person %d holds it", verb, id, who,
			    (int)json_int(json_object_get(w->desk.held, id), "who", 0));
	if (!lock)
		return;
	json_object_set_new(w->desk.held, id, json_pack("{s:i,s:I,s:I}", "who", who, "given", (json_int_t)given, "acked", (json_int_t)world_mono_ms(w)));
	w->desk.last = (int)strtol(id, NULL, 10);
}

/* Who is told that there is no such case, although there is one, has tried what the audit keeps. */
static void hold_tries(struct world *w, const json_t *wish, const char *verb, const char *id, int who, const json_t *reply)
{
	char subject[40];
	bool refused = json_int(json_object_get(reply, "error"), "status", 0) == 404;
	if (!refused || !people[who].unit[0] || !json_flag(wish, "there", false) || !strcmp(verb, "case.merge"))
		return; /* joining names two, and says not which */
	snprintf(subject, sizeof(subject), "case:%s", id);
	if (!rows_try_noted(w, subject, people[who].name))
		world_break(w, "who tries what they may not know of is noted", "%s %s by %s", verb, id, people[who].name);
}

void desk_answered(struct world *w, json_t *wish, const json_t *reply)
{
	const char *verb = json_str(wish, "verb", "");
	const json_t *args = json_object_get(json_object_get(wish, "frame"), "args"), *result = json_object_get(reply, "result");
	bool ok = json_flag(reply, "ok", false);
	char subject[40];
	int64_t who = json_int(wish, "who", 0);
	if (ok && !strcmp(verb, "token.add") && json_str(result, "token", NULL))
		snprintf(w->desk.token[json_int(wish, "token", 1)], sizeof(w->desk.token[0]), "%s", json_str(result, "token", ""));
	if (strncmp(verb, "case.", 5) || json_flag(wish, "heard", false))
		return;
	json_object_set_new(wish, "heard", json_true());
	account_of((int)who, subject);
	if (ok && json_flag(wish, "shut", false) && oracle_is_off(w, subject))
		world_break(w, "who is shut out does nothing", "%s by %s", verb, people[who].name);
	hold_tries(w, wish, verb, json_str(args, "id", ""), (int)who, reply);
	const char *loosens = json_str(wish, "loosens", "");
	if (ok)
		hold_locks(w, wish, verb, json_str(args, "id", ""));
	if (*loosens)
		loosen(w, loosens, -1);
}
