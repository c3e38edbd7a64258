/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people corrected in the gateway's reading of messages: one row a correction, given back as rows for the keyword files.
 * Written by refile.c; texts leave without the numbers in them. */
#ifndef CAUNOI_HANDLERS_CORRECTION_H
#define CAUNOI_HANDLERS_CORRECTION_H

#include "gateway/store/store.h"
#include "gateway/tick.h"
#include "gateway/verb.h"

struct correction {
	int64_t inbound;
	const char *actor, *kind_was, *topic_was, *why_was; /* topic_was and why_was may be NULL */
	const char *kind, *topic, *note;                    /* topic and note may be NULL */
};

MUST_CHECK int correction_put(struct tick *t, const struct correction *c);
/* inbox export-corrections. */
int correction_list(const struct scope *in, const struct call *c, json_t **ret, int64_t *ret_next, struct refusal *why);

extern const struct sql_module correction_module;

#endif
