/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people said of draft policies: a row a draft, with the codes of its cases. */
#ifndef CAUNOI_REPORT_CRITIQUE_H
#define CAUNOI_REPORT_CRITIQUE_H

#include "console/report/extent.h"

/* *ret stays NULL when no draft was spoken of in the period. */
MUST_CHECK int critique_sheet(const struct extent *s, json_t **ret);

extern const struct sql_module critique_module;

#endif
