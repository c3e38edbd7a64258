/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people spoke of: T1 by topic and unit, and the plan's tasks of the annual report. */
#ifndef CAUNOI_REPORT_TOPICS_H
#define CAUNOI_REPORT_TOPICS_H

#include "console/report/extent.h"

/* T1: a row a topic, cases and people, then a column for each unit that has any. */
MUST_CHECK int topics_sheet(const struct extent *s, json_t **ret);
/* A row a task of reports.conf: what was sent and heard about its topics. A topic of two tasks counts in both. */
MUST_CHECK int topics_tasks_sheet(const struct extent *s, json_t **ret);
/* "Bảo hiểm y tế"; the code itself where it is not known, "Chưa phân loại" for "". Borrowed. */
const char *topics_name(const struct extent *s, const char *code);

extern const struct sql_module topics_module;

#endif
