/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Closings that deserve a second look: within ten minutes, five and more of a unit within one, without a word to who had written. */
#ifndef CAUNOI_REPORT_HONESTY_H
#define CAUNOI_REPORT_HONESTY_H

#include "console/report/extent.h"

/* Adds the four tables to sheets: the summary by unit, quick ones, batches, silent ones. Restricted cases are counted, not listed. */
MUST_CHECK int honesty_sheets(const struct extent *s, json_t *sheets);

extern const struct sql_module honesty_module;

#endif
