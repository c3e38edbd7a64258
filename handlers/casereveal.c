/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table case_reveal and its verb. The command half counts and writes it down, the query half shows. */
#include "handlers/casereveal.h"

#include <stdio.h>
#include <string.h>

#include "gateway/audit.h"
#include "gateway/base/json.h"
#include "gateway/ticket.h"
#include "handlers/caseclock.h"
#include "handlers/casedesk.h"
#include "handlers/caselist.h"

enum { CASEREVEAL_COUNT, CASEREVEAL_PUT, CASEREVEAL_SQL_COUNT };
static const char *const casereveal_sql[CASEREVEAL_SQL_COUNT] = {
	[CASEREVEAL_COUNT] = "SELECT count(*) FROM case_reveal WHERE actor = $actor AND at > $since",
	[CASEREVEAL_PUT] = "INSERT INTO case_reveal (casefile, actor, at) VALUES ($id, $actor, $now)",
};
const struct sql_module casereveal_module = { "casereveal", casereveal_sql, CASEREVEAL_SQL_COUNT };

/* The machine's own people, or the person whom the case is given to. */
static bool handles(const struct call *c, const struct casefile *f)
{
	char actor[48];
	snprintf(actor, sizeof(actor), "user:%s", f->assigned);
	return c->role == ROLE_OPERATOR || (f->assigned[0] && strcmp(actor, c->actor) == 0);
}

static int count_today(struct tick *t, const struct call *c, int64_t *ret)
{
	struct statement *st = store_prepare(t->in.db, &casereveal_module, CASEREVEAL_COUNT);
	bind_text(st, "$actor", c->actor);
	bind_int(st, "$since", t->in.now_ms - CASE_DAY_MS);
	int r = store_row(st);
	if (r > 0)
		*ret = column_int(st, 0);
	store_reset(st);
	return r < 0 ? r : 0;
}

static int write_down(struct tick *t, const struct call *c, const struct casefile *f)
{
	char subject[32];
	const char *reason = json_str(c->args, "reason", "");
	struct statement *st = store_prepare(t->in.db, &casereveal_module, CASEREVEAL_PUT);
	bind_int(st, "$id", f->id);
	bind_text(st, "$actor", c->actor);
	bind_int(st, "$now", t->in.now_ms);
	snprintf(subject, sizeof(subject), "case:%lld", (long long)f->id);
	int r = store_run(st);
	r = r ? r : casefile_event(t, f->id, "revealed", c->actor, reason, 0, 0);
	return r ? r : audit_put(t, c->actor, c->dotted, subject, reason);
}

static int command_reveal(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct casefile f;
	int64_t n = 0;
	int r = casedesk_open(t, c, ACT_REVEAL, &f, why);
	if (!r && !handles(c, &f))
		r = refuse(why, E_DENIED, 403, "not_handler", "id", "Only who handles the case may see the numbers in it: have it assigned first.");
	r = r ? r : count_today(t, c, &n);
	if (!r && n >= CASE_REVEALS_A_DAY)
		r = refuse(why, E_REFUSED, 429, "reveal_limit", "id", "Numbers of %d cases were shown to you within a day; no more until tomorrow.",
			   CASE_REVEALS_A_DAY);
	r = r ? r : write_down(t, c, &f);
	return r ? r : ticket_new(t, c, ret);
}

static int query_reveal(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	struct casefile f;
	*ret_next = 0;
	int r = casefile_find(in, json_str(c->args, "id", ""), &f);
	r = r ? r : caselist_bare(in, f.id, c->unit, ret);
	return r == E_NOT_FOUND ? caselist_refuse(in, json_str(c->args, "id", ""), why) : r;
}

static const struct verb_arg reveal_args[] = {
	CASE_ID_ARG,
	{ .name = "reason", .type = ARG_TEXT, .required = true, .min = 1, .max = 400, .help_en = "what they are needed for; it is kept",
	  .help_vi = "cần để làm gì; lý do được lưu" },
};
static const struct verb verbs[] = {
	{ .noun = "case", .name = "reveal", .kind = VERB_DISCLOSURE, .roles = CASE_WORKERS, VERB_ARGS(reveal_args),
	  .help_en = "its texts with the numbers in them, for who handles it", .help_vi = "xem nội dung kèm các số đã che, cho người xử lý",
	  .command = command_reveal, .query = query_reveal },
};
const struct verb_table casereveal_verbs = VERB_TABLE(verbs);
