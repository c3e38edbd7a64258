/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who was reached and who spoke: campaigns (T5), target groups (T3), requests about personal data (T7). */
#ifndef CAUNOI_REPORT_REACH_H
#define CAUNOI_REPORT_REACH_H

#include "console/report/extent.h"

/* T5: campaigns that began in the period, as far as they are now. */
MUST_CHECK int reach_campaigns_sheet(const struct extent *s, json_t **ret);
/* T3: people who spoke, by the target groups TG01 … of their imported fields; small cells are hidden. */
MUST_CHECK int reach_targets_sheet(const struct extent *s, json_t **ret);
MUST_CHECK int reach_privacy_sheet(const struct extent *s, json_t **ret);

extern const struct sql_module reach_module;

#endif
