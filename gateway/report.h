/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports as they are ordered and fetched: the period is settled, the order is a job that the query process does in a child of its
 * own, and the file is handed out in parts to whoever ordered it. What stands in a report is no business of this file. */
#ifndef CAUNOI_GATEWAY_REPORT_H
#define CAUNOI_GATEWAY_REPORT_H

#include "gateway/scope.h"
#include "gateway/tick.h"
#include "gateway/verb.h"

#define REPORT_DAY_BYTES 12 /* "2026-11-16" */
#define REPORT_FOLDER "reports" /* in data_dir: files of mode 0600 */

struct report_period {
	char from[REPORT_DAY_BYTES], to[REPORT_DAY_BYTES]; /* local days, both inside */
};

/* What is meant when no period is said: the month before this one; for "annual" the last twelve months that have ended, counted from the
 * data file's year_begins (16 November, so that figures exist when the report is due on the 20th). */
void report_period_usual(const struct scope *in, const char *kind, struct report_period *ret);

extern const struct verb_table report_verbs;
extern const struct sql_module report_module;

#endif
