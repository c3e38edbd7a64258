/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Work over 50 ms: a row with progress, done in bounded steps, one step a tick, resumed after a restart. A module that has
 * long work registers a kind; its command makes the job with job_new and answers {"job":ID}. The CLI waits by job.show. */
#ifndef CAUNOI_GATEWAY_JOB_H
#define CAUNOI_GATEWAY_JOB_H

#include "gateway/tick.h"
#include "gateway/verb.h"

#define JOB_BESIDE "beside" /* the state of a running job that is done beside the core */

struct job {
	int64_t id;
	const char *verb, *actor;
	const json_t *args; /* as given to job_new */
	json_t *cursor;     /* the step's own memory between ticks; changed in place, written after the step */
	int64_t done, total; /* progress; total 0 = unknown */
	json_t *result;     /* set (a new reference) by the step that finishes */
	struct refusal *why; /* filled by a step that fails */
	/* What a step would otherwise work out again: kept for the next step while it can be, freed by forget. It may be gone
	 * at any time (restart, another job) and may be ahead of the cursor (a tick undone): it decides nothing. */
	void *memory;
	void (*forget)(void *memory);
};

/* One bounded piece of work (about 10–20 ms). E_AGAIN = more to do; 0 = finished (result set); other negative = failed: the
 * step's writes are rolled back and the job ends "failed" with why, and with the result when one was set (refused rows). */
typedef int (*job_step_fn)(struct tick *t, struct job *j);
/* Called in a tick of its own when a job failed or was cancelled, to clear up in pieces: E_AGAIN more, 0 done. May be NULL. */
typedef int (*job_clear_fn)(struct tick *t, struct job *j);
struct job_kind {
	const char *verb; /* "contact.import" */
	job_step_fn step;
	job_clear_fn clear;
};

MUST_CHECK int job_new(struct tick *t, const struct call *c, const char *verb, const json_t *args, int64_t *ret_id);
/* Work that the query process does in a child of its own, because it only reads: it finds the row by itself, also after a restart of
 * either, and tells the core the end of it. */
MUST_CHECK int job_new_beside(struct tick *t, const struct call *c, const char *verb, const json_t *args, int64_t *ret_id);
/* The end of such a job: its result, or {"rule","status","field","text"}. Nothing changes when the job has ended already. */
MUST_CHECK int job_told(struct tick *t, int64_t id, const json_t *result);
/* The job shape of the contract; E_NOT_FOUND. */
MUST_CHECK int job_json(const struct scope *in, int64_t id, json_t **ret);
/* Takes the values out of refused rows, which stay: what a file held is for whoever brought it, and not for ever. result may be NULL. */
void job_hide_values(json_t *result);
/* Ends a running job, or lets it clear up first; shown is its shape. */
MUST_CHECK int job_cancel(struct tick *t, const json_t *shown);
/* Duty: one step of one running job, in turn. */
MUST_CHECK int job_duty(struct tick *t, int64_t *ret_due_at);
void job_ahead(struct tick *t);
/* A step that does several pieces asks in between: has this tick time for one more? */
bool job_has_time(const struct tick *t);

extern const struct verb_table job_verbs;
extern const struct sql_module job_module, job_verbs_module;

#endif
