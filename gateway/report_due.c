/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When the annual report is due. Asked by the status and by the page of the day; reads the data file of reports, keeps nothing. */
#include "gateway/report_due.h"

#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "config/settings.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/store/store.h"
#include "gateway/unit.h"

#define KIND "annual"
#define YEAR_MS (INT64_C(365) * 24 * 3600000)
#define NAGS_DAYS 90 /* who did not report by then has other reasons */

OWN_DEFINE(settings, struct settings *, settings_free)

enum { REPORT_DUE_MADE, REPORT_DUE_ANY, REPORT_DUE_SQL_COUNT };
static const char *const report_due_sql[REPORT_DUE_SQL_COUNT] = {
	[REPORT_DUE_MADE] = "SELECT 1 FROM report r JOIN job j ON j.id = r.job WHERE r.kind = $kind AND r.from_day = $from_day AND r.to_day = $to_day"
			    " AND r.unit = $unit AND j.state = 'done' AND j.changed_at >= $behind LIMIT 1",
	[REPORT_DUE_ANY] = "SELECT 1 FROM casefile WHERE received_at >= $from AND received_at < $to LIMIT 1",
};
const struct sql_module report_due_module = { "report_due", report_due_sql, REPORT_DUE_SQL_COUNT };

/* ---- days ---- */

/* Local midnight at the beginning of a day that is written "2026-11-15", so many days later. */
static int64_t midnight(const struct scope *in, const char *day, int days)
{
	int64_t at = 0;
	return calendar_parse_iso(day, in->zone, &at) ? 0 : calendar_midnight_ms(in->zone, at, days);
}

/* "11-01" in the year that ends with the period. */
static void day_before(const struct report_period *p, const char *month_day, char ret[REPORT_DAY_BYTES])
{
	int year = 0;
	sscanf(p->to, "%4d", &year);
	if (strcmp(month_day, p->to + 5) > 0)
		year--;
	snprintf(ret, REPORT_DAY_BYTES, "%04d-%.5s", year, month_day);
}

static int reminders_come(const struct scope *in, const json_t *days, const struct report_period *p)
{
	const json_t *one;
	size_t i;
	int n = 0;
	json_array_foreach(days, i, one) {
		char day[REPORT_DAY_BYTES];
		const char *said = json_string_value(one);
		if (!said || strlen(said) != 5)
			continue;
		day_before(p, said, day);
		int64_t at = midnight(in, day, 0);
		n += at && at <= in->now_ms;
	}
	return n;
}

/* ---- what was done ---- */

static int is_made(const struct scope *in, const char *unit, const struct report_period *p, int64_t behind_ms)
{
	struct statement *st = store_prepare(in->db, &report_due_module, REPORT_DUE_MADE);
	bind_text(st, "$kind", KIND);
	bind_text(st, "$from_day", p->from);
	bind_text(st, "$to_day", p->to);
	bind_text(st, "$unit", unit);
	bind_int(st, "$behind", behind_ms);
	int r = store_row(st);
	store_reset(st);
	return r;
}

static int has_any(const struct scope *in, int64_t from_ms, int64_t to_ms)
{
	struct statement *st = store_prepare(in->db, &report_due_module, REPORT_DUE_ANY);
	bind_int(st, "$from", from_ms);
	bind_int(st, "$to", to_ms);
	int r = store_row(st);
	store_reset(st);
	return r;
}

/* ---- due ---- */

/* The period that is under way where its first reminder has come, else the last one that has ended. */
static void period_of(const struct scope *in, const json_t *days, struct report_period *ret)
{
	struct scope ahead = *in;
	ahead.now_ms += YEAR_MS;
	report_period_usual(&ahead, KIND, ret);
	if (!reminders_come(in, days, ret))
		report_period_usual(in, KIND, ret);
}

static int find(const struct scope *in, const char *unit, const json_t *forms, struct report_due *ret)
{
	const json_t *days = json_object_get(json_object_get(forms, "reminders"), KIND);
	int late_after = (int)json_int(json_object_get(forms, "late_after_days"), KIND, -1);
	struct report_due d = { .reminder = 0 };
	char iso[CALENDAR_ISO_BYTES];
	if (late_after < 0)
		return 0;
	period_of(in, days, &d.period);
	int64_t ended = midnight(in, d.period.to, 1), late = calendar_midnight_ms(in->zone, ended, late_after);
	if (!ended || in->now_ms >= calendar_midnight_ms(in->zone, late, NAGS_DAYS))
		return 0;
	d.reminder = reminders_come(in, days, &d.period);
	d.state = in->now_ms >= late ? REPORT_LATE : in->now_ms >= ended ? REPORT_DUE : REPORT_COMING;
	snprintf(d.late_from, sizeof(d.late_from), "%.10s", calendar_format_iso(in->zone, late, iso));
	int r = has_any(in, midnight(in, d.period.from, 0), ended);
	if (r <= 0)
		return r;
	r = is_made(in, unit, &d.period, ended);
	if (r == 0)
		*ret = d;
	return r < 0 ? r : !r;
}

int report_due_find(const struct scope *in, const char *unit, struct report_due *ret)
{
	OWN(mem) char *path = NULL;
	OWN(settings) struct settings *s = NULL;
	struct complaint c = { 0 };
	const char *kind = unit_kind_of(unit);
	if (kind && strcmp(kind, "hamlet") == 0) /* its commune reports */
		return 0;
	int r = settings_find(in->config->file, REPORT_FORMS, &path);
	r = r ? r : settings_read(path, &s, &c);
	if (r) /* without its file nothing says when; whoever orders a report is told */
		return r == E_NOMEM ? r : 0;
	return find(in, unit, settings_root(s), ret);
}

static int query_due(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	static const char *const states[] = { [REPORT_COMING] = "coming", [REPORT_DUE] = "due", [REPORT_LATE] = "late" };
	const char *unit = "";
	struct report_due d;
	OWN(json) json_t *list = json_array();
	int r = list ? report_unit_said(in, c, &unit, why) : E_NOMEM;
	r = r ? r : report_due_find(in, unit, &d);
	if (r > 0)
		r = json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:i}", "kind", KIND, "unit", unit, "from", d.period.from, "to", d.period.to,
							  "late_from", d.late_from, "state", states[d.state], "reminder", d.reminder)) ? E_NOMEM : 0;
	if (r)
		return r;
	*ret_next = 0;
	*ret = MOVE(list);
	return 0;
}

static const struct verb_arg due_args[] = {
	{ .name = "unit", .type = ARG_TEXT, .max = 15, .otherwise = "", .help_en = "the unit; your own when left out", .help_vi = "đơn vị; bỏ trống là đơn vị của mình" },
};
static const struct verb verbs[] = {
	{ .noun = "report", .name = "due", .kind = VERB_QUERY, .roles = R_(OPERATOR) | R_(APPROVER) | R_(SECRETARY), .list = true, VERB_ARGS(due_args),
	  .help_en = "the annual report while it is to be made", .help_vi = "báo cáo năm đang đến hạn", .query = query_due },
};
const struct verb_table report_due_verbs = VERB_TABLE(verbs);
