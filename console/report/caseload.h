/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many cases were open, came, were closed and are carried over, by unit. Every case received counts one, every closing and every
 * move to another unit takes one away, every reopening and arrival adds one: whatever happened, opening + new - closed = carried over. */
#ifndef CAUNOI_REPORT_CASELOAD_H
#define CAUNOI_REPORT_CASELOAD_H

#include "console/report/extent.h"

struct caseload {
	int64_t opening, received, reopened, came, closed, left, carried;
	int64_t in_time, late, overdue; /* first answers of the period; open at its end and past their day */
	int64_t working_days;           /* taken by those answers together */
};

/* T2, by unit with its total; *ret_sum (may be NULL) the whole. */
MUST_CHECK int caseload_sheet(const struct extent *s, json_t **ret, struct caseload *ret_sum);

extern const struct sql_module caseload_module;

#endif
