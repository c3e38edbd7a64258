/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table allowance: one row an actor and thing, of the day it was last used. Called by disclosures. */
#include "gateway/allowance.h"

#include "gateway/base/calendar.h"
#include "gateway/store/store.h"

enum allowance_sql { ALLOWANCE_GET, ALLOWANCE_PUT, ALLOWANCE_SQL_COUNT };
static const char *const allowance_sql[ALLOWANCE_SQL_COUNT] = {
	[ALLOWANCE_GET] = "SELECT used FROM allowance WHERE actor = $actor AND what = $what AND day = $day",
	[ALLOWANCE_PUT] = "INSERT INTO allowance (actor, what, day, used) VALUES ($actor, $what, $day, $used) "
			  "ON CONFLICT (actor, what) DO UPDATE SET day = excluded.day, used = excluded.used",
};
const struct sql_module allowance_module = { "allowance", allowance_sql, ALLOWANCE_SQL_COUNT };

static struct statement *statement(struct tick *t, size_t sql, const char *actor, const char *what)
{
	struct calendar k = calendar_local(t->in.zone, t->in.now_ms);
	struct statement *st = store_prepare(t->in.db, &allowance_module, sql);
	bind_text(st, "$actor", actor);
	bind_text(st, "$what", what);
	bind_int(st, "$day", calendar_day_number(k.year, k.month, k.day));
	return st;
}

int allowance_take(struct tick *t, const struct call *c, const char *what, int64_t n, int64_t most, struct refusal *why)
{
	struct statement *st = statement(t, ALLOWANCE_GET, c->actor, what);
	int r = store_row(st);
	int64_t used = r > 0 ? column_int(st, 0) : 0;
	store_reset(st);
	if (r < 0)
		return r;
	if (used + n > most)
		return refuse(why, E_REFUSED, 429, "allowance", "", "This is allowed %lld times a day; %lld were used.", (long long)most,
			      (long long)used);
	st = statement(t, ALLOWANCE_PUT, c->actor, what);
	bind_int(st, "$used", used + n);
	return store_run(st);
}
