/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was done, by whom, in a chain of hashes. The words of an entry are sealed beside it and only committed to
 * (hash of salt and words), so that erasing them keeps the chain whole. */
#ifndef CAUNOI_GATEWAY_AUDIT_H
#define CAUNOI_GATEWAY_AUDIT_H

#include "gateway/tick.h"
#include "gateway/verb.h"

/* Appends one entry to chain "main". verb "campaign.approve", subject "campaign:12"; detail (may be NULL) is sealed. */
MUST_CHECK int audit_put(struct tick *t, const char *actor, const char *verb, const char *subject, const char *detail);
/* The words of an entry about something that its actor may not know of: the answer was that there is nothing. */
#define AUDIT_ATTEMPT "refused: not_found"
/* The newest entry; seq 0 and a hash of zeros while there is none. */
MUST_CHECK int audit_head(const struct scope *in, int64_t *ret_seq, uint8_t ret_hash[32]);

/* Is the subject ("case:7", "inbound:9", "message:3") of a restricted case that this territory may not know of? 1, 0, or negative. */
MUST_CHECK int audit_is_hidden(const struct scope *in, const char *subject, const char *territory);

/* Behind a 404 about a message: where it is there and of a restricted case that the caller may not know of, the refusal says so to the audit
 * (kind "inbound", "message"). */
void audit_attempt(const struct scope *in, const struct call *c, const char *kind, int64_t id, struct refusal *why);

extern const struct verb_table audit_verbs;
extern const struct sql_module audit_module;

#endif
