/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Closings that deserve a second look: at once, many at a time, without a word to who had written. */
#ifndef CAUNOI_REPORT_HONESTY_H
#define CAUNOI_REPORT_HONESTY_H

#include "console/report/extent.h"

#define HONESTY_QUICK_MS (10 * 60000)
#define HONESTY_BATCH 5 /* closings of one unit within one minute */

/* Adds the four tables to sheets: the summary by unit, quick ones, batches, silent ones. Restricted cases are counted, not listed. */
MUST_CHECK int honesty_sheets(const struct extent *s, json_t *sheets);

extern const struct sql_module honesty_module;

#endif
