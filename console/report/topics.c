/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables by topic. Called by report.c. A case counts where it was received. */
#include "console/report/topics.h"

#include <string.h>

#include "config/config.h"
#include "config/settings.h"
#include "console/report/sheet.h"
#include "handlers/keywords.h"

#define UNIT_FIRST "coalesce((SELECT m.unit_was FROM case_move m WHERE m.casefile = c.id ORDER BY m.id LIMIT 1), c.unit, '')"
#define RECEIVED "SELECT coalesce(c.topic, '') AS topic, " UNIT_FIRST " AS unit, c.address AS address FROM casefile c" \
		 " WHERE c.received_at >= $from AND c.received_at < $to AND " EXTENT_SEEN
#define ANSWERED " EXISTS (SELECT 1 FROM case_move a WHERE a.casefile = c.id AND a.state = 'answered' AND a.at < $to)"
#define FIXED_COLUMNS 4 /* code, topic, cases, people */

enum { TOPICS_CASES, TOPICS_UNITS, TOPICS_ANSWERED, TOPICS_CAMPAIGNS, TOPICS_SQL_COUNT };
static const char *const topics_sql[TOPICS_SQL_COUNT] = {
	[TOPICS_CASES] = "SELECT topic, count(*), count(DISTINCT address) FROM (" RECEIVED ") d WHERE " EXTENT_UNIT("unit") " GROUP BY topic ORDER BY topic",
	[TOPICS_UNITS] = "SELECT unit, topic, count(*) FROM (" RECEIVED ") d WHERE " EXTENT_UNIT("unit") " GROUP BY unit, topic ORDER BY unit, topic",
	[TOPICS_ANSWERED] = "SELECT topic, count(*) FROM (" RECEIVED " AND" ANSWERED ") d WHERE " EXTENT_UNIT("unit") " GROUP BY topic ORDER BY topic",
	[TOPICS_CAMPAIGNS] = "SELECT coalesce(c.topic, ''), count(*), sum(c.planned), sum(f.delivered), sum(f.failed + f.expired), sum(c.replies), sum(c.opt_outs)"
			     " FROM campaign c JOIN flow f ON f.id = c.flow WHERE c.started_at >= $from AND c.started_at < $to AND "
			     EXTENT_UNIT("coalesce(nullif(c.unit, ''), $home)") " GROUP BY coalesce(c.topic, '') ORDER BY 1",
};
const struct sql_module topics_module = { "topics", topics_sql, TOPICS_SQL_COUNT };

const char *topics_name(const struct extent *s, const char *code)
{
	const struct topic *t = s->in->keywords && *code ? keywords_topic(s->in->keywords, code) : NULL;
	return t ? t->vi : *code ? code : "Chưa phân loại";
}

/* ---- T1 ---- */

static int read_cases(const struct extent *s, json_t *sheet)
{
	struct statement *st = store_prepare(s->in->db, &topics_module, TOPICS_CASES);
	int r;
	extent_bind(s, st);
	while ((r = store_row(st)) > 0) {
		const char *code = column_text(st, 0);
		r = sheet_row(sheet, json_pack("[s,s,I,I]", code, topics_name(s, code), (json_int_t)column_int(st, 1), (json_int_t)column_int(st, 2)));
		if (r)
			break;
	}
	store_reset(st);
	return r;
}

static int widen(json_t *sheet, const struct extent *s, const char *unit)
{
	json_t *rows = json_object_get(sheet, "rows"), *row;
	size_t i;
	json_array_foreach(rows, i, row)
		if (json_array_append_new(row, json_integer(0)))
			return E_NOMEM;
	return sheet_column_add(sheet, *unit ? unit : "none", places_name(s->places, unit), "int");
}

static int put_cell(json_t *sheet, const char *topic, int64_t n)
{
	json_t *rows = json_object_get(sheet, "rows"), *row;
	size_t i;
	json_array_foreach(rows, i, row)
		if (strcmp(json_string_value(json_array_get(row, 0)), topic) == 0)
			return json_array_set_new(row, json_array_size(row) - 1, json_integer(n)) ? E_NOMEM : 0;
	return E_CORRUPT;
}

static int read_units(const struct extent *s, json_t *sheet)
{
	struct statement *st = store_prepare(s->in->db, &topics_module, TOPICS_UNITS);
	char unit[16] = "?";
	int r;
	extent_bind(s, st);
	while ((r = store_row(st)) > 0) {
		const char *next = column_text(st, 0);
		r = strcmp(unit, next) ? widen(sheet, s, next) : 0;
		snprintf(unit, sizeof(unit), "%s", next);
		if (!r)
			r = put_cell(sheet, column_text(st, 1), column_int(st, 2));
		if (r)
			break;
	}
	store_reset(st);
	return r;
}

int topics_sheet(const struct extent *s, json_t **ret)
{
	static const struct sheet_column columns[FIXED_COLUMNS] = {
		{ "topic", "Mã chủ đề", "text" }, { "name", "Chủ đề", "text" }, { "cases", "Số ý kiến", "int" }, { "people", "Số người", "int" },
	};
	OWN(json) json_t *sheet = sheet_new("T1", "Ý kiến theo chủ đề và đơn vị", columns, FIXED_COLUMNS);
	int r = sheet ? read_cases(s, sheet) : E_NOMEM;
	r = r ? r : read_units(s, sheet);
	r = r ? r : sheet_add_up(sheet);
	/* one person may speak of two things */
	if (!r && !json_is_null(json_object_get(sheet, "total")))
		r = json_array_set_new(json_object_get(sheet, "total"), FIXED_COLUMNS - 1, json_null()) ? E_NOMEM : 0;
	if (!r)
		*ret = MOVE(sheet);
	return r;
}

/* ---- the plan's tasks ---- */

enum task_figure { TASK_CASES, TASK_ANSWERED, TASK_CAMPAIGNS, TASK_PLANNED, TASK_DELIVERED, TASK_FAILED, TASK_REPLIES, TASK_OPT_OUTS, TASK_FIGURES };
#define TASKS_MOST 16

struct tasks {
	const json_t *topics; /* of topics.conf */
	int64_t figures[TASKS_MOST][TASK_FIGURES];
};

/* Which tasks a topic belongs to: an array of numbers, or NULL. */
static const json_t *tasks_of(const struct tasks *t, const char *code)
{
	size_t i;
	const json_t *topic;
	json_array_foreach(t->topics, i, topic)
		if (strcmp(json_str(topic, "code", ""), code) == 0)
			return json_object_get(topic, "tasks");
	return NULL;
}

static void count(struct tasks *t, const char *code, enum task_figure figure, int64_t n)
{
	size_t i;
	const json_t *number, *list = tasks_of(t, code);
	json_array_foreach(list, i, number) {
		json_int_t k = json_integer_value(number);
		if (k > 0 && k < TASKS_MOST)
			t->figures[k][figure] += n;
	}
}

/* Column 0 is the topic, the others are figures from first on. */
static int read_figures(struct statement *st, struct tasks *t, enum task_figure first, int n)
{
	int r;
	while ((r = store_row(st)) > 0)
		for (int i = 0; i < n; i++)
			count(t, column_text(st, 0), (enum task_figure)((int)first + i), column_int(st, i + 1));
	store_reset(st);
	return r;
}

static int read_tasks(const struct extent *s, struct tasks *t)
{
	struct statement *st = store_prepare(s->in->db, &topics_module, TOPICS_CASES);
	extent_bind(s, st);
	int r = read_figures(st, t, TASK_CASES, 1);
	if (r)
		return r;
	st = store_prepare(s->in->db, &topics_module, TOPICS_ANSWERED);
	extent_bind(s, st);
	r = read_figures(st, t, TASK_ANSWERED, 1);
	if (r)
		return r;
	st = store_prepare(s->in->db, &topics_module, TOPICS_CAMPAIGNS);
	extent_bind_units(s, st);
	bind_text(st, "$home", s->in->config->organisation.unit);
	return read_figures(st, t, TASK_CAMPAIGNS, TASK_OPT_OUTS - TASK_CAMPAIGNS + 1);
}

static json_t *task_row(const json_t *task, const int64_t figures[TASK_FIGURES])
{
	json_t *row = json_pack("[I,s]", (json_int_t)json_int(task, "number", 0), json_str(task, "title", ""));
	for (size_t i = 0; row && i < TASK_FIGURES; i++)
		if (json_array_append_new(row, json_integer(figures[i]))) {
			json_decref(row);
			return NULL;
		}
	return row;
}

static int write_tasks(const struct extent *s, const struct tasks *t, json_t **ret)
{
	static const struct sheet_column columns[] = {
		{ "task", "Số", "number" }, { "title", "Nhiệm vụ", "text" }, { "cases", "Ý kiến", "int" }, { "answered", "Đã trả lời", "int" },
		{ "campaigns", "Đợt tin", "int" }, { "planned", "Người nhận", "int" }, { "delivered", "Tin đến máy", "int" },
		{ "failed", "Không đến", "int" }, { "replies", "Trả lời", "int" }, { "opt_outs", "Từ chối", "int" },
	};
	OWN(json) json_t *sheet = sheet_new("tasks", "Kết quả theo nhiệm vụ của kế hoạch", columns, COUNT_OF(columns));
	const json_t *tasks = json_object_get(s->forms, "tasks"), *task;
	int r = sheet ? 0 : E_NOMEM;
	size_t i;
	json_array_foreach(tasks, i, task) {
		int64_t k = json_int(task, "number", 0);
		if (!r && k > 0 && k < TASKS_MOST)
			r = sheet_row(sheet, task_row(task, t->figures[k]));
	}
	if (!r)
		r = sheet_note(sheet, "Một chủ đề thuộc hai nhiệm vụ được tính ở cả hai, nên không có dòng cộng.");
	if (!r)
		*ret = MOVE(sheet);
	return r;
}

OWN_DEFINE(settings, struct settings *, settings_free)

int topics_tasks_sheet(const struct extent *s, json_t **ret)
{
	OWN(mem) char *path = NULL;
	OWN(settings) struct settings *file = NULL;
	struct complaint c = { 0 };
	int r = settings_find(s->in->config->file, "topics/topics.conf", &path);
	r = r ? r : settings_read(path, &file, &c);
	if (r)
		return r == E_NOMEM ? r : E_CONFIG;
	struct tasks t = { .topics = json_object_get(settings_root(file), "topics") };
	r = read_tasks(s, &t);
	return r ? r : write_tasks(s, &t, ret);
}
