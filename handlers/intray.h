/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every message that arrived and what became of it: inbox list, inbox show; and the rows of the verbs that correct it. Reads only. */
#ifndef CAUNOI_HANDLERS_INTRAY_H
#define CAUNOI_HANDLERS_INTRAY_H

#include "gateway/store/store.h"
#include "gateway/territory.h"
#include "gateway/verb.h"

/* In a query over inbound i and its casefile c: what the caller may see, whom intray_bind binds. Messages without a case have no
 * place of their own: they are everybody's who may read the inbox at all. What accuses somebody is read by those who handle it, and what
 * nobody has read yet may be an accusation. */
#define INTRAY_SEEN "(($handles = 1 OR i.state IN ('handled', 'joined')) AND (c.id IS NULL OR (($handles = 1 OR c.restricted = 0) AND " CASE_SEEN("c", "$territory") ")))"
void intray_bind(struct statement *st, const struct call *c);

/* One message in the contract's shape, for this caller. E_NOT_FOUND. */
MUST_CHECK int intray_one(const struct scope *in, int64_t id, const struct call *c, json_t **ret);

extern const struct verb_table inbox_verbs;
extern const struct sql_module intray_module;

#endif
