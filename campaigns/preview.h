/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What would go out: people, who is left out and why, segments, cost, samples, lint. Small audiences are answered at once,
 * large ones by a job; both walk the same way in pieces and keep the sums as JSON, which is the job's cursor. */
#ifndef CAUNOI_CAMPAIGNS_PREVIEW_H
#define CAUNOI_CAMPAIGNS_PREVIEW_H

#include <jansson.h>

#include "campaigns/audience.h"
#include "campaigns/campaign.h"
#include "gateway/job.h"

#define PREVIEW_DIRECT_MAX 500 /* people */

/* Fresh sums; the caller's. NULL on no memory. */
json_t *preview_sums(void);
/* Adds the next n members. E_AGAIN: there are more. */
MUST_CHECK int preview_add(const struct scope *in, const struct campaign *c, const struct audience *a, int n, json_t *sums);
/* Lint by text and sums. */
MUST_CHECK int preview_lint(const struct scope *in, const struct campaign *c, const json_t *sums, json_t **ret);
/* The preview shape of the contract. */
MUST_CHECK int preview_json(const struct scope *in, const struct campaign *c, const json_t *sums, json_t **ret);

int preview_verb(struct tick *t, const struct call *call, json_t **ret, struct refusal *why);
extern const struct job_kind preview_job;
extern const struct sql_module preview_module;

#endif
