/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums over a campaign's messages and what came in behind them within a week. Reads only, in the query process. People are counted, not
 * messages: whoever wrote twice answered once. */
#include "campaigns/results.h"

#include "campaigns/campaign.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/store/store.h"

#define HEARD_MS (INT64_C(7) * 24 * 3600000)

enum results_sql { RESULTS_UNITS, RESULTS_ANSWERS, RESULTS_SQL_COUNT };
#define REACHED "m.flow = $flow AND m.state IN ('sent', 'delivered', 'unclear')"
#define ANSWER "i.address = m.address AND i.received_at >= m.claimed_at AND i.received_at < m.claimed_at + $heard AND coalesce(i.kind, '') NOT IN " \
	       "('duplicate', 'filed')"
static const char *const results_sql[RESULTS_SQL_COUNT] = {
	[RESULTS_UNITS] = "SELECT coalesce(p.unit, ''), count(DISTINCT m.person), count(DISTINCT CASE WHEN EXISTS (SELECT 1 FROM inbound i WHERE " ANSWER ") THEN m.person END) "
			  "FROM message m LEFT JOIN person p ON p.id = m.person WHERE " REACHED " GROUP BY coalesce(p.unit, '') ORDER BY 1",
	[RESULTS_ANSWERS] = "SELECT coalesce(i.kind, ''), count(DISTINCT m.address) FROM message m JOIN inbound i ON " ANSWER " WHERE " REACHED
			    " GROUP BY coalesce(i.kind, '') ORDER BY 2 DESC, 1",
};
const struct sql_module results_module = { "results", results_sql, RESULTS_SQL_COUNT };

static struct statement *bind_flow(const struct scope *in, size_t sql, const struct campaign *c)
{
	struct statement *st = store_prepare(in->db, &results_module, sql);
	bind_int(st, "$flow", c->flow);
	bind_int(st, "$heard", HEARD_MS);
	return st;
}

static int units_json(const struct scope *in, const struct campaign *c, json_t *list, int64_t *ret_reached, int64_t *ret_answered)
{
	struct statement *st = bind_flow(in, RESULTS_UNITS, c);
	int r;
	*ret_reached = *ret_answered = 0;
	while ((r = store_row(st)) > 0) {
		const char *unit = column_text(st, 0);
		*ret_reached += column_int(st, 1);
		*ret_answered += column_int(st, 2);
		if (json_array_append_new(list, json_pack("{s:s?, s:I, s:I}", "unit", *unit ? unit : NULL, "reached", (json_int_t)column_int(st, 1),
							  "answered", (json_int_t)column_int(st, 2)))) {
			r = E_NOMEM;
			break;
		}
	}
	store_reset(st);
	return r;
}

static int answers_json(const struct scope *in, const struct campaign *c, json_t *list)
{
	struct statement *st = bind_flow(in, RESULTS_ANSWERS, c);
	int r;
	while ((r = store_row(st)) > 0)
		if (json_array_append_new(list, json_pack("{s:s, s:I}", "kind", column_text(st, 0), "people", (json_int_t)column_int(st, 1)))) {
			r = E_NOMEM;
			break;
		}
	store_reset(st);
	return r;
}

static int results_json(const struct scope *in, const struct campaign *c, json_t **ret)
{
	OWN(json) json_t *units = json_array(), *answers = json_array();
	int64_t reached, answered;
	int r = units && answers ? units_json(in, c, units, &reached, &answered) : E_NOMEM;
	if (!r)
		r = answers_json(in, c, answers);
	if (r)
		return r;
	*ret = json_pack("{s:I, s:s, s:s, s:o, s:I, s:I, s:I, s:I, s:O, s:O}", "id", (json_int_t)c->id, "name", c->name, "state",
			 campaign_state_name(c->state), "total", c->total < 0 ? json_null() : json_integer(c->total), "reached", (json_int_t)reached,
			 "answered", (json_int_t)answered, "opt_outs", (json_int_t)c->opt_outs, "answered_percent",
			 (json_int_t)(reached ? answered * 100 / reached : 0), "answers", answers, "units", units);
	return *ret ? 0 : E_NOMEM;
}

static int query(const struct scope *in, const struct call *call, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	struct campaign c = { 0 };
	*ret_next = 0;
	int r = campaign_of_call(in, call, &c, why);
	if (!r)
		r = results_json(in, &c, ret);
	campaign_done(&c);
	return r;
}

static const struct verb_arg args[] = {
	{ .name = "id", .type = ARG_INT, .rank = 1, .required = true, .min = 1, .max = INT64_C(1) << 53, .help_en = "campaign", .help_vi = "chiến dịch" },
};
static const struct verb verbs[] = {
	{ .noun = "campaign", .name = "results", .kind = VERB_QUERY, .roles = ROLES_STAFF | R_(AUDITOR), VERB_ARGS(args), .query = query,
	  .help_en = "whom it reached and who answered, by unit", .help_vi = "kết quả: đã tới ai, ai trả lời, theo đơn vị" },
};
const struct verb_table results_verbs = VERB_TABLE(verbs);
