/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The job of a Do-Not-Call list: some rows a step, straight into a list that nobody sees before the last. Its cursor is all it knows. */
#include "campaigns/dnc_import.h"

#include <string.h>

#include "campaigns/filejob.h"
#include "campaigns/heading.h"
#include "campaigns/reader.h"
#include "config/config.h"
#include "gateway/audit.h"
#include "gateway/base/json.h"
#include "gateway/base/own.h"
#include "gateway/base/seal.h"
#include "gateway/dnc.h"

#define ROWS 1000 /* a step */
#define ROWS_CLEARED 2000

struct piece {
	struct tick *t;
	struct job *job;
	int64_t list;
	struct heading heading;
	struct complaint *complaint;
};

static int put_number(struct piece *p, const char *e164)
{
	uint8_t hash[SEAL_HASH_BYTES];
	bool is_new = false;
	seal_hash(p->t->in.seal, e164, hash);
	int r = dnc_put(p->t, p->list, hash, &is_new);
	return r ? r : filejob_count(p->job, is_new ? "added" : "duplicates");
}

static int on_row(void *self, const struct csv_row *row)
{
	struct piece *p = self;
	struct phone phone;
	const char *reason = NULL;
	if (row->row == 1)
		return heading_read(row, json_str(p->job->args, "map", NULL), &p->heading, p->complaint);
	int r = filejob_count(p->job, "rows");
	if (!r)
		r = phone_parse(&p->t->in.config->plan, row->fields[p->heading.phone], &phone, &reason);
	if (r == E_INVALID)
		return filejob_refuse_row(p->job, row->row, p->heading.names[p->heading.phone], row->fields[p->heading.phone], "invalid_number", reason);
	return r || json_int(p->job->cursor, "n_refused", 0) ? r : put_number(p, phone.e164);
}

static int shape(const struct job *j, json_t **ret)
{
	const json_t *c = j->cursor;
	bool none = json_int(c, "n_refused", 0) > 0;
	json_t *refused = json_object_get(c, "refused"), *reasons = json_object_get(c, "reasons");
	*ret = json_pack("{s:I, s:I, s:I, s:o, s:o}", "rows", (json_int_t)json_int(c, "rows", 0), "added",
			 (json_int_t)(none ? 0 : json_int(c, "added", 0)), "duplicates", (json_int_t)json_int(c, "duplicates", 0), "refused",
			 refused ? json_incref(refused) : json_array(), "reasons", reasons ? json_incref(reasons) : json_object());
	return *ret ? 0 : E_NOMEM;
}

static int refuse_file(struct job *j, const struct complaint *c)
{
	int r = shape(j, &j->result);
	return r ? r : filejob_refuse(j, c);
}

static int set_phase(struct job *j, const char *phase)
{
	int r = json_set_str(j->cursor, "phase", phase);
	return r ? r : E_AGAIN;
}

/* ---- phases ---- */

static int phase_begin(struct piece *p)
{
	struct complaint c = { 0 };
	bool sheet = false;
	int r = filejob_convert(p->t, p->job, &sheet, &c);
	if (r == E_INVALID && c.rule[0])
		return refuse_file(p->job, &c);
	if (!r)
		r = reader_place_save(&(struct reader_place){ .by_line = sheet }, p->job->cursor, "place");
	if (!r)
		r = dnc_new(p->t, p->job->actor, &p->list);
	if (!r)
		r = json_set_int(p->job->cursor, "list", p->list);
	return r ? r : set_phase(p->job, "read");
}

static int phase_read(struct piece *p)
{
	struct complaint c = { 0 };
	struct reader_place place = reader_place_load(p->job->cursor, "place");
	p->complaint = &c;
	int r = reader_run(&p->t->in, filejob_source(p->job), ROWS, on_row, p, &place, &c);
	heading_done(&p->heading);
	if (r == E_INVALID && c.rule[0])
		return refuse_file(p->job, &c);
	p->job->done = place.bytes;
	if (!r)
		r = reader_place_save(&place, p->job->cursor, "place");
	if (r || !place.ended)
		return r ? r : E_AGAIN;
	int64_t n = json_int(p->job->cursor, "n_refused", 0);
	if (!n)
		return set_phase(p->job, "mark");
	r = shape(p->job, &p->job->result);
	return r ? r : refuse(p->job->why, E_INVALID, 422, "import_refused", "file", "%lld of %lld rows are refused; the list before stays.",
			      (long long)n, (long long)json_int(p->job->cursor, "rows", 0));
}

static int phase_mark(struct piece *p)
{
	char detail[64];
	int r = dnc_done(p->t, p->list);
	snprintf(detail, sizeof(detail), "%lld numbers", (long long)json_int(p->job->cursor, "added", 0));
	if (!r)
		r = audit_put(p->t, p->job->actor, "consent.dnc-import", "dnc", detail);
	tick_changed(p->t, "consent");
	return r ? r : set_phase(p->job, "tidy");
}

static int phase_tidy(struct piece *p)
{
	int r = dnc_clear(p->t, p->list, false, ROWS_CLEARED);
	if (!r)
		r = filejob_drop(p->t, p->job);
	return r ? r : shape(p->job, &p->job->result);
}

static int step(struct tick *t, struct job *j)
{
	struct piece p = { .t = t, .job = j, .list = json_int(j->cursor, "list", 0) };
	const char *phase = json_str(j->cursor, "phase", "begin");
	if (!strcmp(phase, "begin"))
		return phase_begin(&p);
	if (!strcmp(phase, "read"))
		return phase_read(&p);
	return strcmp(phase, "mark") ? phase_tidy(&p) : phase_mark(&p);
}

/* Behind the mark the list is in force and stays. */
static int clear(struct tick *t, struct job *j)
{
	int64_t list = json_int(j->cursor, "list", 0);
	bool in_force = !strcmp(json_str(j->cursor, "phase", ""), "tidy");
	int r = list ? dnc_clear(t, list, !in_force, ROWS_CLEARED) : 0;
	return r ? r : filejob_drop(t, j);
}

const struct job_kind dnc_import_job = { .verb = "consent.dnc-import", .step = step, .clear = clear };

static int command(struct tick *t, const struct call *c, json_t **ret, struct refusal *why)
{
	return filejob_begin(t, c, &dnc_import_job, ret, why);
}

static const struct verb_arg args[] = {
	{ .name = "file", .type = ARG_UPLOAD, .rank = 1, .required = true, .help_en = "list of numbers, CSV or XLSX", .help_vi = "danh sách số, tệp CSV hoặc XLSX" },
	{ .name = "map", .type = ARG_TEXT, .max = 2000, .help_en = "column=phone where the header says otherwise", .help_vi = "cột=phone khi tiêu đề khác" },
};
static const struct verb verbs[] = {
	{ .noun = "consent", .name = "dnc-import", .whole = true, .kind = VERB_COMMAND, .roles = R_(OUTREACH), VERB_ARGS(args), .command = command,
	  .help_en = "take in the Do-Not-Call list; it replaces the one before", .help_vi = "nhập danh sách không quảng cáo, thay danh sách trước" },
};
const struct verb_table dnc_import_verbs = VERB_TABLE(verbs);
