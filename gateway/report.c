/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of reports. Ordering runs in the core and writes the job; fetching is a disclosure: the core notes who fetched what, the
 * query process reads the file. Never computes a figure. */
#include "gateway/report.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "config/settings.h"
#include "gateway/audit.h"
#include "gateway/base/calendar.h"
#include "gateway/base/json.h"
#include "gateway/job.h"
#include "gateway/store/store.h"
#include "gateway/ticket.h"
#include "gateway/unit.h"

#define DAYS_MOST 1900
#define PART_BYTES 150000 /* as base64 well inside a frame */
#define YEAR_BEGINS "11-16" /* where the data file says nothing */

enum { REPORT_ORDER, REPORT_JOB, REPORT_SQL_COUNT };
static const char *const report_sql[REPORT_SQL_COUNT] = {
	[REPORT_ORDER] = "INSERT INTO report (job, kind, unit, from_day, to_day) VALUES ($job, $kind, $unit, $from, $to)",
	[REPORT_JOB] = "SELECT j.actor, j.result FROM job j JOIN report r ON r.job = j.id WHERE j.id = $id AND j.state = 'done'",
};
const struct sql_module report_module = { "report", report_sql, REPORT_SQL_COUNT };

/* ---- the period ---- */

static void put_day(char ret[REPORT_DAY_BYTES], int year, int month, int day)
{
	snprintf(ret, REPORT_DAY_BYTES, "%04u-%02u-%02u", (unsigned)year % 10000u, (unsigned)month % 100u, (unsigned)day % 100u);
}

static int month_days(int year, int month)
{
	return (int)(calendar_day_number(year, month + 1, 1) - calendar_day_number(year, month, 1));
}

/* year_begins of the data file. */
static void read_beginning(const struct scope *in, int *ret_month, int *ret_day)
{
	OWN(mem) char *path = NULL;
	struct settings *s = NULL;
	struct complaint c = { 0 };
	if (settings_find(in->config->file, REPORT_FORMS, &path) || settings_read(path, &s, &c))
		s = NULL;
	const char *said = s ? json_str(settings_root(s), "year_begins", YEAR_BEGINS) : YEAR_BEGINS;
	bool good = sscanf(said, "%2d-%2d", ret_month, ret_day) == 2 && calendar_date_exists(2000, *ret_month, *ret_day);
	settings_free(s);
	if (!good)
		sscanf(YEAR_BEGINS, "%2d-%2d", ret_month, ret_day);
}

/* The last twelve months that have ended; the day number makes "the day before the 1st". */
static void usual_year(const struct scope *in, const struct calendar *now, struct report_period *ret)
{
	int month = 0, day = 0;
	read_beginning(in, &month, &day);
	bool begun = now->month > month || (now->month == month && now->day >= day);
	int year = begun ? now->year : now->year - 1;
	struct calendar last = { .year = year, .month = month, .day = day - 1, .hour = 12 };
	last = calendar_local(in->zone, calendar_at_ms(in->zone, &last));
	put_day(ret->from, year - 1, month, day);
	put_day(ret->to, last.year, last.month, last.day);
}

void report_period_usual(const struct scope *in, const char *kind, struct report_period *ret)
{
	struct calendar now = calendar_local(in->zone, in->now_ms);
	if (strcmp(kind, "annual") == 0) {
		usual_year(in, &now, ret);
		return;
	}
	int year = now.month == 1 ? now.year - 1 : now.year, month = now.month == 1 ? 12 : now.month - 1;
	put_day(ret->from, year, month, 1);
	put_day(ret->to, year, month, month_days(year, month));
}

static int day_number(const char *text, int64_t *ret)
{
	int year, month, day, end = 0;
	if (strlen(text) != 10 || sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &end) != 3 || end != 10 || !calendar_date_exists(year, month, day))
		return E_INVALID;
	*ret = calendar_day_number(year, month, day);
	return 0;
}

int report_period_said(const struct scope *in, const struct call *c, const char *kind, struct report_period *ret, struct refusal *why)
{
	const char *from = json_str(c->args, "from", ""), *to = json_str(c->args, "to", "");
	int64_t first = 0, last = 0;
	if (!*from && !*to) {
		report_period_usual(in, kind, ret);
		return 0;
	}
	if (day_number(from, &first))
		return refuse(why, E_INVALID, 422, "bad_time", "from", "The first day is no day, such as 2026-11-01.");
	if (day_number(to, &last))
		return refuse(why, E_INVALID, 422, "bad_time", "to", "The last day is no day, such as 2026-11-30.");
	if (last < first || last - first > DAYS_MOST)
		return refuse(why, E_INVALID, 422, "out_of_range", "to", "The period ends before it begins, or is longer than five years.");
	snprintf(ret->from, sizeof(ret->from), "%.10s", from);
	snprintf(ret->to, sizeof(ret->to), "%.10s", to);
	return 0;
}

/* ---- ordering ---- */

int report_unit_said(const struct scope *in, const struct call *c, const char **ret, struct refusal *why)
{
	const char *said = json_str(c->args, "unit", ""), *mine = c->unit ? c->unit : "";
	const char *unit = *said ? said : *mine ? mine : in->config->organisation.unit;
	if (*unit && !unit_kind_of(unit))
		return refuse(why, E_INVALID, 422, "unknown_unit", "unit", "A unit is a code of digits, such as 02269.");
	int within = strncmp(unit, mine, strlen(mine)) == 0 ? 1 : unit_is_within(in, unit, mine);
	if (within <= 0)
		return within ? within : refuse(why, E_DENIED, 403, "territory", "unit", "This unit is outside your territory.");
	*ret = unit;
	return 0;
}

static int put_order(struct tick *t, int64_t job, const struct report_order *o)
{
	struct statement *st = store_prepare(t->in.db, &report_module, REPORT_ORDER);
	bind_int(st, "$job", job);
	bind_text(st, "$kind", o->kind);
	bind_text(st, "$unit", o->unit);
	bind_text(st, "$from", o->period.from);
	bind_text(st, "$to", o->period.to);
	return store_run(st);
}

int report_order(struct tick *t, const struct call *c, const struct report_order *o, int64_t *ret_job)
{
	char subject[32], words[64];
	int64_t job = 0;
	OWN(json) json_t *args = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "kind", o->kind, "unit", o->unit, "from", o->period.from, "to", o->period.to, "format",
					   json_str(c->args, "format", "xlsx"), "territory", c->unit ? c->unit : "");
	if (!args || (o->more && json_object_update(args, o->more)))
		return E_NOMEM;
	int r = job_new_beside(t, c, c->dotted, args, &job);
	r = r ? r : put_order(t, job, o);
	snprintf(subject, sizeof(subject), "unit:%.16s", o->unit);
	snprintf(words, sizeof(words), "%s %s", o->period.from, o->period.to);
	r = r ? r : audit_put(t, c->actor, c->dotted, subject, words);
	if (!r)
		*ret_job = job;
	return r;
}

static int order_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct report_order o = { .kind = c->verb->name };
	int64_t job = 0;
	int r = report_unit_said(&t->in, c, &o.unit, why);
	r = r ? r : report_period_said(&t->in, c, o.kind, &o.period, why);
	r = r ? r : report_order(t, c, &o, &job);
	if (r)
		return r;
	*ret = json_pack("{s:I}", "job", (json_int_t)job);
	return *ret ? 0 : E_NOMEM;
}

/* ---- fetching ---- */

/* The file of a report that the caller ordered: its name inside the folder. */
static int find_file(const struct scope *in, const struct call *c, char *ret, size_t room, struct refusal *why)
{
	struct statement *st = store_prepare(in->db, &report_module, REPORT_JOB);
	bind_int(st, "$id", json_int(c->args, "id", 0));
	int r = store_row(st);
	bool mine = r > 0 && strcmp(column_text(st, 0), c->actor) == 0;
	OWN(json) json_t *result = NULL;
	const char *text = mine ? column_text(st, 1) : NULL;
	if (text && json_parse(text, strlen(text), &result))
		r = E_CORRUPT;
	store_reset(st);
	if (r < 0)
		return r;
	const char *file = json_str(result, "file", NULL), *name = file ? strrchr(file, '/') : NULL;
	if (!name)
		return refuse(why, E_NOT_FOUND, 404, "not_found", "id", "There is no such report of yours.");
	snprintf(ret, room, "%s/%s%s", in->config->data_dir, REPORT_FOLDER, name);
	return 0;
}

static int fetch_command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	char file[512], subject[32];
	int r = find_file(&t->in, c, file, sizeof(file), why);
	snprintf(subject, sizeof(subject), "job:%lld", (long long)json_int(c->args, "id", 0));
	if (!r && json_int(c->args, "part", 1) == 1)
		r = audit_put(t, c->actor, c->dotted, subject, NULL);
	return r ? r : ticket_new(t, c, ret);
}

static int read_part(int fd, int64_t part, size_t n_bytes, json_t **ret_data)
{
	OWN(mem) unsigned char *bytes = malloc(n_bytes + 1);
	size_t room = sodium_base64_encoded_len(n_bytes, sodium_base64_VARIANT_ORIGINAL);
	OWN(mem) char *text = malloc(room);
	if (!bytes || !text)
		return E_NOMEM;
	if (pread(fd, bytes, n_bytes, (off_t)((part - 1) * PART_BYTES)) != (ssize_t)n_bytes)
		return E_IO;
	*ret_data = json_string(sodium_bin2base64(text, room, bytes, n_bytes, sodium_base64_VARIANT_ORIGINAL));
	return *ret_data ? 0 : E_NOMEM;
}

static int fetch_query(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why)
{
	char file[512];
	struct stat st;
	json_t *data = NULL;
	int64_t part = json_int(c->args, "part", 1);
	int r = find_file(in, c, file, sizeof(file), why);
	if (r)
		return r;
	OWN(fd) int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || fstat(fd, &st))
		return refuse(why, E_NOT_FOUND, 404, "not_found", "id", "The file is not kept any more; order the report again.");
	int64_t parts = st.st_size ? (st.st_size + PART_BYTES - 1) / PART_BYTES : 1, begin = (part - 1) * PART_BYTES;
	if (part > parts)
		return refuse(why, E_NOT_FOUND, 404, "not_found", "part", "The file has fewer parts.");
	r = read_part(fd, part, (size_t)(st.st_size - begin < PART_BYTES ? st.st_size - begin : PART_BYTES), &data);
	if (r)
		return r;
	*ret_next = 0;
	*ret = json_pack("{s:s,s:I,s:I,s:o}", "name", strrchr(file, '/') + 1, "part", (json_int_t)part, "parts", (json_int_t)parts, "data", data);
	return *ret ? 0 : E_NOMEM;
}

/* ---- rows ---- */

static const char *const formats[] = { "xlsx", "csv", "html", "json", NULL };
static const struct verb_arg order_args[] = {
	{ .name = "unit", .type = ARG_TEXT, .max = 15, .otherwise = "", .help_en = "this unit and what is below it; your own when left out",
	  .help_vi = "đơn vị này và cấp dưới; bỏ trống là đơn vị của mình" },
	{ .name = "from", .type = ARG_TEXT, .max = 10, .otherwise = "", .help_en = "first day, such as 2026-11-01; the last full period when left out",
	  .help_vi = "từ ngày, ví dụ 2026-11-01; bỏ trống là kỳ trọn vẹn gần nhất" },
	{ .name = "to", .type = ARG_TEXT, .max = 10, .otherwise = "", .help_en = "last day", .help_vi = "đến hết ngày" },
	{ .name = "format", .type = ARG_TEXT, .otherwise = "xlsx", .choices = formats, .help_en = "kind of file", .help_vi = "loại tệp" },
};
static const struct verb_arg fetch_args[] = {
	{ .name = "id", .type = ARG_INT, .rank = 1, .required = true, .min = 1, .max = INT64_C(1) << 53, .help_en = "job of the report",
	  .help_vi = "số công việc của báo cáo" },
	{ .name = "part", .type = ARG_INT, .min = 1, .max = 100000, .otherwise = "1", .help_en = "which piece of the file", .help_vi = "phần thứ mấy của tệp" },
};
#define WRITERS (R_(OPERATOR) | R_(APPROVER) | R_(REVIEWER) | R_(SECRETARY))
#define NAMERS (R_(OPERATOR) | R_(REVIEWER) | R_(SECRETARY)) /* may read who signed up */
#define ORDER(verb_name, en, vi) ORDER_BY(WRITERS, verb_name, en, vi)
#define ORDER_BY(who, verb_name, en, vi) \
	{ .noun = "report", .name = verb_name, .kind = VERB_COMMAND, .roles = who, VERB_ARGS(order_args), .help_en = en, .help_vi = vi, \
	  .command = order_command }
static const struct verb verbs[] = {
	ORDER("monthly", "what people said and what came of it, for a month", "báo cáo tháng: tình hình nhân dân và kết quả xử lý"),
	ORDER("annual", "the year by the plan's tasks, 16 November to 15 November", "báo cáo năm theo nhiệm vụ, từ 16/11 đến 15/11"),
	ORDER("session", "petitions for a session, by who is competent", "tổng hợp kiến nghị trước kỳ họp, theo thẩm quyền"),
	ORDER("honesty", "closings that deserve a second look", "các vụ việc kết thúc cần xem lại"),
	ORDER_BY(NAMERS, "signups", "households that signed up in a period, for whoever visits them", "danh sách hộ đăng ký trong kỳ, cho cán bộ đi xác minh"),
	ORDER_BY(NAMERS, "posting", "households with a result, to be posted: head, hamlet, result", "danh sách niêm yết: chủ hộ, thôn, kết quả"),
	{ .noun = "report", .name = "download", .kind = VERB_DISCLOSURE, .roles = WRITERS, VERB_ARGS(fetch_args), .help_en = "the file of a report, in parts",
	  .help_vi = "tải tệp báo cáo, theo từng phần", .command = fetch_command, .query = fetch_query },
};
const struct verb_table report_verbs = VERB_TABLE(verbs);
