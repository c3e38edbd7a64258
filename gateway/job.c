/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of long work and the duty that runs their steps, one step a tick, in turn. A step that fails is undone and the job
 * then clears up in pieces of its own; all of it is in the row, so a restart goes on where it stopped. Knows no kind of
 * work by name: kinds come from the wiring. */
#include "gateway/job.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/json.h"
#include "gateway/base/log.h"
#include "gateway/core.h"
#include "gateway/store/store.h"

enum { JOB_NEW, JOB_NEXT, JOB_NEWEST, JOB_STEP, JOB_CLEARING, JOB_END, JOB_OLD, JOB_FORGET, JOB_SQL_COUNT };
#define COLUMNS "id, verb, actor, args, state, done, total, cursor, result, error"
static const char *const job_sql[JOB_SQL_COUNT] = {
	[JOB_NEW] = "INSERT INTO job (verb, actor, args, state, done, cursor, created_at, changed_at)"
		    " VALUES ($verb, $actor, $args, $state, 0, '{}', $now, $now)",
	[JOB_NEXT] = "SELECT " COLUMNS " FROM job WHERE state = 'running'"
		     " AND changed_at = (SELECT min(changed_at) FROM job WHERE state = 'running') ORDER BY id LIMIT 1",
	[JOB_NEWEST] = "SELECT max(changed_at) FROM job WHERE state = 'running'",
	[JOB_STEP] = "UPDATE job SET cursor = $cursor, done = $done, total = $total, changed_at = $at WHERE id = $id AND state = 'running'",
	[JOB_CLEARING] = "UPDATE job SET error = $error, result = $result, changed_at = $at WHERE id = $id AND state IN ('running', 'beside')"
			 " AND error IS NULL",
	[JOB_END] = "UPDATE job SET state = $state, result = coalesce($result, result), cursor = '{}', done = $done, total = $total, changed_at = $at"
		    " WHERE id = $id AND state IN ('running', 'beside')",
	[JOB_OLD] = "SELECT id, result FROM job WHERE keeps = 1 AND changed_at < $before AND state NOT IN ('running', 'beside') ORDER BY changed_at LIMIT 1",
	[JOB_FORGET] = "UPDATE job SET keeps = 0, result = $result WHERE id = $id",
};
const struct sql_module job_module = { "job", job_sql, JOB_SQL_COUNT };

#define CANCELLED "cancelled"
#define IDLE_MS 60000
#define VALUES_MS (INT64_C(30) * 24 * 3600000) /* how long refused rows say what stood in them: as long as people without a legal basis are kept */
#define LONG_MS 15 /* a tick that runs for so long begins nothing more */

/* A row with its texts parsed; error is not NULL while the job clears up. */
struct row {
	struct job job;
	json_t *args, *error;
	char *verb, *actor;
	struct refusal why;
};

static void row_done(struct row *w)
{
	json_decref(w->args);
	json_decref(w->error);
	json_decref(w->job.cursor);
	json_decref(w->job.result);
	refusal_done(&w->why);
	free(w->verb);
	free(w->actor);
}

static json_t *parsed(const char *text)
{
	json_t *value = NULL;
	return text && !json_parse(text, strlen(text), &value) ? value : NULL;
}

/* The duty sleeps long while there is no job; asking every duty once more does no harm. */
static void wake_duties(struct core *core, int64_t a, int64_t b)
{
	(void)a;
	(void)b;
	for (size_t i = 0; i < DUTIES_MAX; i++)
		core->duty_due_at[i] = 0;
}

static int insert(struct tick *t, const struct call *c, const char *verb, const json_t *args, const char *state, int64_t *ret_id)
{
	OWN(mem) char *text = json_text(args);
	if (!text)
		return E_NOMEM;
	struct statement *st = store_prepare(t->in.db, &job_module, JOB_NEW);
	bind_text(st, "$verb", verb);
	bind_text(st, "$actor", c->actor);
	bind_text(st, "$args", text);
	bind_text(st, "$state", state);
	bind_int(st, "$now", t->in.now_ms);
	int r = store_run(st);
	if (r)
		return r;
	*ret_id = store_last_id(t->in.db);
	tick_changed(t, "job");
	return 0;
}

int job_new(struct tick *t, const struct call *c, const char *verb, const json_t *args, int64_t *ret_id)
{
	int r = insert(t, c, verb, args, "running", ret_id);
	return r ? r : tick_after(t, wake_duties, 0, 0);
}

int job_new_beside(struct tick *t, const struct call *c, const char *verb, const json_t *args, int64_t *ret_id)
{
	return insert(t, c, verb, args, JOB_BESIDE, ret_id);
}

/* ---- running ---- */

static int read_next(struct tick *t, struct row *ret)
{
	struct statement *st = store_prepare(t->in.db, &job_module, JOB_NEXT);
	int r = store_row(st);
	if (r > 0) {
		*ret = (struct row){ .job = { .id = column_int(st, 0), .done = column_int(st, 5), .total = column_int(st, 6) },
				     .verb = strdup(column_text(st, 1)), .actor = strdup(column_text(st, 2)),
				     .args = parsed(column_text(st, 3)), .error = parsed(column_text(st, 9)) };
		ret->job.cursor = parsed(column_text(st, 7));
		if (!ret->job.cursor)
			ret->job.cursor = json_object();
		ret->job.verb = ret->verb;
		ret->job.actor = ret->actor;
		ret->job.args = ret->args;
		ret->job.why = &ret->why;
	}
	store_reset(st);
	return r > 0 ? 0 : r == 0 ? E_NOT_FOUND : r;
}

/* Behind every other running job, also when many steps fall into one millisecond: that is what makes them take turns. */
static int64_t behind_all(struct tick *t)
{
	struct statement *st = store_prepare(t->in.db, &job_module, JOB_NEWEST);
	int64_t newest = store_row(st) > 0 ? column_int(st, 0) : 0;
	store_reset(st);
	return newest >= t->in.now_ms ? newest + 1 : t->in.now_ms;
}

static void bind_progress(struct statement *st, const struct job *j)
{
	bind_int(st, "$id", j->id);
	bind_int(st, "$done", j->done);
	if (j->total)
		bind_int(st, "$total", j->total);
}

static int write_step(struct tick *t, const struct job *j)
{
	OWN(mem) char *cursor = json_text(j->cursor);
	if (!cursor)
		return E_NOMEM;
	int64_t at = behind_all(t);
	struct statement *st = store_prepare(t->in.db, &job_module, JOB_STEP);
	bind_progress(st, j);
	bind_text(st, "$cursor", cursor);
	bind_int(st, "$at", at);
	return store_run(st);
}

static int write_end(struct tick *t, const struct job *j, const char *state)
{
	OWN(mem) char *result = j->result ? json_text(j->result) : NULL;
	struct statement *st = store_prepare(t->in.db, &job_module, JOB_END);
	bind_progress(st, j);
	bind_text(st, "$state", state);
	bind_text(st, "$result", result);
	bind_int(st, "$at", t->in.now_ms);
	tick_changed(t, "job");
	return store_run(st);
}

static json_t *why_json(int err, const struct refusal *why)
{
	bool said = why->rule[0] != '\0';
	return json_pack("{s:s,s:i,s:s,s:O?,s:s}", "rule", said ? why->rule : "failed", "status", why->status ? why->status : 500, "field",
			 why->field, "args", why->args, "text", why->text[0] ? why->text : err_text(err));
}

/* What a failed step found out by then (refused rows) stays in the row as well; result may be NULL. */
static int write_error(struct tick *t, int64_t id, json_t *error, const json_t *result)
{
	OWN(mem) char *found = result ? json_text(result) : NULL;
	OWN(json) json_t *e = error;
	OWN(mem) char *text = e ? json_text(e) : NULL;
	if (!text)
		return E_NOMEM;
	int64_t at = behind_all(t);
	struct statement *st = store_prepare(t->in.db, &job_module, JOB_CLEARING);
	bind_int(st, "$id", id);
	bind_text(st, "$error", text);
	bind_text(st, "$result", found);
	bind_int(st, "$at", at);
	return store_run(st);
}

static const struct job_kind *kind_of(const struct tick *t, const char *verb)
{
	const struct wiring *w = t->core->wiring;
	for (size_t i = 0; w && i < w->n_jobs; i++)
		if (strcmp(w->jobs[i].verb, verb) == 0)
			return &w->jobs[i];
	return NULL;
}

/* Trouble of the store and of memory is not the job's fault: the tick ends and the step comes again. */
static bool is_trouble(int err)
{
	return err == E_BROKEN || err == E_UNKNOWN || err == E_UNAVAILABLE || err == E_NOMEM || err == E_CORRUPT;
}

/* Runs fn so that a failure leaves no write behind. */
static int guarded(struct tick *t, int (*fn)(struct tick *t, struct job *j), struct job *j)
{
	struct tick_mark *m;
	int r = tick_mark(t, &m);
	if (r)
		return r;
	r = fn(t, j);
	int end = tick_mark_end(t, m, r == 0 || r == E_AGAIN);
	return end ? end : r;
}

static int step(struct tick *t, struct row *w, const struct job_kind *kind, bool *ret_more)
{
	if (!kind)
		refuse(&w->why, E_INVALID, 500, "unknown_job", "", "This release knows no work called %s.", w->verb);
	int r = kind ? guarded(t, kind->step, &w->job) : E_INVALID;
	*ret_more = r == E_AGAIN || is_trouble(r);
	if (r == E_AGAIN)
		return write_step(t, &w->job);
	if (r == 0)
		return write_end(t, &w->job, "done");
	if (is_trouble(r))
		return r;
	log_warn("job.failed", "job=%lld verb=%s rule=%s", (long long)w->job.id, w->verb, w->why.rule);
	return write_error(t, w->job.id, why_json(r, &w->why), w->job.result);
}

static int clear(struct tick *t, struct row *w, const struct job_kind *kind)
{
	int r = kind && kind->clear ? guarded(t, kind->clear, &w->job) : 0;
	if (r == E_AGAIN)
		return write_step(t, &w->job);
	if (r && is_trouble(r))
		return r;
	if (r)
		log_error("job.clear", "job=%lld verb=%s error=%s", (long long)w->job.id, w->verb, err_text(r));
	json_decref(w->job.result);
	w->job.result = NULL;
	return write_end(t, &w->job, strcmp(json_str(w->error, "rule", ""), CANCELLED) == 0 ? "cancelled" : "failed");
}

static void lend_memory(struct core *core, struct job *j)
{
	if (core->job_memory.job != j->id)
		return;
	j->memory = core->job_memory.data;
	j->forget = core->job_memory.forget;
	core->job_memory.data = NULL;
	core->job_memory.job = 0;
}

/* The newest one stays; a job that ends leaves nothing. */
static void take_memory(struct core *core, struct job *j, bool more)
{
	if (!j->memory)
		return;
	if (!more) {
		j->forget(j->memory);
		return;
	}
	if (core->job_memory.data)
		core->job_memory.forget(core->job_memory.data);
	core->job_memory.job = j->id;
	core->job_memory.data = j->memory;
	core->job_memory.forget = j->forget;
}

bool job_has_time(const struct tick *t)
{
	return clock_mono_ms(t->core->clock) - t->mono_ms < LONG_MS;
}

void job_ahead(struct tick *t)
{
	store_ahead(store_prepare(t->in.db, &job_module, JOB_NEXT));
}

void job_hide_values(json_t *result)
{
	size_t i;
	json_t *row;
	json_array_foreach(json_object_get(result, "refused"), i, row)
		json_object_set_new(row, "value", json_null());
}

/* The oldest result that is old enough. E_NOT_FOUND: none is. */
static int forget_values(struct tick *t)
{
	struct statement *st = store_prepare(t->in.db, &job_module, JOB_OLD);
	bind_int(st, "$before", t->in.now_ms - VALUES_MS);
	int r = store_row(st);
	int64_t id = r > 0 ? column_int(st, 0) : 0;
	OWN(json) json_t *result = r > 0 ? parsed(column_text(st, 1)) : NULL;
	store_reset(st);
	if (r <= 0)
		return r ? r : E_NOT_FOUND;
	job_hide_values(result);
	OWN(mem) char *text = result ? json_text(result) : NULL;
	if (result && !text)
		return E_NOMEM;
	st = store_prepare(t->in.db, &job_module, JOB_FORGET);
	bind_int(st, "$id", id);
	bind_text(st, "$result", text);
	return store_run(st);
}

int job_duty(struct tick *t, int64_t *ret_due_at)
{
	struct row w = { 0 };
	int r = read_next(t, &w);
	if (r == E_NOT_FOUND) {
		r = forget_values(t);
		*ret_due_at = t->in.now_ms + (r ? IDLE_MS : 0);
		return r == E_NOT_FOUND ? 0 : r;
	}
	if (r)
		return r;
	const struct job_kind *kind = kind_of(t, w.verb);
	bool more = false;
	lend_memory(t->core, &w.job);
	r = w.error ? clear(t, &w, kind) : step(t, &w, kind, &more);
	take_memory(t->core, &w.job, more);
	row_done(&w);
	*ret_due_at = t->in.now_ms;
	return r;
}

int job_told(struct tick *t, int64_t id, const json_t *result)
{
	struct job j = { .id = id, .done = 1, .total = 1, .result = (json_t *)(uintptr_t)result };
	const char *rule = json_str(result, "rule", NULL);
	if (!rule)
		return write_end(t, &j, "done");
	log_warn("job.failed", "job=%lld rule=%s", (long long)id, rule);
	json_t *error = json_pack("{s:s,s:i,s:s,s:n,s:s}", "rule", rule, "status", (int)json_int(result, "status", 500), "field",
				  json_str(result, "field", ""), "args", "text", json_str(result, "text", "The work was not finished."));
	j.result = NULL;
	int r = write_error(t, id, error, NULL);
	return r ? r : write_end(t, &j, "failed");
}

int job_cancel(struct tick *t, const json_t *shown)
{
	struct job gone = { .id = json_int(shown, "id", 0), .done = json_int(shown, "done", 0), .total = json_int(shown, "total", 0) };
	const struct job_kind *kind = kind_of(t, json_str(shown, "verb", ""));
	int r = write_error(t, gone.id, json_pack("{s:s,s:i,s:s,s:n,s:s}", "rule", CANCELLED, "status", 409, "field", "", "args", "text",
						  "Cancelled by a person."), NULL);
	if (!r && (!kind || !kind->clear))
		r = write_end(t, &gone, CANCELLED);
	tick_changed(t, "job");
	return r;
}
