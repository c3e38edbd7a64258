/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table case_lock and its verbs: case lock, case unlock. A lock that has run out is as good as none. */
#include "handlers/caselock.h"

#include <stdio.h>
#include <string.h>

#include "gateway/audit.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/base/mutant.h"
#include "handlers/casedesk.h"
#include "handlers/caselist.h"

enum { CASELOCK_FIND, CASELOCK_TAKE, CASELOCK_RELEASE, CASELOCK_SQL_COUNT };
static const char *const caselock_sql[CASELOCK_SQL_COUNT] = {
	[CASELOCK_FIND] = "SELECT holder, until_at FROM case_lock WHERE casefile = $id AND until_at > $now",
	[CASELOCK_TAKE] = "INSERT INTO case_lock (casefile, holder, until_at) VALUES ($id, $holder, $until)"
			  " ON CONFLICT (casefile) DO UPDATE SET holder = excluded.holder, until_at = excluded.until_at",
	[CASELOCK_RELEASE] = "DELETE FROM case_lock WHERE casefile = $id AND holder = $holder",
};
const struct sql_module caselock_module = { "caselock", caselock_sql, CASELOCK_SQL_COUNT };

int caselock_find(const struct scope *in, int64_t id, struct caselock *ret)
{
	struct statement *st = store_prepare(in->db, &caselock_module, CASELOCK_FIND);
	bind_int(st, "$id", id);
	bind_int(st, "$now", in->now_ms);
	int r = store_row(st);
	if (r > 0) {
		*ret = (struct caselock){ .casefile = id, .until_at = column_int(st, 1) };
		snprintf(ret->holder, sizeof(ret->holder), "%s", column_text(st, 0));
	}
	store_reset(st);
	return r > 0 ? 0 : r ? r : E_NOT_FOUND;
}

int caselock_refuse(const struct scope *in, const struct caselock *lock, struct refusal *why)
{
	char until[CALENDAR_ISO_BYTES];
	int r = refuse(why, E_REFUSED, 409, "case_locked", "id", "%s is working on this case.", lock->holder);
	if (why)
		why->args = json_pack("{s:s, s:s}", "holder", lock->holder, "until", calendar_format_iso(in->zone, lock->until_at, until));
	return r;
}

int caselock_release(struct tick *t, int64_t id, const char *actor)
{
	struct statement *st = store_prepare(t->in.db, &caselock_module, CASELOCK_RELEASE);
	bind_int(st, "$id", id);
	bind_text(st, "$holder", actor);
	int r = store_run(st);
	if (!r)
		tick_changed(t, "case");
	return r;
}

static int take(struct tick *t, const struct call *c, int64_t id)
{
	struct statement *st = store_prepare(t->in.db, &caselock_module, CASELOCK_TAKE);
	bind_int(st, "$id", id);
	bind_text(st, "$holder", c->actor);
	bind_int(st, "$until", t->in.now_ms + CASE_LOCK_MS);
	int r = store_run(st);
	if (!r)
		tick_changed(t, "case");
	return r;
}

static int note_takeover(struct tick *t, const struct call *c, const struct caselock *from)
{
	char subject[32], words[120];
	snprintf(subject, sizeof(subject), "case:%lld", (long long)from->casefile);
	snprintf(words, sizeof(words), "from %s", from->holder);
	int r = casefile_event(t, from->casefile, "taken_over", c->actor, from->holder, 0, 0);
	return r ? r : audit_put(t, c->actor, c->dotted, subject, words);
}

/* Taken, or one's own for five minutes more. */
static int command_lock(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct casefile f;
	struct caselock held;
	int r = casedesk_open(t, c, ACT_LOCK, &f, why);
	if (r)
		return r;
	r = caselock_find(&t->in, f.id, &held);
	bool others = r == 0 && strcmp(held.holder, c->actor) != 0;
	if (others && !json_flag(c->args, "take-over", false) && !MUTANT(LOCK_OF_TWO))
		return caselock_refuse(&t->in, &held, why);
	if (others)
		r = note_takeover(t, c, &held);
	r = r && r != E_NOT_FOUND ? r : take(t, c, f.id);
	return r ? r : caselist_one(&t->in, f.id, c->unit, ret);
}

static int command_unlock(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct casefile f;
	int r = casedesk_open(t, c, ACT_UNLOCK, &f, why);
	r = r ? r : caselock_release(t, f.id, c->actor);
	return r ? r : caselist_one(&t->in, f.id, c->unit, ret);
}

static const struct verb_arg lock_args[] = {
	CASE_ID_ARG,
	{ .name = "take-over", .type = ARG_FLAG, .help_en = "also when somebody else holds it", .help_vi = "giành quyền dù người khác đang giữ" },
};
static const struct verb_arg unlock_args[] = { CASE_ID_ARG };
static const struct verb verbs[] = {
	{ .noun = "case", .name = "lock", .kind = VERB_COMMAND, .roles = CASE_WORKERS, VERB_ARGS(lock_args),
	  .help_en = "keep it to oneself for five minutes while writing an answer", .help_vi = "giữ vụ việc năm phút để soạn trả lời", .command = command_lock },
	{ .noun = "case", .name = "unlock", .kind = VERB_COMMAND, .roles = CASE_WORKERS, VERB_ARGS(unlock_args),
	  .help_en = "let others work on it", .help_vi = "thôi giữ vụ việc", .command = command_unlock },
};
const struct verb_table caselock_verbs = VERB_TABLE(verbs);
