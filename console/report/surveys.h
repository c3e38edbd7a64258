/* SPDX-License-Identifier: GPL-3.0-or-later */
/* T6: what surveys found, with how many answered and what that is worth. */
#ifndef CAUNOI_REPORT_SURVEYS_H
#define CAUNOI_REPORT_SURVEYS_H

#include "console/report/extent.h"

/* Surveys of the campaigns that began in the period. */
MUST_CHECK int surveys_sheet(const struct extent *s, json_t **ret);

extern const struct sql_module surveys_module;

#endif
