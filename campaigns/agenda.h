/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dates of a schedule as people see them: the next five, and how many people each is for. Called by the verbs, by preview and by the
 * shape of a campaign. Reads only. */
#ifndef CAUNOI_CAMPAIGNS_AGENDA_H
#define CAUNOI_CAMPAIGNS_AGENDA_H

#include <jansson.h>

#include "campaigns/campaign.h"
#include "campaigns/schedule.h"

/* What was asked for, with "next" [{"at","wave"}] (none once it is over) and "missed", how many turns were; null without a schedule. Of a date of each person "next" says when
 * somebody's day is looked for. The caller's. */
MUST_CHECK int agenda_of_campaign(const struct scope *in, const struct campaign *c, json_t **ret);
/* One person who would be reached, with the date that the schedule follows (0 = none), into counts by day. */
MUST_CHECK int agenda_add(const struct scope *in, const struct campaign *c, const struct schedule *s, int64_t date, json_t *counts);
/* "dates" [{"at","wave","people"}] of a preview; of a reminder people are at most as many. */
MUST_CHECK int agenda_of_preview(const struct scope *in, const struct campaign *c, const json_t *sums, json_t *preview);
/* When the first message may leave, as far as is known; 0 = when started. */
int64_t agenda_start(const struct scope *in, const struct campaign *c);

/* campaign.dates */
int agenda_verb(const struct scope *in, const struct call *call, json_t **ret, int64_t *ret_next, struct refusal *why);
extern const struct sql_module agenda_module;

#endif
