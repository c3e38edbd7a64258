/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Households that signed up: how many came how far (T8), the list for whoever visits them, and the list that is posted in public, which has
 * neither codes nor anything by which somebody is found. */
#ifndef CAUNOI_REPORT_HOUSEHOLDS_H
#define CAUNOI_REPORT_HOUSEHOLDS_H

#include "console/report/extent.h"

/* By programme and commune: what happened in the period. *ret NULL where nobody ever signed up. */
MUST_CHECK int households_sheet(const struct extent *s, json_t **ret);
/* Who signed up in the period, with names. */
MUST_CHECK int households_list_sheet(const struct extent *s, json_t **ret);
/* Who got a result in the period: head, hamlet, result. */
MUST_CHECK int households_posted_sheet(const struct extent *s, json_t **ret);

extern const struct sql_module households_module;

#endif
