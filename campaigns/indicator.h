/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programme figures of a unit and year beside their targets, for the annual report: which there are is data (reports/indicators.conf), the
 * figures are rows that the staff keep. Numbers have one digit behind the comma at most and are kept as tenths. */
#ifndef CAUNOI_CAMPAIGNS_INDICATOR_H
#define CAUNOI_CAMPAIGNS_INDICATOR_H

#include <jansson.h>

#include "gateway/base/complaint.h"
#include "gateway/scope.h"
#include "gateway/verb.h"

struct sql_module;

/* [{"code","field","title","measure","by","direction":"at_least"|"at_most","last","value","target","reached","source"}] in the file's order: "last" and
 * "value" are the figures of the year before and of the year, integers or reals, null where none was kept; "reached" is null without one;
 * target and source are the row's where it says some. *ret is the caller's; E_CONFIG with *c when the data file is wrong or missing. */
MUST_CHECK int indicator_table(const struct scope *in, const char *unit, int year, json_t **ret, struct complaint *c);
/* "96,5", "96.5", "1200" as tenths. E_INVALID for anything else, for a second digit behind the comma and beyond 10^9. */
MUST_CHECK int indicator_parse(const char *text, int64_t *ret_tenths);

extern const struct verb_table indicator_verbs;
extern const struct sql_module indicator_module;

#endif
