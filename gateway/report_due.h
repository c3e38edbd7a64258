/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The annual report that is due: reminded of on the data file's days, late from its day on, until it was made after its period ended. An
 * office that had no case in the period is not asked for one. */
#ifndef CAUNOI_GATEWAY_REPORT_DUE_H
#define CAUNOI_GATEWAY_REPORT_DUE_H

#include "gateway/report.h"

enum report_due_state { REPORT_COMING, REPORT_DUE, REPORT_LATE }; /* the period has not ended; it has; the day has passed */

struct report_due {
	struct report_period period;
	char late_from[REPORT_DAY_BYTES]; /* the first day on which it is late */
	enum report_due_state state;
	int reminder; /* how many of the days have come */
};

/* 1 with *ret, 0 nothing is due, or negative. */
MUST_CHECK int report_due_find(const struct scope *in, const char *unit, struct report_due *ret);

extern const struct verb_table report_due_verbs;
extern const struct sql_module report_due_module;

#endif
