/* SPDX-License-Identifier: GPL-3.0-or-later */
/* campaign results: what became of it, by kind of answer and by unit, without anybody's number or words. Shape: {"id","name","state","total",
 * "reached","answered","opt_outs","answered_percent","answers":[{"kind","people"}],"units":[{"unit","reached","answered"}]}. */
#ifndef CAUNOI_CAMPAIGNS_RESULTS_H
#define CAUNOI_CAMPAIGNS_RESULTS_H

#include "gateway/verb.h"

extern const struct verb_table results_verbs;
extern const struct sql_module results_module;

#endif
