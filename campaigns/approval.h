/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Submit, approve, return. An approval is bound to a digest of everything that decides who gets what and when; when any of
 * it changes, the approval is void and must be given again. */
#ifndef CAUNOI_CAMPAIGNS_APPROVAL_H
#define CAUNOI_CAMPAIGNS_APPROVAL_H

#include "campaigns/audience.h"
#include "campaigns/campaign.h"

/* Text, class, topic, channel, schedule, rule, the versions of its lists, and the values of the facts that the text quotes: those stand
 * in a half of their own. E_NOMEM or the database's error. */
MUST_CHECK int approval_digest(const struct scope *in, const struct campaign *c, const struct audience *a, uint8_t ret[CAMPAIGN_DIGEST_BYTES]);
/* The same in hex, as preview tells it and approve may be given it; *ret is the caller's. As approval_digest, and E_NOMEM. */
MUST_CHECK int approval_digest_text(const struct scope *in, const struct campaign *c, const struct audience *a, char **ret);
/* Does the approval still fit what is there now? 1, 0 or negative. */
MUST_CHECK int approval_holds(const struct scope *in, const struct campaign *c, const struct audience *a);
/* The same of the facts alone. */
MUST_CHECK int approval_facts_hold(const struct scope *in, const struct campaign *c);
/* Does it go to more people than one person may decide for? */
bool approval_is_large(const struct scope *in, const struct campaign *c, const struct audience *a);
/* Must a second person look at it? A large one, an emergency. */
bool approval_needs_two(const struct scope *in, const struct campaign *c, const struct audience *a);
/* Is the person who approved enough for as many as it goes to by now? */
bool approval_suffices(const struct scope *in, const struct campaign *c, const struct audience *a);
/* May the caller be the second person, where one is needed? E_REFUSED with *why (409, "two_person"). */
MUST_CHECK int approval_check_second(const struct scope *in, const struct call *call, const struct campaign *c, const struct audience *a,
				     struct refusal *why);
/* audience_parse with the refusal filled. */
MUST_CHECK int approval_audience(const struct scope *in, const struct campaign *c, struct audience *ret, struct refusal *why);

int approval_submit(struct tick *t, const struct call *call, json_t **ret, struct refusal *why);
int approval_approve(struct tick *t, const struct call *call, json_t **ret, struct refusal *why);
int approval_return(struct tick *t, const struct call *call, json_t **ret, struct refusal *why);

#endif
