/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The job of a list of units: read once to check it, once more to write it. Its cursor is all it knows. */
#include "campaigns/unit_import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "campaigns/column.h"
#include "campaigns/filejob.h"
#include "campaigns/reader.h"
#include "gateway/audit.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/unit.h"

#define ROWS 1000 /* a step */

enum place { PLACE_CODE, PLACE_NAME, PLACE_KIND, PLACE_PARENT, PLACE_FROM, PLACE_TO, PLACE_SUCCESSOR, PLACES };
static const char *const place_names[PLACES] = { "code", "name", "kind", "parent", "from", "to", "successor" };
static const struct {
	const char *key;
	enum place place;
} headers[] = {
	{ "code", PLACE_CODE }, { "ma", PLACE_CODE }, { "ma don vi", PLACE_CODE }, { "name", PLACE_NAME }, { "ten", PLACE_NAME },
	{ "ten don vi", PLACE_NAME }, { "kind", PLACE_KIND }, { "loai", PLACE_KIND }, { "parent", PLACE_PARENT }, { "ma cap tren", PLACE_PARENT },
	{ "ma tinh", PLACE_PARENT }, { "from", PLACE_FROM }, { "tu ngay", PLACE_FROM }, { "to", PLACE_TO }, { "den ngay", PLACE_TO },
	{ "successor", PLACE_SUCCESSOR }, { "ma ke thua", PLACE_SUCCESSOR },
};

struct piece {
	struct tick *t;
	struct job *job;
	bool writes;
	int at[PLACES]; /* column of each, -1 = none */
	struct complaint *complaint;
};

static int read_header(struct piece *p, const struct csv_row *row)
{
	for (int i = 0; i < PLACES; i++)
		p->at[i] = -1;
	for (size_t i = 0; i < row->n; i++) {
		OWN(mem) char *key = column_key(row->fields[i]);
		if (!key)
			return E_NOMEM;
		for (size_t k = 0; k < COUNT_OF(headers); k++)
			if (!strcmp(headers[k].key, key))
				p->at[headers[k].place] = (int)i;
	}
	if (p->at[PLACE_CODE] < 0 || p->at[PLACE_NAME] < 0)
		return complaint_set(p->complaint, "file", "no_code_column", "The list needs a column of codes and one of names.");
	return 0;
}

static const char *cell(const struct piece *p, const struct csv_row *row, enum place place)
{
	return p->at[place] < 0 ? "" : row->fields[p->at[place]];
}

static int refuse_row(struct piece *p, const struct csv_row *row, const struct complaint *bad)
{
	const char *value = "";
	for (int i = 0; i < PLACES; i++)
		if (!strcmp(place_names[i], bad->field))
			value = cell(p, row, (enum place)i);
	return filejob_refuse_row(p->job, row->row, bad->field, value, bad->rule, NULL);
}

/* Spreadsheets eat the zeros in front: "8" is "08", "694" is "00694". */
static const char *with_zeros(const char *code, char ret[6], size_t digits)
{
	size_t n = strlen(code);
	if (!n || n >= digits || strspn(code, "0123456789") != n)
		return code;
	snprintf(ret, 6, "%0*d", (int)digits, (int)strtol(code, NULL, 10));
	return ret;
}

static int on_row(void *self, const struct csv_row *row)
{
	struct piece *p = self;
	struct complaint bad = { 0 };
	char code[6], parent[6];
	int as;
	if (row->row == 1)
		return read_header(p, row);
	const char *above = cell(p, row, PLACE_PARENT);
	struct unit u = { .code = with_zeros(cell(p, row, PLACE_CODE), code, *above ? 5 : 2), .name = cell(p, row, PLACE_NAME),
			  .kind = cell(p, row, PLACE_KIND), .parent = with_zeros(above, parent, strlen(above) > 2 ? 5 : 2),
			  .from = cell(p, row, PLACE_FROM), .to = cell(p, row, PLACE_TO), .successor = cell(p, row, PLACE_SUCCESSOR) };
	int r = unit_put(p->t, &u, !p->writes, &as, &bad);
	if (r == E_INVALID)
		return refuse_row(p, row, &bad);
	if (!r && !p->writes)
		return filejob_count(p->job, "rows");
	return r ? r : filejob_count(p->job, as == 2 ? "added" : as ? "updated" : "unchanged");
}

static int shape(const struct job *j, json_t **ret)
{
	const json_t *c = j->cursor;
	*ret = json_pack("{s:I, s:I, s:I, s:I, s:O, s:O}", "rows", (json_int_t)(json_int(c, "rows", 0) + json_int(c, "n_refused", 0)), "added",
			 (json_int_t)json_int(c, "added", 0), "updated", (json_int_t)json_int(c, "updated", 0), "unchanged",
			 (json_int_t)json_int(c, "unchanged", 0), "refused", json_object_get(c, "refused"), "reasons", json_object_get(c, "reasons"));
	return *ret ? 0 : E_NOMEM;
}

static int refuse_file(struct job *j, const struct complaint *c)
{
	int r = shape(j, &j->result);
	return r ? r : filejob_refuse(j, c);
}

static int to_phase(struct job *j, const char *phase)
{
	int r = reader_place_save(&(struct reader_place){ .by_line = json_flag(j->cursor, "sheet", false) }, j->cursor, "place");
	if (!r)
		r = json_set_str(j->cursor, "phase", phase);
	return r ? r : E_AGAIN;
}

static int begin(struct piece *p)
{
	struct complaint c = { 0 };
	json_t *cursor = p->job->cursor;
	bool sheet = false;
	if (!json_object_get(cursor, "refused") && (json_object_set_new(cursor, "refused", json_array()) ||
						    json_object_set_new(cursor, "reasons", json_object())))
		return E_NOMEM;
	int r = filejob_convert(p->t, p->job, &sheet, &c);
	if (r == E_INVALID && c.rule[0])
		return refuse_file(p->job, &c);
	if (!r && json_object_set_new(cursor, "sheet", json_boolean(sheet)))
		r = E_NOMEM;
	return r ? r : to_phase(p->job, "check");
}

static int read_some(struct piece *p, bool *ret_ended)
{
	struct complaint c = { 0 };
	struct reader_place place = reader_place_load(p->job->cursor, "place");
	p->complaint = &c;
	int r = reader_run(&p->t->in, filejob_source(p->job), ROWS, on_row, p, &place, &c);
	if (r == E_INVALID && c.rule[0])
		return refuse_file(p->job, &c);
	p->job->done = place.bytes;
	*ret_ended = place.ended;
	return r ? r : reader_place_save(&place, p->job->cursor, "place");
}

static int check(struct piece *p)
{
	bool ended = false;
	int r = read_some(p, &ended);
	if (r || !ended)
		return r ? r : E_AGAIN;
	int64_t n = json_int(p->job->cursor, "n_refused", 0);
	if (!n)
		return to_phase(p->job, "write");
	r = shape(p->job, &p->job->result);
	return r ? r : refuse(p->job->why, E_INVALID, 422, "import_refused", "file", "%lld rows are refused; nothing was imported.", (long long)n);
}

static int write_rows(struct piece *p)
{
	bool ended = false;
	p->writes = true;
	int r = read_some(p, &ended);
	if (r || !ended)
		return r ? r : E_AGAIN;
	r = audit_put(p->t, p->job->actor, "unit.import", "unit", NULL);
	return r ? r : to_phase(p->job, "tidy");
}

static int step(struct tick *t, struct job *j)
{
	struct piece p = { .t = t, .job = j };
	const char *phase = json_str(j->cursor, "phase", "begin");
	if (!strcmp(phase, "begin"))
		return begin(&p);
	if (!strcmp(phase, "check"))
		return check(&p);
	if (!strcmp(phase, "write"))
		return write_rows(&p);
	int r = filejob_drop(t, j);
	return r ? r : shape(j, &j->result);
}

const struct job_kind unit_import_job = { .verb = "unit.import", .step = step, .clear = filejob_drop };

static int command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	if (c->unit && *c->unit)
		return refuse(why, E_DENIED, 403, "territory", "", "The list of units is kept for the whole organisation.");
	return filejob_begin(t, c, &unit_import_job, ret, why);
}

static const struct verb_arg args[] = {
	{ .name = "file", .type = ARG_UPLOAD, .rank = 1, .required = true, .help_en = "list of units, CSV or XLSX", .help_vi = "danh sách đơn vị, tệp CSV hoặc XLSX" },
};
static const struct verb verbs[] = {
	{ .noun = "unit", .name = "import", .whole = true, .kind = VERB_COMMAND, .roles = R_(ADMINISTRATOR), VERB_ARGS(args), .command = command,
	  .help_en = "take in the list of administrative units, all or nothing", .help_vi = "nhập danh sách đơn vị hành chính, tất cả hoặc không" },
};
const struct verb_table unit_import_verbs = VERB_TABLE(verbs);
