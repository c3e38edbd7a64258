/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What somebody writes of a campaign: its words, for whom, when, by which way. A new campaign is made of it; one that is not handed in,
 * or was returned, is written anew. */
#ifndef CAUNOI_CAMPAIGNS_DRAFT_H
#define CAUNOI_CAMPAIGNS_DRAFT_H

#include "campaigns/campaign.h"

#define DRAFT_TEXT_BYTES_MAX 4096

struct draft {
	char *text, *audience, *schedule; /* schedule: NULL = once */
	const char *topic;                /* borrowed; NULL = none */
	int64_t start_at;                 /* 0 = none said */
	enum message_class class;
};
void draft_done(struct draft *d);

/* From the arguments of campaign.new and campaign.set; ends with draft_done. E_INVALID, E_NOT_FOUND with *why; E_NOMEM. */
MUST_CHECK int draft_read(struct tick *t, const struct call *call, struct draft *ret, struct refusal *why);
/* A row in state "draft", with its flow. */
MUST_CHECK int draft_new(struct tick *t, const struct call *call, const struct draft *d, int64_t *ret_id);
/* Over a campaign in state "draft" or "returned", which it stays in; the caller is its author now. E_REFUSED: it is in another one. */
MUST_CHECK int draft_over(struct tick *t, const struct call *call, const struct draft *d, const struct campaign *c);

extern const struct sql_module draft_module;

#endif
