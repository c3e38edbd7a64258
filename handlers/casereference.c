/* SPDX-License-Identifier: GPL-3.0-or-later */
/* case reference and case references. A list is taken whole or not at all; what it says already is left alone, so that the same list twice
 * changes nothing. */
#include "handlers/casereference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/audit.h"
#include "gateway/base/csv.h"
#include "gateway/base/fold.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/store/store.h"
#include "handlers/casedesk.h"
#include "handlers/caselist.h"

#define REFERENCE_BYTES_MAX 64
#define ROWS_MOST 1000
#define FILE_BYTES_MAX 200000

enum { CASEREFERENCE_GET, CASEREFERENCE_SET, CASEREFERENCE_SQL_COUNT };
static const char *const casereference_sql[CASEREFERENCE_SQL_COUNT] = {
	[CASEREFERENCE_GET] = "SELECT coalesce(c.portal_ref, '') FROM casefile c WHERE c.id = $id",
	[CASEREFERENCE_SET] = "UPDATE casefile SET portal_ref = $reference, version = version + 1 WHERE id = $id",
};
const struct sql_module casereference_module = { "casereference", casereference_sql, CASEREFERENCE_SQL_COUNT };

/* ---- one ---- */

/* Letters, digits and marks: what is written in a list of codes, and nothing that a page or a sheet could take for more. */
static bool is_reference(const char *text)
{
	size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./#:");
	return !text[n] && n <= REFERENCE_BYTES_MAX;
}

static int is_same(struct tick *t, int64_t id, const char *reference)
{
	struct statement *st = store_prepare(t->in.db, &casereference_module, CASEREFERENCE_GET);
	bind_int(st, "$id", id);
	int r = store_row(st);
	if (r > 0)
		r = strcmp(column_text(st, 0), reference) == 0;
	store_reset(st);
	return r;
}

static int set(struct tick *t, int64_t id, const char *reference)
{
	struct statement *st = store_prepare(t->in.db, &casereference_module, CASEREFERENCE_SET);
	bind_int(st, "$id", id);
	bind_text(st, "$reference", *reference ? reference : NULL);
	return store_run(st);
}

static int command_reference(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	struct casefile f;
	const char *reference = json_str(c->args, "reference", "");
	int r = casedesk_open(t, c, ACT_NOTE, &f, why);
	if (!r && !is_reference(reference))
		r = refuse(why, E_INVALID, 422, "bad_reference", "reference", "A reference has letters, digits and - _ . / # : alone, at most %d.", REFERENCE_BYTES_MAX);
	r = r ? r : is_same(t, f.id, reference);
	if (r)
		return r < 0 ? r : caselist_one(&t->in, f.id, c->unit, ret);
	r = set(t, f.id, reference);
	return r ? r : casedesk_done(t, c, &f, "referenced", reference, ret);
}

/* ---- a list ---- */

struct list {
	struct tick *t;
	const struct call *c;
	struct refusal *why;
	int code, reference; /* columns; -1 not found */
	int rows, updated;
};

static int refuse_row(const struct list *l, int row, const char *what)
{
	return refuse(l->why, E_INVALID, 422, "bad_row", "file", "Row %d: %s; nothing of the list was taken.", row, what);
}

/* By its code alone: an id in that column would be somebody else's case. */
static int find(struct list *l, int row, const char *code, struct casefile *ret)
{
	const struct scope *in = &l->t->in;
	int r = casefile_find(in, code, ret);
	if (!r && strcasecmp(ret->code, code) != 0)
		r = E_NOT_FOUND;
	r = r ? r : caselist_seen(in, ret->id, l->c->unit);
	if (r != E_NOT_FOUND)
		return r;
	r = caselist_refuse(in, code, l->why);
	snprintf(l->why->text, sizeof(l->why->text), "Row %d: there is no case of this code; nothing of the list was taken.", row);
	return r;
}

static int take(struct list *l, int row, const char *code, const char *reference)
{
	struct casefile f;
	struct tick *t = l->t;
	if (!*reference) /* not given yet */
		return 0;
	if (++l->rows > ROWS_MOST)
		return refuse(l->why, E_TOO_BIG, 422, "out_of_range", "file", "A list has at most %d references.", ROWS_MOST);
	if (!is_reference(reference))
		return refuse_row(l, row, "that is no reference");
	int r = find(l, row, code, &f);
	if (r)
		return r;
	r = is_same(t, f.id, reference);
	if (r)
		return r < 0 ? r : 0;
	l->updated++;
	r = set(t, f.id, reference);
	return r ? r : casefile_event(t, f.id, "referenced", l->c->actor, reference, 0, 0);
}

static int find_columns(struct list *l, const struct csv_row *row)
{
	for (size_t i = 0; i < row->n; i++) {
		OWN(mem) char *name = fold(row->fields[i]);
		if (!name)
			return E_NOMEM;
		if (strcmp(name, "ma") == 0 || strcmp(name, "code") == 0)
			l->code = (int)i;
		else if (strcmp(name, "ma ben nhan") == 0 || strcmp(name, "reference") == 0)
			l->reference = (int)i;
	}
	return l->code >= 0 && l->reference >= 0 ? 0 : refuse_row(l, 1, "the columns code (Mã) and reference (Mã bên nhận) are not both there");
}

static int on_row(void *self, const struct csv_row *row)
{
	struct list *l = self;
	return row->row == 1 ? find_columns(l, row) : take(l, row->row, row->fields[l->code], row->fields[l->reference]);
}

static int read_csv(struct list *l, const char *text)
{
	OWN(csv) struct csv *csv = NULL;
	struct complaint c = { 0 };
	int r = csv_new(on_row, l, &csv);
	r = r ? r : csv_feed(csv, text, strlen(text), &c);
	r = r ? r : csv_finish(csv, &c);
	return r == E_INVALID && !l->why->rule[0] ? refuse(l->why, r, 422, "bad_row", "file", "Line %d: the list cannot be read (%.40s).", c.line, c.rule) : r;
}

/* {"cases":[{"code","reference"}]}, as the file that was handed over has it. */
static int read_json(struct list *l, const char *text)
{
	OWN(json) json_t *file = NULL;
	const json_t *cases, *one;
	size_t i;
	int r = json_parse(text, strlen(text), &file) || !json_is_array(cases = json_object_get(file, "cases")) ? E_INVALID : 0;
	if (r)
		return refuse(l->why, r, 422, "bad_row", "file", "That is no hand-over file: no list of cases was found in it.");
	json_array_foreach(cases, i, one)
		r = r ? r : take(l, (int)i + 1, json_str(one, "code", ""), json_str(one, "reference", ""));
	return r;
}

static int command_references(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	char words[64];
	struct list l = { .t = t, .c = c, .why = why, .code = -1, .reference = -1 };
	const char *text = json_str(c->args, "file", "");
	int r = text[strspn(text, " \t\r\n")] == '{' ? read_json(&l, text) : read_csv(&l, text);
	snprintf(words, sizeof(words), "%d references, %d of them new", l.rows, l.updated);
	r = r ? r : audit_put(t, c->actor, c->dotted, "case", words);
	if (r)
		return r;
	*ret = json_pack("{s:i,s:i,s:i}", "rows", l.rows, "updated", l.updated, "unchanged", l.rows - l.updated);
	return *ret ? 0 : E_NOMEM;
}

#define WORKERS (CASE_WORKERS | R_(SECRETARY))
static const struct verb_arg reference_args[] = {
	CASE_ID_ARG,
	{ .name = "reference", .type = ARG_TEXT, .required = true, .max = REFERENCE_BYTES_MAX, .help_en = "what they call it; empty takes it away", .help_vi = "mã bên nhận; để trống là bỏ" },
};
static const struct verb_arg references_args[] = {
	{ .name = "file", .type = ARG_FILE, .rank = 1, .required = true, .min = 1, .max = FILE_BYTES_MAX,
	  .help_en = "the file that was handed over, with their references: JSON, or CSV with the columns code and reference",
	  .help_vi = "tệp bàn giao đã điền mã bên nhận: JSON, hoặc CSV có cột Mã và Mã bên nhận" },
};
static const struct verb verbs[] = {
	{ .noun = "case", .name = "reference", .kind = VERB_COMMAND, .roles = WORKERS, VERB_ARGS(reference_args),
	  .help_en = "what pakn.mattranso.vn calls this case", .help_vi = "mã của vụ việc này trên pakn.mattranso.vn", .command = command_reference },
	{ .noun = "case", .name = "references", .kind = VERB_COMMAND, .roles = WORKERS, VERB_ARGS(references_args),
	  .help_en = "references of many cases, all or none", .help_vi = "nhập mã bên nhận cho nhiều vụ việc, tất cả hoặc không gì cả", .command = command_references },
};
const struct verb_table casereference_verbs = VERB_TABLE(verbs);
