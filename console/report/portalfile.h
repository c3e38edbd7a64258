/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file that hands cases over to the Front's national site: as objects for a program (docs/handover.md) and as one table for people.
 * Codes, words without anybody's number, no sender. */
#ifndef CAUNOI_REPORT_PORTALFILE_H
#define CAUNOI_REPORT_PORTALFILE_H

#include "console/report/extent.h"

/* The cases that the order marked, as they are now; one that was restricted or joined to another since stays here. Both the caller's. */
MUST_CHECK int portalfile_make(const struct extent *s, json_t **ret_sheet, json_t **ret_exchange);

extern const struct sql_module portalfile_module;

#endif
