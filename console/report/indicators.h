/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The annual report's programme figures: last year, this year, the target, where it is from. */
#ifndef CAUNOI_REPORT_INDICATORS_H
#define CAUNOI_REPORT_INDICATORS_H

#include "console/report/extent.h"

/* Of the unit itself, for the year in which the period ends. E_CONFIG when the data file is wrong. */
MUST_CHECK int indicators_sheet(const struct extent *s, json_t **ret);

#endif
