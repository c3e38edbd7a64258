/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports as they are ordered and fetched: the period is settled, the order is a job that the query process does in a child of its
 * own, and the file is handed out in parts to whoever ordered it. What stands in a report is no business of this file. */
#ifndef CAUNOI_GATEWAY_REPORT_H
#define CAUNOI_GATEWAY_REPORT_H

#include "gateway/scope.h"
#include "gateway/tick.h"
#include "gateway/verb.h"

#define REPORT_DAY_BYTES 12 /* "2026-11-16" */
#define REPORT_FORMS "reports/reports.conf" /* the data file of days and forms */
#define REPORT_FOLDER "reports" /* in data_dir: files of mode 0600 */

struct report_period {
	char from[REPORT_DAY_BYTES], to[REPORT_DAY_BYTES]; /* local days, both inside */
};

/* What is meant when no period is said: the month before this one; for "annual" the last twelve months that have ended, counted from the
 * data file's year_begins (16 November, so that figures exist when the report is due on the 20th). */
void report_period_usual(const struct scope *in, const char *kind, struct report_period *ret);
/* The arguments "from" and "to" of a call; what is usual for the kind when neither was given. 422 "bad_time", "out_of_range". */
MUST_CHECK int report_period_said(const struct scope *in, const struct call *c, const char *kind, struct report_period *ret, struct refusal *why);
/* The argument "unit", else the caller's own, else the organisation's; borrowed. 422 "unknown_unit", 403 "territory". */
MUST_CHECK int report_unit_said(const struct scope *in, const struct call *c, const char **ret, struct refusal *why);

struct report_order {
	const char *kind, *unit;
	struct report_period period;
	json_t *more; /* what else the job is told, an object; borrowed, may be NULL */
};
/* The job of it, in the format that the call asks for; audited. `report download` hands its file to whoever ordered it. */
MUST_CHECK int report_order(struct tick *t, const struct call *c, const struct report_order *o, int64_t *ret_job);

extern const struct verb_table report_verbs;
extern const struct sql_module report_module;

#endif
