/* SPDX-License-Identifier: GPL-3.0-or-later */
/* group count and unit count: how many people a rule means before any campaign is written for it, in all or by unit. Many are counted by a
 * job, as a preview is. Result {"rule","count"}, of unit count with "units":[{"unit","count"}], of group count with left-out also
 * "excluded":{reason: n} and "left_out":[{"id","name","reason"}], the first of them. */
#ifndef CAUNOI_CAMPAIGNS_HEADCOUNT_H
#define CAUNOI_CAMPAIGNS_HEADCOUNT_H

#include "gateway/job.h"
#include "gateway/verb.h"

#define HEADCOUNT_DIRECT_MAX 1000 /* people who may be meant; more is a job */
#define HEADCOUNT_JUDGED_MAX 400  /* the same, where each is judged */

extern const struct job_kind headcount_job, headcount_units_job;
extern const struct verb_table headcount_verbs;

#endif
