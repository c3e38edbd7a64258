/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A campaign's course after the approval: start, pause, resume, cancel, and the duty that starts scheduled ones, lets the
 * planner go on, clears cancelled ones and notices when one is through. */
#ifndef CAUNOI_CAMPAIGNS_COURSE_H
#define CAUNOI_CAMPAIGNS_COURSE_H

#include "campaigns/campaign.h"
#include "gateway/duty.h"

/* Above two_person_above recipients "confirm" must be the counted total and the first message leaves start_delay_s later;
 * with a start in the future the campaign waits as scheduled. */
int course_start(struct tick *t, const struct call *call, json_t **ret, struct refusal *why);
int course_pause(struct tick *t, const struct call *call, json_t **ret, struct refusal *why);
int course_resume(struct tick *t, const struct call *call, json_t **ret, struct refusal *why);
int course_cancel(struct tick *t, const struct call *call, json_t **ret, struct refusal *why);

extern const struct duty course_duty;
extern const struct sql_module course_module;

#endif
