/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table fact. Read by recipients' texts, written by the verb. Facts are the organisation's, whoever writes the campaign. */
#include "campaigns/fact.h"

#include <stdio.h>
#include <string.h>

#include "campaigns/column.h"
#include "gateway/audit.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "gateway/page.h"
#include "gateway/store/store.h"
#include "gateway/tick.h"

enum fact_sql { FACT_GET, FACT_PUT, FACT_LIST, FACT_SQL_COUNT };
#define COLUMNS "SELECT id, name, value, from_day, until_day, source FROM fact "
static const char *const fact_sql[FACT_SQL_COUNT] = {
	[FACT_GET] = COLUMNS "WHERE key = $key",
	[FACT_PUT] = "INSERT INTO fact (key, name, value, from_day, until_day, source) VALUES ($key, $name, $value, $from, $until, $source) "
		     "ON CONFLICT (key) DO UPDATE SET name = excluded.name, value = excluded.value, from_day = excluded.from_day, "
		     "until_day = excluded.until_day, source = excluded.source",
	[FACT_LIST] = COLUMNS "WHERE id > $after ORDER BY id LIMIT $limit",
};
const struct sql_module fact_module = { "fact", fact_sql, FACT_SQL_COUNT };

/* ---- one fact ---- */

static struct statement *bind_key(const struct scope *in, const char *key)
{
	struct statement *st = store_prepare(in->db, &fact_module, FACT_GET);
	bind_text(st, "$key", key);
	return st;
}

/* Midnight behind (days 1) or before (0) a day as it is written; 0 for none. */
static int64_t edge_ms(const struct scope *in, const char *day, int days)
{
	int64_t at_ms;
	return *day && !calendar_parse_iso(day, in->zone, &at_ms) ? calendar_midnight_ms(in->zone, at_ms, days) : 0;
}

int fact_find(const struct scope *in, const char *key, int64_t at_ms, char **ret, int64_t *ret_until_ms)
{
	struct statement *st = bind_key(in, key + strlen(FACT_PREFIX));
	int r = store_row(st);
	if (r > 0) {
		int64_t from_ms = edge_ms(in, column_text(st, 3), 0), until_ms = edge_ms(in, column_text(st, 4), 1);
		char *value = strdup(column_text(st, 2));
		bool holds = at_ms >= from_ms && (!until_ms || at_ms < until_ms);
		r = !value ? E_NOMEM : holds ? 0 : E_REFUSED;
		if (!r) {
			*ret = MOVE(value);
			*ret_until_ms = until_ms;
		}
		free(value);
	} else if (r == 0) {
		r = E_NOT_FOUND;
	}
	store_reset(st);
	return r;
}

static json_t *row_json(const struct scope *in, struct statement *st, const void *arg)
{
	(void)in;
	(void)arg;
	const char *from = column_text(st, 3), *until = column_text(st, 4), *source = column_text(st, 5);
	return json_pack("{s:s, s:s, s:s?, s:s?, s:s?}", "name", column_text(st, 1), "value", column_text(st, 2), "from", *from ? from : NULL, "until",
			 *until ? until : NULL, "source", *source ? source : NULL);
}

/* ---- verbs ---- */

static int check_days(const struct scope *in, const char *from, const char *until, struct refusal *why)
{
	int64_t at_ms;
	if ((*from && (strlen(from) != 10 || calendar_parse_iso(from, in->zone, &at_ms))))
		return refuse(why, E_INVALID, 422, "bad_date", "from", "A day is written 2026-01-01.");
	if ((*until && (strlen(until) != 10 || calendar_parse_iso(until, in->zone, &at_ms))))
		return refuse(why, E_INVALID, 422, "bad_date", "until", "A day is written 2026-01-01.");
	return *from && *until && strcmp(until, from) < 0 ? refuse(why, E_INVALID, 422, "out_of_range", "until", "It ends before it begins.") : 0;
}

static int put(struct tick *t, const struct call *c, const char *key)
{
	OWN(mem) char *name = text_nfc(json_str(c->args, "name", "")), *value = text_nfc(json_str(c->args, "value", ""));
	OWN(mem) char *detail = NULL;
	if (!name || !value || asprintf(&detail, "%s = %s", name, value) < 0)
		return E_NOMEM;
	struct statement *st = store_prepare(t->in.db, &fact_module, FACT_PUT);
	bind_text(st, "$key", key);
	bind_text(st, "$name", name);
	bind_text(st, "$value", value);
	bind_text(st, "$from", json_str(c->args, "from", ""));
	bind_text(st, "$until", json_str(c->args, "until", ""));
	bind_text(st, "$source", json_str(c->args, "source", ""));
	int r = store_run(st);
	return r ? r : audit_put(t, c->actor, "fact.set", "fact", detail);
}

static int verb_set(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	OWN(mem) char *key = column_key(json_str(c->args, "name", ""));
	if (!key)
		return E_NOMEM;
	if (!*key)
		return refuse(why, E_INVALID, 422, "missing", "name", "A fact has a name.");
	int r = check_days(&t->in, json_str(c->args, "from", ""), json_str(c->args, "until", ""), why);
	if (!r)
		r = put(t, c, key);
	if (r)
		return r;
	struct statement *st = bind_key(&t->in, key);
	r = store_row(st);
	*ret = r > 0 ? row_json(&t->in, st, NULL) : NULL;
	store_reset(st);
	return r < 0 ? r : *ret ? 0 : E_NOMEM;
}

static int verb_list(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	(void)why;
	struct statement *st = store_prepare(in->db, &fact_module, FACT_LIST);
	bind_int(st, "$after", json_int(c->args, "after", 0));
	return page_read(in, c, st, 0, row_json, NULL, ret, ret_next);
}

static const struct verb_arg set_args[] = {
	{ .name = "name", .type = ARG_TEXT, .rank = 1, .required = true, .min = 1, .max = 100, .help_en = "name, as {{fact:name}} has it", .help_vi = "tên, như trong {{fact:tên}}" },
	{ .name = "value", .type = ARG_TEXT, .required = true, .min = 1, .max = 300, .help_en = "what stands in the text", .help_vi = "nội dung điền vào tin" },
	{ .name = "from", .type = ARG_TEXT, .max = 10, .help_en = "first day it holds", .help_vi = "hiệu lực từ ngày" },
	{ .name = "until", .type = ARG_TEXT, .max = 10, .help_en = "last day it holds", .help_vi = "hiệu lực đến ngày" },
	{ .name = "source", .type = ARG_TEXT, .max = 300, .help_en = "where it is written", .help_vi = "căn cứ" },
};
static const struct verb verbs[] = {
	{ .noun = "fact", .name = "set", .kind = VERB_COMMAND, .whole = true, .roles = R_(OUTREACH) | R_(APPROVER), VERB_ARGS(set_args),
	  .help_en = "an amount or a deadline that texts quote", .help_vi = "mức tiền hoặc thời hạn dùng trong tin", .command = verb_set },
	{ .noun = "fact", .name = "list", .kind = VERB_QUERY, .roles = ROLES_STAFF | R_(AUDITOR), .list = true, .help_en = "amounts and deadlines with their days",
	  .help_vi = "các mức tiền, thời hạn và ngày hiệu lực", .query = verb_list },
};
const struct verb_table fact_verbs = VERB_TABLE(verbs);
