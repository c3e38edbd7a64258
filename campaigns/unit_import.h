/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unit import: the list of administrative units from a CSV or XLSX file, all or nothing: the file is looked through before anything is
 * written. Columns code, name, kind, parent, from, to, successor, in English or Vietnamese. Result as that of imports of people. */
#ifndef CAUNOI_CAMPAIGNS_UNIT_IMPORT_H
#define CAUNOI_CAMPAIGNS_UNIT_IMPORT_H

#include "gateway/job.h"
#include "gateway/verb.h"

extern const struct job_kind unit_import_job;
extern const struct verb_table unit_import_verbs;

#endif
