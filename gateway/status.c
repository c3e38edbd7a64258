/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `caunoi status`: the whole gateway on one screen. A query: reads what the rows say. */
#include "gateway/status.h"

#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "config/config.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/channel.h"
#include "gateway/message.h"
#include "gateway/report_due.h"
#include "gateway/retention.h"
#include "gateway/store/store.h"
#include "gateway/territory.h"
#include "gateway/unit.h"
#include "gateway/verb.h"
#include "gateway/webhook.h"

enum status_sql { STATUS_FLOWS, STATUS_NODE, STATUS_INBOX, STATUS_CASES, STATUS_CHANNEL, STATUS_TICK, STATUS_HANDED_ON, STATUS_SET_ASIDE, STATUS_BACKUP, STATUS_SQL_COUNT };
static const char *const status_sql[STATUS_SQL_COUNT] = {
	[STATUS_FLOWS] = "SELECT sum(held), sum(queued), sum(sending), sum(retry), sum(sent), sum(unclear), sum(delivered), sum(failed), "
			 "sum(expired), sum(suppressed), sum(cancelled) FROM flow",
	[STATUS_NODE] = "SELECT name, epoch, recovered, now_at FROM node",
	[STATUS_INBOX] = "SELECT count(*) FROM inbound WHERE state = 'received'",
	/* a place is looked up once for all that lie in it */
	[STATUS_CASES] = "SELECT coalesce(sum(k.n), 0) FROM (SELECT unit, referred, restricted, accused, count(*) AS n FROM casefile "
			 "INDEXED BY casefile_desk WHERE state <> 'closed' AND state NOT IN ('notified', 'answered') GROUP BY unit, referred, restricted, accused) k WHERE "
			 CASE_SEEN("k", "$territory"),
	[STATUS_CHANNEL] = "SELECT state, live, unclear, balance_vnd, CASE WHEN day = $day THEN day_segments ELSE 0 END, "
			   "(SELECT count(*) FROM alarm WHERE channel = $name AND cleared_at IS NULL) FROM channel WHERE name = $name",
	[STATUS_TICK] = "SELECT now_at FROM node",
	[STATUS_HANDED_ON] = "SELECT count(*) FROM spooled WHERE done_at IS NULL",
	[STATUS_BACKUP] = "SELECT backed_up_at FROM meta WHERE one = 1",
	[STATUS_SET_ASIDE] = "SELECT count(*) FROM spooled WHERE error IS NOT NULL",
};
const struct sql_module status_module = { "status", status_sql, STATUS_SQL_COUNT };

static int messages(const struct scope *in, json_t *obj)
{
	json_t *counts = json_object();
	struct statement *st = store_prepare(in->db, &status_module, STATUS_FLOWS);
	int r = store_row(st);
	for (int s = 0; r > 0 && s < MESSAGE_STATES; s++)
		json_set_int(counts, message_state_name((enum message_state)s), column_int(st, s));
	store_reset(st);
	return r < 0 ? r : json_object_set_new(obj, "messages", counts) ? E_NOMEM : 0;
}

static int node(const struct scope *in, json_t *obj)
{
	char at[CALENDAR_ISO_BYTES];
	struct statement *st = store_prepare(in->db, &status_module, STATUS_NODE);
	int r = store_row(st);
	if (r > 0) {
		json_object_set_new(obj, "node", json_string(column_text(st, 0)));
		json_set_int(obj, "epoch", column_int(st, 1));
		/* an idle core ticks once a second: an old tick means that it does not run */
		json_object_set_new(obj, "running", json_boolean(in->now_ms - column_int(st, 3) < 10000));
		json_set_str(obj, "last_tick_at", calendar_format_iso(in->zone, column_int(st, 3), at));
		if (in->config->replica[0])
			json_set_int(obj, "stale_ms", in->now_ms > column_int(st, 3) ? in->now_ms - column_int(st, 3) : 0);
	}
	store_reset(st);
	return r < 0 ? r : 0;
}

static int count(const struct scope *in, size_t sql, json_t *obj, const char *key)
{
	struct statement *st = store_prepare(in->db, &status_module, sql);
	int r = store_row(st);
	if (r > 0)
		json_set_int(obj, key, column_int(st, 0));
	store_reset(st);
	return r < 0 ? r : 0;
}

/* Those that the caller's territory may know of. */
static int open_cases(const struct scope *in, const struct call *c, json_t *obj)
{
	struct statement *st = store_prepare(in->db, &status_module, STATUS_CASES);
	bind_text(st, "$territory", c->unit ? c->unit : "");
	int r = store_row(st);
	if (r > 0)
		json_set_int(obj, "cases_open", column_int(st, 0));
	store_reset(st);
	return r < 0 ? r : 0;
}

/* Where several cores know one database: who this is, and what was said that is not told yet. Nothing of that is ever silent. */
static int cores(const struct scope *in, json_t *obj)
{
	if (!store_is_shared(in->config->store))
		return 0;
	int r = json_set_str(obj, "role", "active");
	if (!r)
		r = json_set_int(obj, "spooled", in->spooled);
	if (!r)
		r = count(in, STATUS_HANDED_ON, obj, "spooled_elsewhere");
	return r ? r : count(in, STATUS_SET_ASIDE, obj, "spooled_set_aside");
}

int status_tick_ms(const struct scope *in, int64_t *ret_ms)
{
	struct statement *st = store_prepare(in->db, &status_module, STATUS_TICK);
	int r = store_row(st);
	if (r > 0)
		*ret_ms = column_int(st, 0);
	store_reset(st);
	return r > 0 ? 0 : r ? r : E_NOT_FOUND;
}

int status_without_store(const struct scope *in, json_t **ret)
{
	*ret = json_pack("{s:s,s:s,s:b,s:b,s:I}", "node", in->config->node, "role", "active", "running", 1, "store_reached", 0, "spooled",
			 (json_int_t)in->spooled);
	return *ret ? 0 : E_NOMEM;
}

/* What the metrics are made of: numbers, by the channel's name. */
static json_t *channel(const struct channel_config *cfg, struct statement *st, bool found)
{
	OWN(json) json_t *live = NULL;
	const char *text = found ? column_text(st, 1) : NULL, *row = found ? column_text(st, 0) : "running";
	if (text && json_parse(text, strlen(text), &live))
		live = NULL;
	const json_t *status = json_object_get(live, "status");
	const char *state = strcmp(row, "running") ? row : json_str(live, "state", "starting");
	json_t *signal = json_object_get(status, "signal_percent"), *used = json_object_get(status, "sim_used"), *size = json_object_get(status, "sim_size");
	json_t *obj = json_pack("{s:s,s:s,s:s,s:b,s:I,s:I,s:I,s:I,s:O*,s:O*,s:O*}", "name", cfg->name, "driver", cfg->driver, "state", state, "up",
				!strcmp(state, "up") || !strcmp(state, "busy"), "in_flight", (json_int_t)json_int(live, "in_flight", 0), "unclear",
				(json_int_t)(found ? column_int(st, 2) : 0), "sent_today", (json_int_t)(found ? column_int(st, 4) : 0), "alarms",
				(json_int_t)(found ? column_int(st, 5) : 0), "signal_percent", signal, "sim_used", used, "sim_size", size);
	if (obj && found && !column_null(st, 3))
		json_set_int(obj, "balance_vnd", column_int(st, 3));
	return obj;
}

static int channels(const struct scope *in, json_t *obj)
{
	json_t *list = json_array();
	struct calendar day = calendar_local(in->zone, in->now_ms);
	int r = 0;
	for (size_t i = 0; list && r >= 0 && i < in->config->n_channels; i++) {
		struct statement *st = store_prepare(in->db, &status_module, STATUS_CHANNEL);
		bind_text(st, "$name", in->config->channels[i].name);
		bind_int(st, "$day", calendar_day_number(day.year, day.month, day.day));
		r = store_row(st);
		if (r >= 0)
			json_array_append_new(list, channel(&in->config->channels[i], st, r > 0));
		store_reset(st);
	}
	return list && !json_object_set_new(obj, "channels", list) ? (r < 0 ? r : 0) : E_NOMEM;
}

static void disk(const struct scope *in, json_t *obj)
{
	struct statvfs v;
	if (!statvfs(in->config->data_dir, &v))
		json_set_int(obj, "disk_free_mib", (int64_t)((unsigned long long)v.f_bavail * v.f_frsize >> 20));
}

/* A commune's code does not tell its province: a province without a table of its units would see next to nothing, and not know why. */
static int blind_province(const struct scope *in, const char *unit, json_t *list)
{
	int r = unit && strlen(unit) == 2 ? unit_has_below(in, unit) : 1;
	if (r)
		return r < 0 ? r : 0;
	json_t *text = json_sprintf("The table of units knows no commune of province %s, so what lies in them is not shown to the province: "
				    "caunoi unit import FILE", unit);
	return json_array_append_new(list, text) ? E_NOMEM : 0;
}

static int due_report(const struct scope *in, const char *unit, json_t *list)
{
	struct report_due d;
	int r = report_due_find(in, unit, &d);
	if (r <= 0 || d.state == REPORT_COMING)
		return r < 0 ? r : 0;
	json_t *text = json_sprintf("The annual report of %s to %s %s before %s and was not made since: caunoi report annual", d.period.from, d.period.to,
				    d.state == REPORT_LATE ? "was due" : "is due", d.late_from);
	return json_array_append_new(list, text) ? E_NOMEM : 0;
}

static int warnings(const struct scope *in, const struct call *c, json_t *obj)
{
	const char *home = in->config->organisation.unit, *own = c->unit ? c->unit : "";
	OWN(json) json_t *list = json_array();
	for (size_t i = 0; list && i < in->config->n_warnings; i++)
		json_array_append_new(list, json_string(in->config->warnings[i].text));
	int r = list ? blind_province(in, own, list) : E_NOMEM;
	if (!r && home && strcmp(home, own) != 0)
		r = blind_province(in, home, list);
	r = r ? r : due_report(in, *own ? own : home ? home : "", list);
	return r ? r : json_object_set(obj, "warnings", list) ? E_NOMEM : 0;
}

static int retention(const struct scope *in, json_t *obj)
{
	json_t *list = NULL;
	int r = retention_status(in, &list);
	return r ? r : json_object_set_new(obj, "retention", list) ? E_NOMEM : 0;
}

/* Of the copies that a running core had made; null = none. */
static int last_backup(const struct scope *in, json_t *obj)
{
	char at[CALENDAR_ISO_BYTES];
	struct statement *st = store_prepare(in->db, &status_module, STATUS_BACKUP);
	int r = store_row(st);
	if (r >= 0)
		r = json_set_str(obj, "backup_at", r && !column_null(st, 0) ? calendar_format_iso(in->zone, column_int(st, 0), at) : NULL);
	store_reset(st);
	return r;
}

static int query_status(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	(void)why;
	*ret_next = 0;
	OWN(json) json_t *obj = json_object();
	int r = node(in, obj);
	if (!r)
		r = messages(in, obj);
	if (!r)
		r = count(in, STATUS_INBOX, obj, "inbox_waiting");
	if (!r)
		r = open_cases(in, c, obj);
	if (!r)
		r = cores(in, obj);
	if (!r)
		r = channels(in, obj);
	if (!r && in->config->n_webhooks && !(c->unit && c->unit[0])) /* they are the whole organisation's */
		r = webhook_status(in, obj);
	disk(in, obj);
	if (!r)
		r = last_backup(in, obj);
	if (!r && !(c->unit && c->unit[0]))
		r = retention(in, obj);
	if (!r)
		r = warnings(in, c, obj);
	if (!r)
		*ret = MOVE(obj);
	return r;
}

static const struct verb verbs[] = {
	{ .noun = "", .name = "status", .kind = VERB_QUERY, .roles = ROLES_ALL, .query = query_status,
	  .help_en = "the whole gateway on one screen", .help_vi = "toàn bộ hệ thống trên một màn hình" },
};
const struct verb_table status_verbs = VERB_TABLE(verbs);
