/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table indicator and its data file. Read by the annual report, written by the verb. */
#include "campaigns/indicator.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "config/settings.h"
#include "gateway/audit.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "gateway/report.h"
#include "gateway/store/store.h"
#include "gateway/tick.h"

#define FILE_NAME "reports/indicators.conf"
#define CODE_BYTES 33
#define DIGITS_MOST 10 /* before the comma */
#define YEAR_FIRST 2000

OWN_DEFINE(settings, struct settings *, settings_free)

enum { INDICATOR_PUT, INDICATOR_DROP, INDICATOR_GET, INDICATOR_SQL_COUNT };
static const char *const indicator_sql[INDICATOR_SQL_COUNT] = {
	[INDICATOR_PUT] = "INSERT INTO indicator (code, unit, year, value_tenths, target_tenths, source, at, actor) VALUES ($code, $unit, $year, $value, $target, $source,"
			  " $now, $actor) ON CONFLICT (code, unit, year) DO UPDATE SET value_tenths = excluded.value_tenths, target_tenths = excluded.target_tenths,"
			  " source = excluded.source, at = excluded.at, actor = excluded.actor",
	[INDICATOR_DROP] = "DELETE FROM indicator WHERE code = $code AND unit = $unit AND year = $year",
	[INDICATOR_GET] = "SELECT value_tenths, target_tenths, source FROM indicator WHERE code = $code AND unit = $unit AND year = $year",
};
const struct sql_module indicator_module = { "indicator", indicator_sql, INDICATOR_SQL_COUNT };

/* ---- numbers ---- */

int indicator_parse(const char *text, int64_t *ret_tenths)
{
	size_t n = strspn(text, "0123456789");
	const char *rest = text + n;
	int64_t tenths = 0;
	bool fraction = *rest == ',' || *rest == '.';
	if (!n || n > DIGITS_MOST || (fraction && (rest[1] < '0' || rest[1] > '9' || rest[2])) || (!fraction && *rest))
		return E_INVALID;
	for (size_t i = 0; i < n; i++)
		tenths = 10 * tenths + (text[i] - '0');
	*ret_tenths = 10 * tenths + (fraction ? rest[1] - '0' : 0);
	return 0;
}

/* A whole number as such, so that every kind of file writes it without a comma. */
static json_t *number(int64_t tenths)
{
	return tenths % 10 ? json_real((double)tenths / 10.0) : json_integer(tenths / 10);
}

/* ---- what there is ---- */

static int check_one(const struct settings *s, size_t i, const json_t *one, struct complaint *c)
{
	char path[40];
	const json_t *least = json_object_get(one, "at_least"), *most = json_object_get(one, "at_most");
	size_t n = strlen(json_str(one, "code", ""));
	snprintf(path, sizeof(path), "indicators.[%zu]", i);
	if (!n || n >= CODE_BYTES || !*json_str(one, "title", ""))
		return settings_complain(s, path, c, "missing", "an indicator has a code of at most %d characters and a title", CODE_BYTES - 1);
	if (json_is_number(least) == json_is_number(most))
		return settings_complain(s, path, c, "conflict", "an indicator has one target: at_least or at_most");
	return 0;
}

static int read_file(const struct scope *in, struct settings **ret, struct complaint *c)
{
	OWN(mem) char *path = NULL;
	OWN(settings) struct settings *s = NULL;
	const json_t *one;
	size_t i;
	int r = settings_find(in->config->file, FILE_NAME, &path);
	if (r == E_NOT_FOUND)
		complaint_set(c, "", "missing", "the data file " FILE_NAME " is missing");
	r = r ? r : settings_read(path, &s, c);
	json_array_foreach(s ? json_object_get(settings_root(s), "indicators") : NULL, i, one)
		r = r ? r : check_one(s, i, one, c);
	if (r)
		return r == E_NOMEM ? r : E_CONFIG;
	*ret = MOVE(s);
	return 0;
}

static const json_t *find(const struct settings *s, const char *code)
{
	const json_t *one;
	size_t i;
	json_array_foreach(json_object_get(settings_root(s), "indicators"), i, one)
		if (strcmp(json_str(one, "code", ""), code) == 0)
			return one;
	return NULL;
}

/* ---- the table ---- */

struct figure {
	bool value_known, target_known;
	int64_t value_tenths, target_tenths;
	char source[304];
};

static int read_figure(const struct scope *in, const char *code, const char *unit, int year, struct figure *ret)
{
	struct statement *st = store_prepare(in->db, &indicator_module, INDICATOR_GET);
	*ret = (struct figure){ .value_known = false };
	bind_text(st, "$code", code);
	bind_text(st, "$unit", unit);
	bind_int(st, "$year", year);
	int r = store_row(st);
	if (r > 0) {
		*ret = (struct figure){ .value_known = true, .value_tenths = column_int(st, 0), .target_known = !column_null(st, 1), .target_tenths = column_int(st, 1) };
		snprintf(ret->source, sizeof(ret->source), "%s", column_text(st, 2));
	}
	store_reset(st);
	return r < 0 ? r : 0;
}

static json_t *row_json(const json_t *one, const struct figure *last, const struct figure *now)
{
	bool least = json_is_number(json_object_get(one, "at_least"));
	const char *direction = least ? "at_least" : "at_most";
	int64_t target = now->target_known ? now->target_tenths : (int64_t)llround(10.0 * json_number_value(json_object_get(one, direction)));
	bool reached = least ? now->value_tenths >= target : now->value_tenths <= target;
	return json_pack("{s:s,s:s,s:s,s:s,s:I,s:s,s:o,s:o,s:o,s:o,s:s}", "code", json_str(one, "code", ""), "field", json_str(one, "field", ""), "title",
			 json_str(one, "title", ""), "measure", json_str(one, "measure", ""), "by", (json_int_t)json_int(one, "by", 0), "direction", direction, "last",
			 last->value_known ? number(last->value_tenths) : json_null(), "value", now->value_known ? number(now->value_tenths) : json_null(), "target",
			 number(target), "reached", now->value_known ? json_boolean(reached) : json_null(), "source", *now->source ? now->source : json_str(one, "source", ""));
}

int indicator_table(const struct scope *in, const char *unit, int year, json_t **ret, struct complaint *c)
{
	OWN(settings) struct settings *file = NULL;
	OWN(json) json_t *list = json_array();
	struct figure last, now;
	const json_t *one;
	size_t i;
	int r = list ? read_file(in, &file, c) : E_NOMEM;
	json_array_foreach(file ? json_object_get(settings_root(file), "indicators") : NULL, i, one) {
		const char *code = json_str(one, "code", "");
		r = r ? r : read_figure(in, code, unit, year - 1, &last);
		r = r ? r : read_figure(in, code, unit, year, &now);
		if (!r && json_array_append_new(list, row_json(one, &last, &now)))
			r = E_NOMEM;
	}
	if (!r)
		*ret = MOVE(list);
	return r;
}

/* ---- verbs ---- */

/* Of the report that is due next: the year in which its period ends. */
static int year_said(const struct scope *in, const struct call *c)
{
	struct report_period p;
	int year = (int)json_int(c->args, "year", 0);
	if (year)
		return year;
	report_period_usual(in, "annual", &p);
	sscanf(p.to, "%4d", &year);
	return year;
}

static int read_number(const struct call *c, const char *name, const json_t *one, int64_t *ret, struct refusal *why)
{
	int64_t tenths = 0;
	if (indicator_parse(json_str(c->args, name, ""), &tenths))
		return refuse(why, E_INVALID, 422, "bad_figure", name, "A figure is written 96,5 or 1200: one digit behind the comma at most, no other marks.");
	if (strcmp(json_str(one, "measure", ""), "%") == 0 && tenths > 1000)
		return refuse(why, E_INVALID, 422, "out_of_range", name, "A share is at most 100 per cent.");
	*ret = tenths;
	return 0;
}

struct wish {
	const char *code, *unit;
	int year;
	bool drop, target_said;
	int64_t value, target;
};

static int read_wish(const struct scope *in, const struct call *c, struct wish *ret, struct refusal *why)
{
	OWN(settings) struct settings *file = NULL;
	struct complaint bad = { 0 };
	struct calendar now = calendar_local(in->zone, in->now_ms);
	*ret = (struct wish){ .code = json_str(c->args, "code", ""), .year = year_said(in, c), .drop = json_flag(c->args, "drop", false),
			      .target_said = *json_str(c->args, "target", "") };
	int r = read_file(in, &file, &bad);
	if (r)
		return r == E_NOMEM ? r : refuse(why, r, 500, "configuration", "", "%s", bad.text);
	const json_t *one = find(file, ret->code);
	if (!one)
		return refuse(why, E_NOT_FOUND, 404, "not_found", "code", "There is no indicator of this code.");
	if (ret->year < YEAR_FIRST || ret->year > now.year + 1)
		return refuse(why, E_INVALID, 422, "out_of_range", "year", "The year is one from %d to the next.", YEAR_FIRST);
	r = report_unit_said(in, c, &ret->unit, why);
	if (!r && !ret->drop)
		r = read_number(c, "value", one, &ret->value, why);
	if (!r && !ret->drop && ret->target_said)
		r = read_number(c, "target", one, &ret->target, why);
	return r;
}

static int write_wish(struct tick *t, const struct call *c, const struct wish *w)
{
	char subject[32], words[160];
	OWN(mem) char *source = text_nfc(json_str(c->args, "source", ""));
	if (!source)
		return E_NOMEM;
	struct statement *st = store_prepare(t->in.db, &indicator_module, w->drop ? INDICATOR_DROP : INDICATOR_PUT);
	bind_text(st, "$code", w->code);
	bind_text(st, "$unit", w->unit);
	bind_int(st, "$year", w->year);
	if (!w->drop) {
		bind_int(st, "$value", w->value);
		if (w->target_said)
			bind_int(st, "$target", w->target);
		else
			bind_null(st, "$target");
		bind_text(st, "$source", source);
		bind_int(st, "$now", t->in.now_ms);
		bind_text(st, "$actor", c->actor);
	}
	int r = store_run(st);
	snprintf(subject, sizeof(subject), "unit:%.16s", w->unit);
	snprintf(words, sizeof(words), "%.32s %d %s", w->code, w->year, w->drop ? "dropped" : json_str(c->args, "value", ""));
	return r ? r : audit_put(t, c->actor, c->dotted, subject, words);
}

static int verb_set(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct wish w;
	OWN(json) json_t *table = NULL;
	struct complaint bad = { 0 };
	json_t *one;
	size_t i;
	int r = read_wish(&t->in, c, &w, why);
	r = r ? r : write_wish(t, c, &w);
	r = r ? r : indicator_table(&t->in, w.unit, w.year, &table, &bad);
	json_array_foreach(table, i, one)
		if (!r && strcmp(json_str(one, "code", ""), w.code) == 0)
			*ret = json_incref(one);
	return r;
}

static int verb_list(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	const char *unit = "";
	struct complaint bad = { 0 };
	int r = report_unit_said(in, c, &unit, why);
	r = r ? r : indicator_table(in, unit, year_said(in, c), ret, &bad);
	if (r == E_CONFIG)
		return refuse(why, r, 500, "configuration", "", "%s", bad.text);
	if (!r)
		*ret_next = 0;
	return r;
}

#define PLACE_ARGS                                                                                                                     \
	{ .name = "unit", .type = ARG_TEXT, .max = 15, .otherwise = "", .help_en = "the unit; your own when left out", .help_vi = "đơn vị; bỏ trống là đơn vị của mình" }, \
	{ .name = "year", .type = ARG_INT, .max = 9999, .otherwise = "0", .help_en = "the year; that of the annual report which is due when left out", \
	  .help_vi = "năm; bỏ trống là năm của báo cáo đến hạn" }
static const struct verb_arg set_args[] = {
	{ .name = "code", .type = ARG_NAME, .rank = 1, .required = true, .help_en = "code of the indicator, as the list has it", .help_vi = "mã chỉ tiêu" },
	PLACE_ARGS,
	{ .name = "value", .type = ARG_TEXT, .max = 16, .otherwise = "", .help_en = "the figure, such as 96,5", .help_vi = "số liệu, ví dụ 96,5" },
	{ .name = "target", .type = ARG_TEXT, .max = 16, .otherwise = "", .help_en = "the target of this unit and year, where it differs", .help_vi = "mục tiêu riêng của đơn vị trong năm" },
	{ .name = "source", .type = ARG_TEXT, .max = 300, .otherwise = "", .help_en = "where the figure is from", .help_vi = "nguồn số liệu" },
	{ .name = "drop", .type = ARG_FLAG, .help_en = "take the figure away", .help_vi = "xóa số liệu" },
};
static const struct verb_arg list_args[] = { PLACE_ARGS };
static const struct verb verbs[] = {
	{ .noun = "indicator", .name = "set", .kind = VERB_COMMAND, .roles = R_(OPERATOR) | R_(APPROVER) | R_(SECRETARY), VERB_ARGS(set_args),
	  .help_en = "a programme figure of a year, for the annual report", .help_vi = "số liệu chỉ tiêu của một năm, cho báo cáo năm", .command = verb_set },
	{ .noun = "indicator", .name = "list", .kind = VERB_QUERY, .roles = ROLES_STAFF | R_(AUDITOR), .list = true, VERB_ARGS(list_args),
	  .help_en = "programme figures beside their targets", .help_vi = "số liệu chỉ tiêu so với mục tiêu", .query = verb_list },
};
const struct verb_table indicator_verbs = VERB_TABLE(verbs);
