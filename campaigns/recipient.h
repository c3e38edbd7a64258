/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One person of an audience: may the campaign reach them, and with which words. The same judgement serves preview and
 * planner, so that what was shown is what is sent. */
#ifndef CAUNOI_CAMPAIGNS_RECIPIENT_H
#define CAUNOI_CAMPAIGNS_RECIPIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "campaigns/audience.h"
#include "campaigns/campaign.h"
#include "campaigns/occurrence.h"
#include "campaigns/template.h"

struct recipient {
	int64_t person, address;
	int64_t earlier;                  /* the first other person of the number; 0 = none */
	char network[24];                 /* operator by prefix, "" unknown */
	char *text;                       /* merged; NULL when left out */
	int64_t until_ms;                 /* a dated fact of the text ends then; 0 = none does */
	const char *reason;               /* NULL: gets the message; else a reason of the contract */
	char tail[OCCURRENCE_TAIL_BYTES]; /* of the key, by the turn */
	int64_t day;                      /* of a preview: the date that the schedule follows, days since 1970; 0 = none */
	char missing[TEMPLATE_KEY_BYTES]; /* the key without a value, with reason "missing_value" */
};
void recipient_done(struct recipient *r);

/* Asks ahead for what recipient_judge will want of a person. */
void recipient_ahead(const struct scope *in, int64_t person, int64_t seq);
/* Judges a member. E_NOT_FOUND: not part of the audience after all (another territory, staged), or not in this turn; E_CORRUPT, E_NOMEM. Reasons:
 * invalid_number opted_out no_consent dnc no_route (no configured channel takes the network) missing_value expired_fact duplicate (an earlier person of the same number gets the same text). */
MUST_CHECK int recipient_judge(const struct scope *in, const struct campaign *c, const struct audience *a, int64_t person, int64_t seq,
			       struct recipient *ret);

extern const struct sql_module recipient_module;

#endif
