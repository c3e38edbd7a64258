/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which units one level below have made their own report of the same kind and period, and which have not. */
#ifndef CAUNOI_REPORT_ROLLUP_H
#define CAUNOI_REPORT_ROLLUP_H

#include "console/report/extent.h"

/* *ret NULL for a unit with nothing below. */
MUST_CHECK int rollup_sheet(const struct extent *s, json_t **ret);

extern const struct sql_module rollup_module;

#endif
