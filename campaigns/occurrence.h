/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One turn of a campaign that has a schedule: the n-th time it is sent (wave 0) or a reminder of that. What waits is a row with its hour; what
 * has gone by during an outage or a pause is missed, never made up for. A turn is planned as a campaign is, with keys of its own:
 *
 *   campaign:ID:PERSON            the first time        campaign:ID:PERSON:DATE:DAYS   DAYS after a person's own DATE (days since 1970)
 *   campaign:ID:PERSON:N:WAVE     what comes later */
#ifndef CAUNOI_CAMPAIGNS_OCCURRENCE_H
#define CAUNOI_CAMPAIGNS_OCCURRENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "campaigns/campaign.h"
#include "campaigns/schedule.h"
#include "gateway/tick.h"

#define OCCURRENCE_LATE_MS (INT64_C(24) * 3600000) /* no schedule comes twice within it */

struct occurrence {
	int64_t id; /* 0: none yet, in a preview */
	int64_t n;
	int wave;
	int64_t due_at, day; /* day: local, days since 1970 */
	struct schedule schedule;
};

/* Puts the first one. *ret_due_at: its moment. E_NOT_FOUND: the schedule has no day left. */
MUST_CHECK int occurrence_first(struct tick *t, const struct campaign *c, int64_t earliest, int64_t *ret_due_at);
/* The soonest that waits. E_NOT_FOUND. */
MUST_CHECK int occurrence_waiting(const struct scope *in, const struct campaign *c, struct occurrence *ret);
/* The one that is being planned. E_NOT_FOUND. */
MUST_CHECK int occurrence_planning(const struct scope *in, const struct campaign *c, struct occurrence *ret);
/* Is it too late for it? */
bool occurrence_is_late(const struct scope *in, const struct occurrence *o);
/* It is sent now, or missed: puts what follows it. */
MUST_CHECK int occurrence_begin(struct tick *t, const struct campaign *c, const struct occurrence *o);
MUST_CHECK int occurrence_miss(struct tick *t, const struct campaign *c, const struct occurrence *o);
/* Everybody of it is planned. */
MUST_CHECK int occurrence_end(struct tick *t, const struct occurrence *o);

/* Is it a person's turn? Not when the person has answered since an earlier message of the same date or time. fields: the person's columns as JSON text, may be
 * NULL. tail: what the key ends with. 1, 0, or negative. */
#define OCCURRENCE_TAIL_BYTES 48
int occurrence_takes(const struct scope *in, const struct campaign *c, const struct occurrence *o, int64_t person, const char *fields,
		     char tail[OCCURRENCE_TAIL_BYTES]);
/* The person's own date, days since 1970. E_NOT_FOUND: none, or none that can be read. */
MUST_CHECK int occurrence_date(const struct schedule *s, const char *fields, int64_t *ret_day);

extern const struct sql_module occurrence_module;

#endif
