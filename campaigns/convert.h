/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first part of an import from a spreadsheet: the upload becomes a second one that holds CSV, which is then read like any other. Its
 * memory may be lost at any time: it begins again and writes nothing twice. */
#ifndef CAUNOI_CAMPAIGNS_CONVERT_H
#define CAUNOI_CAMPAIGNS_CONVERT_H

#include "gateway/base/complaint.h"
#include "gateway/job.h"

/* Is this upload a spreadsheet? 1, 0, or negative; E_INVALID with *c (rule "xls") for one of a kind that is not read. */
int convert_is_needed(const struct scope *in, int64_t upload, struct complaint *c);
/* One piece. E_AGAIN: more; 0: done; E_INVALID with *c: the rules of spreadsheet.h. */
MUST_CHECK int convert_step(struct tick *t, struct job *j, int64_t upload, struct complaint *c);
/* The upload that convert_step writes, 0 = none. */
int64_t convert_target(const struct job *j);

extern const struct sql_module convert_module;

#endif
