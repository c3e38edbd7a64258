/* SPDX-License-Identifier: GPL-3.0-or-later */
/* contact import: a list of people from a CSV or XLSX file, all or nothing. The verb makes a job; each of its steps reads some rows,
 * checks and stages them; from the first refused row on it only reads. Import shape: {"rows","added","updated","unchanged",
 * "duplicate","refused":[{"row","column","value","reason"}],"reasons":{reason: n}}. A file with refused rows fails the job with
 * rule "import_refused" and the shape as its result. */
#ifndef CAUNOI_CAMPAIGNS_IMPORT_H
#define CAUNOI_CAMPAIGNS_IMPORT_H

#include "gateway/job.h"
#include "gateway/verb.h"

#define IMPORT_REFUSED_LISTED 1000

extern const struct job_kind import_job;
extern const struct verb_table import_verbs;
extern const struct sql_module import_module, import_verbs_module;

#endif
