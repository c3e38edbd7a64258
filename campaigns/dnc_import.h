/* SPDX-License-Identifier: GPL-3.0-or-later */
/* consent dnc-import: the Do-Not-Call list from a CSV or XLSX file with a column of numbers, all or nothing; it replaces the one before.
 * Result {"rows","added","duplicates","refused":[{"row","column","value","reason"}],"reasons":{reason: n}}. */
#ifndef CAUNOI_CAMPAIGNS_DNC_IMPORT_H
#define CAUNOI_CAMPAIGNS_DNC_IMPORT_H

#include "gateway/job.h"
#include "gateway/verb.h"

extern const struct job_kind dnc_import_job;
extern const struct verb_table dnc_import_verbs;

#endif
