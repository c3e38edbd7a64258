/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The import job: read and stage, mark, apply, tidy. Its cursor is all it remembers between ticks. A failed or cancelled import
 * is taken back by clear, in pieces, through what the cursor knows. */
#include "campaigns/import.h"

#include <stdlib.h>
#include <string.h>

#include "campaigns/heading.h"
#include "campaigns/reader.h"
#include "campaigns/staging.h"
#include "config/config.h"
#include "gateway/audit.h"
#include "gateway/base/fold.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/text.h"
#include "gateway/group.h"
#include "gateway/store/store.h"

#define ROWS_STAGED 1000  /* rows a step that writes */
#define ROWS_CHECKED 4000 /* rows a step that only reads */
#define ROWS_APPLIED 1000
#define ROWS_DROPPED 1000
#define CHUNKS_DROPPED 16
#define NAME_BYTES_MAX 300
#define VALUE_BYTES_MAX 1000
#define SHOWN_BYTES 80

enum import_sql { IMPORT_NEW, IMPORT_JOB, IMPORT_BUSY, IMPORT_STATE, IMPORT_SQL_COUNT };
static const char *const import_sql[IMPORT_SQL_COUNT] = {
	[IMPORT_NEW] = "INSERT INTO import (state, basis, unit, created_by, created_at) VALUES ('waiting', $basis, $unit, $actor, $now)",
	[IMPORT_JOB] = "UPDATE import SET job = $job WHERE id = $id",
	[IMPORT_BUSY] = "SELECT 1 FROM import WHERE state = 'staging' AND id <> $id LIMIT 1",
	[IMPORT_STATE] = "UPDATE import SET state = $state, grp = $grp WHERE id = $id AND state <> 'done'",
};
const struct sql_module import_module = { "import", import_sql, IMPORT_SQL_COUNT };

/* One step's work; tallies are read from the cursor and written back to it. */
struct piece {
	struct tick *t;
	struct job *job;
	struct staging staging;
	struct heading heading;
	json_t *refused, *reasons, *fields;
	int64_t rows, added, updated, unchanged, duplicates, n_refused, members;
	struct complaint complaint;
};

static const char *const tallies[] = { "rows", "added", "updated", "unchanged", "duplicates", "n_refused", "members" };

static void tally_places(struct piece *p, int64_t *ret[COUNT_OF(tallies)])
{
	int64_t *const places[] = { &p->rows, &p->added, &p->updated, &p->unchanged, &p->duplicates, &p->n_refused, &p->members };
	memcpy(ret, places, sizeof(places));
}

static json_t *kept(json_t *cursor, const char *key, json_t *fresh)
{
	json_t *there = json_object_get(cursor, key);
	if (there) {
		json_decref(fresh);
		return there;
	}
	return !fresh || json_object_set_new(cursor, key, fresh) ? NULL : fresh;
}

static int piece_init(struct piece *p, struct tick *t, struct job *j)
{
	int64_t *places[COUNT_OF(tallies)];
	json_t *c = j->cursor;
	memset(p, 0, sizeof(*p));
	p->t = t;
	p->job = j;
	p->staging = (struct staging){ .import = json_int(j->args, "import", 0), .grp = json_int(c, "grp", 0),
				       .dry = json_flag(j->args, "dry-run", false), .basis = json_str(j->args, "basis", "") };
	p->refused = kept(c, "refused", json_array());
	p->reasons = kept(c, "reasons", json_object());
	tally_places(p, places);
	for (size_t i = 0; i < COUNT_OF(tallies); i++)
		*places[i] = json_int(c, tallies[i], 0);
	p->fields = json_object();
	return p->refused && p->reasons && p->fields ? 0 : E_NOMEM;
}

static int piece_save(struct piece *p)
{
	int64_t *places[COUNT_OF(tallies)];
	int r = 0;
	tally_places(p, places);
	for (size_t i = 0; !r && i < COUNT_OF(tallies); i++)
		r = json_set_int(p->job->cursor, tallies[i], *places[i]);
	return r;
}

static void piece_done(struct piece *p)
{
	heading_done(&p->heading);
	json_decref(p->fields);
}

static int shape(const struct piece *p, json_t **ret)
{
	bool none = p->n_refused > 0;
	*ret = json_pack("{s:I, s:I, s:I, s:I, s:I, s:O, s:O, s:b}", "rows", (json_int_t)p->rows, "added", (json_int_t)(none ? 0 : p->added),
			 "updated", (json_int_t)(none ? 0 : p->updated), "unchanged", (json_int_t)(none ? 0 : p->unchanged), "duplicates",
			 (json_int_t)p->duplicates, "refused", p->refused, "reasons", p->reasons, "dry_run", p->staging.dry);
	return *ret ? 0 : E_NOMEM;
}

/* ---- rows ---- */

static int count_reason(struct piece *p, const char *reason)
{
	return json_object_set_new(p->reasons, reason, json_integer(json_int(p->reasons, reason, 0) + 1)) ? E_NOMEM : 0;
}

static int refuse_row(struct piece *p, const struct csv_row *row, size_t column, const char *reason)
{
	const char *value = row->fields[column];
	p->n_refused++;
	int r = count_reason(p, reason);
	if (r || json_array_size(p->refused) >= IMPORT_REFUSED_LISTED)
		return r;
	json_t *one = json_pack("{s:i, s:s, s:o, s:s}", "row", row->row, "column", p->heading.names[column], "value",
				json_stringn(value, text_cut(value, SHOWN_BYTES)), "reason", reason);
	return one && !json_array_append_new(p->refused, one) ? 0 : E_NOMEM;
}

/* Which reason forbids this number, or NULL. */
static int check_phone(struct piece *p, const char *text, struct phone *ret, const char **ret_reason)
{
	*ret_reason = NULL;
	int r = phone_parse(&p->t->in.config->plan, text, ret, ret_reason);
	if (r == E_INVALID)
		return 0;
	if (!r && !phone_can_receive(ret))
		*ret_reason = phone_kind_name(ret->kind);
	return r;
}

static const char *check_length(enum column column, const char *value)
{
	size_t n = strlen(value);
	if (column == COLUMN_NAME && n > NAME_BYTES_MAX)
		return "name_too_long";
	return n > VALUE_BYTES_MAX ? "value_too_long" : NULL;
}

static bool is_ascii(const char *text)
{
	while (*text && (unsigned char)*text < 0x80)
		text++;
	return !*text;
}

/* Texts are kept as NFC; the copies live in holder until the row is through. */
static int normal(json_t *holder, const char *value, const char **ret)
{
	if (is_ascii(value)) {
		*ret = value;
		return 0;
	}
	OWN(mem) char *nfc = text_nfc(value);
	json_t *copy = nfc ? json_string(nfc) : NULL;
	if (!copy || json_array_append_new(holder, copy))
		return E_NOMEM;
	*ret = json_string_value(copy);
	return 0;
}

static int take_cell(struct piece *p, size_t i, const char *value, json_t *holder, struct staged *ret)
{
	const char *text = NULL;
	int r = normal(holder, value, &text);
	if (r)
		return r;
	switch (p->heading.columns[i]) {
	case COLUMN_NAME: ret->name = text; break;
	case COLUMN_UNIT: ret->unit = text; break;
	case COLUMN_HAMLET: ret->hamlet = text; break;
	case COLUMN_LANGUAGE: ret->language = text; break;
	case COLUMN_FIELD:
		if (*p->heading.keys[i] && json_object_set_new(p->fields, p->heading.keys[i], json_string(text)))
			return E_NOMEM;
		break;
	case COLUMN_PHONE:
	case COLUMN_COUNT: break;
	}
	return 0;
}

/* Reads the cells. *ret_refused: a cell was refused, once a row. */
static int read_row(struct piece *p, const struct csv_row *row, json_t *holder, struct staged *ret, bool *ret_refused)
{
	const char *reason;
	size_t phone = (size_t)p->heading.phone;
	*ret_refused = true;
	int r = check_phone(p, row->fields[phone], &ret->phone, &reason);
	if (r || reason)
		return r ? r : refuse_row(p, row, phone, reason);
	for (size_t i = 0; !r && i < row->n; i++) {
		if (!*row->fields[i])
			continue;
		reason = check_length(p->heading.columns[i], row->fields[i]);
		if (reason)
			return refuse_row(p, row, i, reason);
		r = take_cell(p, i, row->fields[i], holder, ret);
	}
	*ret_refused = false;
	return r;
}

static int count_row(struct piece *p, enum staged_as as, bool member)
{
	p->members += member;
	switch (as) {
	case STAGED_ADDED: p->added++; break;
	case STAGED_UPDATED: p->updated++; break;
	case STAGED_UNCHANGED: p->unchanged++; break;
	case STAGED_DUPLICATE: p->duplicates++; return count_reason(p, "duplicate");
	}
	return 0;
}

static int on_row(void *self, const struct csv_row *row)
{
	struct piece *p = self;
	if (row->row == 1)
		return heading_read(row, json_str(p->job->args, "map", NULL), &p->heading, &p->complaint);
	OWN(json) json_t *holder = json_array();
	struct staged staged = { 0 };
	bool refused, member;
	enum staged_as as;
	json_object_clear(p->fields);
	p->rows++;
	int r = holder ? read_row(p, row, holder, &staged, &refused) : E_NOMEM;
	if (r || refused || p->n_refused) /* nothing will be imported: only look on */
		return r;
	staged.fields = p->fields;
	r = staging_put(p->t, &p->staging, &staged, &as, &member);
	return r ? r : count_row(p, as, member);
}

/* ---- phases ---- */

static int set_state(struct tick *t, const struct staging *s, const char *state)
{
	struct statement *st = store_prepare(t->in.db, &import_module, IMPORT_STATE);
	bind_int(st, "$id", s->import);
	bind_text(st, "$state", state);
	if (s->grp)
		bind_int(st, "$grp", s->grp);
	return store_run(st);
}

static int set_phase(struct job *j, const char *phase)
{
	int r = json_set_str(j->cursor, "phase", phase);
	return r ? r : E_AGAIN;
}

static int is_busy(struct tick *t, int64_t import)
{
	struct statement *st = store_prepare(t->in.db, &import_module, IMPORT_BUSY);
	bind_int(st, "$id", import);
	int r = store_row(st);
	store_reset(st);
	return r;
}

/* One import stages at a time: two that bring the same person could not tell whose it is. */
static int phase_wait(struct piece *p)
{
	struct tick *t = p->t;
	json_t *c = p->job->cursor, *args = (json_t *)(uintptr_t)p->job->args;
	struct group g = { 0 };
	int64_t newest = 0;
	bool is_new = false;
	int r = is_busy(t, p->staging.import);
	if (r)
		return r > 0 ? E_AGAIN : r;
	r = reader_upload(&t->in, json_int(args, "file", 0), p->job->actor, &p->job->total);
	if (r == E_NOT_FOUND || r == E_DENIED)
		return refuse(p->job->why, E_NOT_FOUND, 404, "no_upload", "file", "The file was not uploaded.");
	if (!r)
		r = staging_newest(&t->in, &newest);
	if (!r && p->staging.dry) {
		r = group_find(&t->in, json_str(args, "group", ""), &g);
		r = r == E_NOT_FOUND ? 0 : r;
	} else if (!r) {
		r = group_put(t, json_str(args, "group", ""), json_str(args, "unit", NULL), &g, &is_new);
	}
	p->staging.grp = g.id;
	if (!r)
		r = set_state(t, &p->staging, p->staging.dry ? "dry" : "staging");
	if (!r && (json_set_int(c, "first", newest) || json_set_int(c, "grp", g.id) || json_object_set_new(c, "grp_new", json_boolean(is_new))))
		r = E_NOMEM;
	return r ? r : set_phase(p->job, "read");
}

static int refuse_all(struct piece *p)
{
	int r = shape(p, &p->job->result);
	if (r)
		return r;
	return refuse(p->job->why, E_INVALID, 422, "import_refused", "file", "%lld of %lld rows are refused; nothing was imported.",
		      (long long)p->n_refused, (long long)p->rows);
}

static int refuse_file(struct piece *p, const struct complaint *c)
{
	int r = shape(p, &p->job->result);
	if (r)
		return r;
	if (c->line)
		return refuse(p->job->why, E_INVALID, 422, c->rule, "file", "Line %d: %s.", c->line, c->text);
	return refuse(p->job->why, E_INVALID, 422, c->rule, *c->field ? c->field : "file", "%s", c->text);
}

static int phase_read(struct piece *p)
{
	struct reader_place place = reader_place_load(p->job->cursor);
	struct complaint c = { 0 };
	int n = p->n_refused ? ROWS_CHECKED : ROWS_STAGED;
	int r = reader_run(&p->t->in, json_int(p->job->args, "file", 0), n, on_row, p, &place, &c);
	if (r == E_INVALID && (c.rule[0] || p->complaint.rule[0]))
		return refuse_file(p, c.rule[0] ? &c : &p->complaint);
	p->job->done = place.bytes;
	if (!r)
		r = piece_save(p);
	if (!r)
		r = reader_place_save(&place, p->job->cursor);
	if (r)
		return r;
	if (!place.ended)
		return E_AGAIN;
	if (p->n_refused)
		return refuse_all(p);
	return set_phase(p->job, p->staging.dry ? "drop" : "mark");
}

static int audit(struct piece *p)
{
	char subject[40];
	OWN(mem) char *detail = NULL;
	snprintf(subject, sizeof(subject), "import:%lld", (long long)p->staging.import);
	if (asprintf(&detail, "group %s, basis %s, rows %lld", json_str(p->job->args, "group", ""), p->staging.basis, (long long)p->rows) < 0)
		return E_NOMEM;
	return audit_put(p->t, p->job->actor, "contact.import", subject, detail);
}

/* The one update by which everything becomes visible. */
static int phase_mark(struct piece *p)
{
	int r = staging_mark_done(p->t, p->staging.import);
	if (!r && (p->members || p->added || p->updated))
		r = group_grown(p->t, p->staging.grp, p->members);
	if (!r)
		r = audit(p);
	if (r)
		return r;
	tick_changed(p->t, "contact");
	return set_phase(p->job, "apply");
}

static int phase_apply(struct piece *p)
{
	int r = staging_apply(p->t, p->staging.import, ROWS_APPLIED);
	return r ? r : set_phase(p->job, "tidy");
}

static int phase_drop(struct piece *p)
{
	int r = staging_drop(p->t, &p->staging, json_int(p->job->cursor, "first", 0), ROWS_DROPPED);
	return r ? r : set_phase(p->job, "tidy");
}

static int phase_tidy(struct piece *p)
{
	int r = reader_drop(p->t, json_int(p->job->args, "file", 0), CHUNKS_DROPPED);
	return r ? r : shape(p, &p->job->result);
}

static int step(struct tick *t, struct job *j)
{
	static const struct {
		const char *name;
		int (*run)(struct piece *p);
	} phases[] = { { "wait", phase_wait }, { "read", phase_read }, { "mark", phase_mark }, { "apply", phase_apply },
		       { "drop", phase_drop }, { "tidy", phase_tidy } };
	OWN(mem) struct piece *p = malloc(sizeof(*p));
	if (!p)
		return E_NOMEM;
	const char *phase = json_str(j->cursor, "phase", "wait");
	int r = piece_init(p, t, j);
	for (size_t i = 0; !r && i < COUNT_OF(phases); i++)
		if (!strcmp(phases[i].name, phase)) {
			r = phases[i].run(p);
			break;
		}
	piece_done(p);
	return r;
}

static bool is_visible(const struct job *j)
{
	const char *phase = json_str(j->cursor, "phase", "");
	return !strcmp(phase, "apply") || (!strcmp(phase, "tidy") && !json_flag(j->args, "dry-run", false));
}

/* Cancelled behind the mark, an import stays: its changes are applied to the end. */
static int clear(struct tick *t, struct job *j)
{
	struct staging s = { .import = json_int(j->args, "import", 0), .grp = json_int(j->cursor, "grp", 0) };
	int r = 0;
	if (is_visible(j))
		r = staging_apply(t, s.import, ROWS_APPLIED);
	else if (json_object_get(j->cursor, "first"))
		r = staging_drop(t, &s, json_int(j->cursor, "first", 0), ROWS_DROPPED);
	if (!r)
		r = reader_drop(t, json_int(j->args, "file", 0), CHUNKS_DROPPED);
	if (!r && !is_visible(j) && json_flag(j->cursor, "grp_new", false))
		r = group_drop_unused(t, s.grp);
	if (!r && !is_visible(j))
		r = set_state(t, &s, "dropped");
	return r;
}

const struct job_kind import_job = { .verb = "contact.import", .step = step, .clear = clear };

/* ---- the verb ---- */

static int insert(struct tick *t, const struct call *c, const char *basis, int64_t *ret_id)
{
	struct statement *st = store_prepare(t->in.db, &import_module, IMPORT_NEW);
	bind_text(st, "$basis", basis);
	bind_text(st, "$unit", c->unit && *c->unit ? c->unit : NULL);
	bind_text(st, "$actor", c->actor);
	bind_int(st, "$now", t->in.now_ms);
	int r = store_run(st);
	if (!r)
		*ret_id = store_last_id(t->in.db);
	return r;
}

static int make_job(struct tick *t, const struct call *c, int64_t import, int64_t *ret_job)
{
	OWN(json) json_t *args = json_deep_copy(c->args);
	if (!args || json_set_int(args, "import", import) || json_set_str(args, "unit", c->unit))
		return E_NOMEM;
	int r = job_new(t, c, import_job.verb, args, ret_job);
	if (r)
		return r;
	struct statement *st = store_prepare(t->in.db, &import_module, IMPORT_JOB);
	bind_int(st, "$id", import);
	bind_int(st, "$job", *ret_job);
	return store_run(st);
}

static int check_text(const struct call *c, const char *name, struct refusal *why)
{
	OWN(mem) char *folded = fold(json_str(c->args, name, ""));
	if (!folded)
		return E_NOMEM;
	return *folded ? 0 : refuse(why, E_INVALID, 422, "missing", name, "The %s is empty.", name);
}

static int verb_import(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	int64_t bytes, import = 0, job = 0;
	int r = check_text(c, "group", why);
	if (!r)
		r = check_text(c, "basis", why);
	if (r)
		return r;
	r = reader_upload(&t->in, json_int(c->args, "file", 0), c->actor, &bytes);
	if (r == E_NOT_FOUND || r == E_DENIED)
		return refuse(why, E_NOT_FOUND, 404, "no_upload", "file", "The file was not uploaded.");
	if (!r)
		r = insert(t, c, json_str(c->args, "basis", ""), &import);
	if (!r)
		r = make_job(t, c, import, &job);
	if (r)
		return r;
	*ret = json_pack("{s:I}", "job", (json_int_t)job);
	return *ret ? 0 : E_NOMEM;
}

static const struct verb_arg import_args[] = {
	{ .name = "file", .type = ARG_UPLOAD, .rank = 1, .required = true, .help_en = "list of people, CSV", .help_vi = "danh sách, tệp CSV" },
	{ .name = "group", .type = ARG_TEXT, .required = true, .min = 1, .max = GROUP_NAME_BYTES_MAX, .help_en = "list they belong to, made when new",
	  .help_vi = "danh sách, tạo nếu chưa có" },
	{ .name = "basis", .type = ARG_TEXT, .required = true, .min = 1, .max = 1000, .help_en = "legal basis and proof", .help_vi = "căn cứ pháp lý" },
	{ .name = "dry-run", .type = ARG_FLAG, .otherwise = "false", .help_en = "only check", .help_vi = "chỉ kiểm tra" },
	{ .name = "map", .type = ARG_TEXT, .max = 2000, .help_en = "column=field,… where the header says otherwise",
	  .help_vi = "cột=trường,… khi tiêu đề khác" },
};
static const struct verb verbs[] = {
	{ .noun = "contact", .name = "import", .kind = VERB_COMMAND, .roles = R_(OUTREACH), VERB_ARGS(import_args),
	  .help_en = "take in a list of people, all or nothing", .help_vi = "nhập danh sách, tất cả hoặc không", .command = verb_import },
};
const struct verb_table import_verbs = VERB_TABLE(verbs);
