/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists of cases for people to read: petitions (T4), their split by competence for a session, closings that deserve a second look.
 * Restricted cases are never among them: a line says how many there were. */
#ifndef CAUNOI_REPORT_PETITIONS_H
#define CAUNOI_REPORT_PETITIONS_H

#include "console/report/extent.h"

/* T4: proposals and complaints, and whatever was passed on to a competent body. */
MUST_CHECK int petitions_sheet(const struct extent *s, json_t **ret);
/* The same for a session: *ret_central and *ret_local by reports.conf. */
MUST_CHECK int petitions_by_competence(const struct extent *s, json_t **ret_central, json_t **ret_local);

extern const struct sql_module petitions_module;

#endif
